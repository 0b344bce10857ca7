import { tracked } from "./disposable";

/** An AbortController that follows a parent signal until it is disposed. */
export class LinkedAbort {
  readonly #controller = new AbortController();
  readonly #parent: AbortSignal | undefined;
  readonly #follow = (): void => {
    tracked.closed(this);
    this.#controller.abort(this.#parent?.reason);
  };

  constructor(parent?: AbortSignal) {
    this.#parent = parent;
    if (parent?.aborted === true) this.#follow();
    else if (parent !== undefined) {
      // Only a listener on a parent outlives it.
      parent.addEventListener("abort", this.#follow, { once: true });
      tracked.opened(this);
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#controller.abort(reason);
  }

  dispose(): void {
    tracked.closed(this);
    this.#parent?.removeEventListener("abort", this.#follow);
  }
}

/** A signal that never aborts. */
export const neverAborted: AbortSignal = new AbortController().signal;
