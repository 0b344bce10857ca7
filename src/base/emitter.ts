import { onDispose, type Disposable } from "./disposable";

/** Subscribe with a listener; dispose to stop. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

/** Fires values to listeners. One listener that throws does not keep the others from hearing. */
export class Emitter<T> implements Disposable {
  readonly #listeners = new Map<(value: T) => void, Disposable>();
  readonly #onError: (error: unknown) => void;

  /** @param onError told of listeners that throw. */
  constructor(onError: (error: unknown) => void = () => undefined) {
    this.#onError = onError;
  }

  readonly event: Event<T> = (listener) => {
    const own = (value: T): void => listener(value);
    const subscription = onDispose(() => this.#listeners.delete(own));
    this.#listeners.set(own, subscription);
    return subscription;
  };

  fire(value: T): void {
    for (const listener of [...this.#listeners.keys()]) {
      // A listener that was disposed by one before it hears no more.
      if (!this.#listeners.has(listener)) continue;
      try {
        listener(value);
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  dispose(): void {
    for (const subscription of [...this.#listeners.values()]) subscription.dispose();
  }
}
