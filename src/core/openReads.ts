import { LinkedAbort } from "../base/abort";
import { untilAborted } from "../base/background";
import { PlatformError } from "./platformError";

/** Reads of the platform that are under way. After a sleep of the machine nobody answers them any more: they are cut off. */
export class OpenReads {
  readonly #open = new Set<LinkedAbort>();

  /** Settles as the read does; rejects with PlatformError (`network`) when it is cut off. */
  async run<T>(signal: AbortSignal, read: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const scope = new LinkedAbort(signal);
    this.#open.add(scope);
    try {
      return await untilAborted(read(scope.signal), scope.signal);
    } finally {
      this.#open.delete(scope);
      scope.dispose();
    }
  }

  cutOff(): void {
    const error = new PlatformError("the machine slept while the platform was asked", {
      reason: "network",
      outcome: "unknown",
      operation: "read",
    });
    for (const one of [...this.#open]) one.abort(error);
  }
}
