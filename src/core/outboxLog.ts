import { messageOf, type Log } from "../base/log";
import { applyOutbox, type OutboxEntry, type OutboxState } from "./outbox";

export interface OutboxLogDeps {
  readonly log: Log;
  readonly sessionId: string;
  /** What the disk knows of this claim. */
  readonly initial: OutboxState;
  /** Resolves when the entry is on the disk. */
  readonly append: (entry: OutboxEntry) => Promise<void>;
}

/**
 * The outbox of one claim, in memory and on the disk. A disk that does not take an entry stops no report: that is logged,
 * and everything is noted anew as soon as the disk takes it again.
 */
export class OutboxLog {
  readonly #deps: OutboxLogDeps;
  #state: OutboxState;
  #failures = 0;
  #behind = false;

  constructor(deps: OutboxLogDeps) {
    this.#deps = deps;
    this.#state = deps.initial;
  }

  get state(): OutboxState {
    return this.#state;
  }

  /** Resolves when the entry is on the disk, or the disk has refused it. Never rejects. */
  async add(entry: OutboxEntry): Promise<void> {
    this.#state = applyOutbox(this.#state, entry);
    const { append, log, sessionId } = this.#deps;
    const mends = this.#behind;
    const failuresBefore = this.#failures;
    try {
      await append(mends ? { kind: "restated", state: this.#state } : entry);
      if (!mends || failuresBefore !== this.#failures || !this.#behind) return;
      this.#behind = false;
      log.info("reports are noted on the disk again", { sessionId });
    } catch (error) {
      this.#failures += 1;
      if (!this.#behind) {
        log.error("a report could not be noted on the disk; it is sent all the same", {
          sessionId,
          message: messageOf(error),
        });
      }
      this.#behind = true;
    }
  }
}
