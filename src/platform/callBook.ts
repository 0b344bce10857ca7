import type { OperationId } from "./wire/operations";

/** How the last call of an operation ended. */
export interface CallNote {
  /** Wall clock, milliseconds. */
  readonly at: number;
  /** Undefined: it was carried out. */
  readonly failure: unknown;
}

/** How far the platform's clock is ahead of ours. */
export interface ServerTime {
  /** Milliseconds; negative where ours is ahead. */
  readonly aheadMs: number;
  /** It may be off by this much, milliseconds. */
  readonly uncertaintyMs: number;
}

/** A Date header tells whole seconds. */
const headerStepMs = 1_000;

/** Remembers how the last call of each operation ended, and what time the platform told. Holds nothing of what was sent. */
export class CallBook {
  readonly #last = new Map<OperationId, CallNote>();
  #serverTime: ServerTime | undefined;
  /** Sessions of the last poll that did not fit the contract and were left out. */
  polledMisfits = 0;

  ended(operation: OperationId, at: number, failure?: unknown): void {
    this.#last.set(operation, { at, failure });
  }

  last(operation: OperationId): CallNote | undefined {
    return this.#last.get(operation);
  }

  /** The last answer's time; undefined where no answer has told one. */
  get serverTime(): ServerTime | undefined {
    return this.#serverTime;
  }

  /** @param date the answer's Date header. `sentAt` and `receivedAt` are of our wall clock, milliseconds. */
  heardTime(date: string | null, sentAt: number, receivedAt: number): void {
    const told = date === null ? Number.NaN : Date.parse(date);
    const roundTripMs = receivedAt - sentAt;
    // Our own clock was set meanwhile.
    if (Number.isNaN(told) || roundTripMs < 0) return;
    this.#serverTime = {
      aheadMs: told + headerStepMs / 2 - (sentAt + receivedAt) / 2,
      uncertaintyMs: (headerStepMs + roundTripMs) / 2,
    };
  }
}
