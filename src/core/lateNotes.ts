import { messageOf } from "../base/log";
import { latestAttempt } from "./latestAttempt";
import type { AttemptRecord } from "./ports/journal";
import type { WorkerDeps } from "./workerDeps";

/**
 * Ends of attempts that the disk did not take. Each is noted as soon as it does: else a later process would go on with what
 * has ended, or take again what a person gave back.
 */
export class LateNotes {
  readonly #deps: Pick<WorkerDeps, "journal" | "log">;
  readonly #waiting = new Map<string, AttemptRecord>();

  constructor(deps: Pick<WorkerDeps, "journal" | "log">) {
    this.#deps = deps;
  }

  /** @param record how the attempt ended, as it should have been noted. */
  keep(record: AttemptRecord): void {
    this.#waiting.set(record.sessionId, record);
  }

  /** The end of the session's last attempt has no note: nothing may begin for it. */
  has(sessionId: string): boolean {
    return this.#waiting.has(sessionId);
  }

  /** Tries once. Never rejects. */
  async note(): Promise<void> {
    const { journal, log } = this.#deps;
    for (const record of [...this.#waiting.values()]) {
      const { sessionId } = record;
      try {
        const noted = latestAttempt(journal, sessionId);
        // What the disk has learned since is younger.
        const stands =
          noted === undefined || (noted.claimId === record.claimId && noted.outcome === "running");
        if (stands) await journal.save(record);
        this.#waiting.delete(sessionId);
      } catch (error) {
        log.warn("the end of an attempt could not be noted yet", { sessionId, message: messageOf(error) });
      }
    }
  }
}
