/** Jobs that wait more than they compute: while one is awaited, those that come after it run already. */
export class LookAhead<T> {
  readonly #jobs: (() => Promise<T>)[] = [];
  readonly #running = new Map<number, Promise<T>>();
  readonly #width: number;

  /** @param width how many run at the same time at most. */
  constructor(width: number) {
    this.#width = width;
  }

  /** Adds a job; what is given back starts it and the ones after it, and resolves with its result. */
  add(job: () => Promise<T>): () => Promise<T> {
    const at = this.#jobs.push(job) - 1;
    return () => {
      for (let next = at; next < at + this.#width; next += 1) void this.#start(next);
      return this.#start(at) ?? Promise.reject(new Error("no such job"));
    };
  }

  /** Resolves when everything that was started is over, however it ended. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running.values());
  }

  #start(at: number): Promise<T> | undefined {
    const known = this.#running.get(at);
    const job = this.#jobs[at];
    if (known !== undefined || job === undefined) return known;
    const running = job();
    // Who awaits it comes later.
    running.catch(() => undefined);
    this.#running.set(at, running);
    return running;
  }
}
