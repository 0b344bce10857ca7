export type SandboxMode = "read-only" | "workspace-write" | "danger-full-access";
export type Approvals = "never" | "on-request" | "untrusted";

/** What the coding tool may do. Comes from the owner's checked workflow value alone, never from a session's text. */
export interface RunPolicy {
  readonly sandbox: SandboxMode;
  readonly approvals: Approvals;
  readonly network: boolean;
}
