import type { WorkerState } from "../core/state";
import type { L10n } from "./l10n";
import type { NameOf } from "./workerNames";

/** What every row is drawn from. */
export interface Scene {
  readonly state: Pick<WorkerState, "phase" | "sessions">;
  readonly now: number;
  readonly l10n: L10n;
  /** Did something happen in the session that nobody has looked at? */
  readonly unread: (sessionId: string) => boolean;
  /** Another worker's name, where it is known. */
  readonly nameOf: NameOf;
}
