import type { WorkerState } from "../core/state";
import type { L10n } from "./l10n";

/** What is told when a person cancels a publish. Git runs in the window that runs the worker: another one only stops waiting for it. */
export function cancelledPublish(branch: string, { phase }: Pick<WorkerState, "phase">, l10n: L10n): string {
  return phase.kind === "otherWindow"
    ? l10n.t(
        "This window no longer waits for {0}. The window that runs the worker goes on publishing it; its commits are kept here. Look at the remote to see whether it arrived, or publish it again.",
        branch,
      )
    : l10n.t(
        "Publishing {0} was cancelled. Its commits are kept here; the remote may have them already. Publish it again to be sure.",
        branch,
      );
}
