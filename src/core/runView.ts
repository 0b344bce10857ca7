/** How far the run's branch of a session has come: on the remote, then told to the platform. */
export type RunPush = "none" | "pushed" | "confirmed";

/** What a reviewer decided, in the platform's words. */
export type RunVerdict = "approve" | "feedback" | "reject";

/** What the views show of a session that belongs to a workflow run. */
export interface RunView {
  readonly runId: string;
  readonly stepId: string | undefined;
  /** As the platform says it; possibly one that this build does not know. */
  readonly mode: string | undefined;
  /** The run's branch, which its sessions share. */
  readonly branch: string | undefined;
  /** Undefined as long as none is accepted. */
  readonly verdict: RunVerdict | undefined;
  readonly push: RunPush;
  /** The session that handed this one over. */
  readonly parentId: string | undefined;
  /** The session that this one handed the run over to. */
  readonly childId: string | undefined;
  /** Who the run goes to next, where that is another agent's worker or group. */
  readonly nextTarget:
    { readonly targetWorkerId: string | undefined; readonly targetGroupId: string | undefined } | undefined;
  /** A sentence on what the run lacks to go on; undefined while it lacks nothing. */
  readonly missing: string | undefined;
  /** A later session of the run was seen, wherever it is worked on: the run waits for this one no more. */
  readonly movedOn?: true | undefined;
}
