/** Something that must be given back. */
export interface Disposable {
  dispose(): void;
}

/** Owns disposables; what is added after disposal is disposed at once, so nothing can slip through. */
export class DisposableStore implements Disposable {
  readonly #owned = new Set<Disposable>();
  #disposed = false;

  get isDisposed(): boolean {
    return this.#disposed;
  }

  /** Takes ownership and hands the same object back, so that opening and owning are one expression. */
  add<T extends Disposable>(disposable: T): T {
    if (this.#disposed) disposable.dispose();
    else this.#owned.add(disposable);
    return disposable;
  }

  /** Disposes in reverse order; every disposable is tried, errors are joined. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const errors: unknown[] = [];
    for (const one of [...this.#owned].reverse()) {
      try {
        one.dispose();
      } catch (error) {
        errors.push(error);
      }
    }
    this.#owned.clear();
    if (errors.length > 0) throw new AggregateError(errors, "disposing failed");
  }
}

/** Makes a disposable that runs `action` once. */
export function onDispose(action: () => void): Disposable {
  let done = false;
  return {
    dispose: () => {
      if (done) return;
      done = true;
      action();
    },
  };
}
