import type { Disposable } from "../../base/disposable";
import type { UsageTotals } from "./platform";

/** A machine-wide execution slot, shared by all workers of this machine. */
export interface Slots {
  /** Undefined when all `limit` slots are taken. Disposing gives the slot back. */
  tryAcquire(limit: number, holder: string): Promise<Disposable | undefined>;
}

/** What must survive a reload of the window about one attempt. */
export interface AttemptRecord {
  readonly sessionId: string;
  readonly claimId: string;
  readonly title: string;
  readonly startedAt: number;
  readonly worktreePath: string | undefined;
  readonly workingDirectory: string | undefined;
  readonly branch: string | undefined;
  readonly baseCommit: string | undefined;
  readonly baseBranch: string | undefined;
  readonly threadId: string | undefined;
  /** The highest activity sequence that was sent under this claim. */
  readonly sequence: number;
  readonly outcome:
    "running" | "completed" | "failed" | "released" | "cancelled" | "abandoned" | "interrupted";
  readonly endedAt: number | undefined;
  /** A sentence on why it ended. */
  readonly detail: string | undefined;
  readonly stat: { readonly files: number; readonly added: number; readonly deleted: number } | undefined;
  /** The thread's running totals, as last told. */
  readonly usage?: UsageTotals | undefined;
  /** True when a person released it: not claimed again by itself. */
  readonly releasedByPerson: boolean;
  readonly archived: boolean;
}

/** Durable notes about attempts, written before the side effect they announce. */
export interface AttemptStore {
  list(): readonly AttemptRecord[];
  save(record: AttemptRecord): Promise<void>;
}
