import type { Clock } from "../base/clock";
import { messageOf, type Log } from "../base/log";
import type { DelegationTargets } from "../core/actions";

/** Another worker's name by its id, where it is known. */
export type NameOf = (workerId: string) => string | undefined;

/** How long nobody asks again after a list without the name, or an error. */
const againMs = 300_000;

/** The names of the workers that runs go to. The platform is asked once a name is missing, never before, and not often. */
export class WorkerNames {
  readonly #names = new Map<string, string>();
  readonly #list: () => Promise<DelegationTargets>;
  readonly #learnt: () => void;
  readonly #clock: Clock;
  readonly #log: Log;
  #askedAt: number | undefined;

  /** @param learnt called when there are names that were missing. */
  constructor(list: () => Promise<DelegationTargets>, learnt: () => void, clock: Clock, log: Log) {
    this.#list = list;
    this.#learnt = learnt;
    this.#clock = clock;
    this.#log = log;
  }

  readonly nameOf: NameOf = (workerId) => {
    const name = this.#names.get(workerId);
    if (name === undefined) this.#ask();
    return name;
  };

  #ask(): void {
    const now = this.#clock.monotonic();
    if (this.#askedAt !== undefined && now - this.#askedAt < againMs) return;
    this.#askedAt = now;
    this.#list().then(
      ({ workers }) => {
        for (const { workerId, name } of workers) this.#names.set(workerId, name);
        if (workers.length > 0) this.#learnt();
      },
      // The id stands in its place.
      (error: unknown) => this.#log.info("the workers' names are not known", { error: messageOf(error) }),
    );
  }
}
