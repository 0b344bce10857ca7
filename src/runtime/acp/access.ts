import type { RunRequest } from "../../core/ports/runtime";

/** What the agent may have of us, by the policy. */
export function grantedAccess({ policy }: Pick<RunRequest, "policy">): {
  readonly read: boolean;
  readonly write: boolean;
  readonly terminal: boolean;
} {
  const writes = policy.sandbox !== "read-only";
  return { read: true, write: writes, terminal: writes };
}
