import type { Event } from "../base/emitter";
import type { WorkerState } from "../core/state";

/** Where the views get their snapshots from. */
export interface StateSource {
  readonly state: WorkerState;
  readonly onDidChange: Event<WorkerState>;
}
