/** Something that must be given back. */
export interface Disposable {
  dispose(): void;
}

/** Told of what is opened and given back. Only tests look: what a suite opens and does not give back is a leak. */
export interface DisposableTracker {
  opened(disposable: object): void;
  closed(disposable: object): void;
}

let tracker: DisposableTracker | undefined;

/** Undefined ends the tracking. */
export function trackDisposables(by: DisposableTracker | undefined): void {
  tracker = by;
}

/** For disposables that are made without `onDispose` or a store. */
export const tracked = {
  opened: (disposable: object): void => tracker?.opened(disposable),
  closed: (disposable: object): void => tracker?.closed(disposable),
};

/** Owns disposables; what is added after disposal is disposed at once, so nothing can slip through. */
export class DisposableStore implements Disposable {
  readonly #owned = new Set<Disposable>();
  #disposed = false;

  constructor() {
    tracked.opened(this);
  }

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
    tracked.closed(this);
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
  const disposable = {
    dispose: () => {
      if (done) return;
      done = true;
      tracked.closed(disposable);
      action();
    },
  };
  tracked.opened(disposable);
  return disposable;
}
