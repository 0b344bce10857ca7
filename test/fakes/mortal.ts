import { forgetOpen } from "../leaks";

/** A process that can be killed: nothing that it calls answers any more, nothing that it asks for is done. */
export class Life {
  #over = false;
  /** How often something outside was asked, or answered. */
  steps = 0;
  readonly #diesAt: number;
  readonly #onDeath: () => void;

  /** @param diesAt the step at which it dies by itself. */
  constructor(diesAt = Infinity, onDeath: () => void = () => undefined) {
    this.#diesAt = diesAt;
    this.#onDeath = onDeath;
  }

  get over(): boolean {
    return this.#over;
  }

  end(): void {
    forgetOpen();
    this.#over = true;
  }

  /** The same port as a process with this life sees it. @param sync methods that answer at once, dead or alive. */
  of<T extends object>(target: T, sync: readonly string[] = []): T {
    return new Proxy(target, {
      get: (inner, key): unknown => {
        const value: unknown = Reflect.get(inner, key, inner);
        if (typeof value !== "function" || sync.includes(String(key))) {
          return typeof value === "function" ? (value.bind(inner) as unknown) : value;
        }
        return async (...args: unknown[]): Promise<unknown> => {
          await this.#goOn();
          // Another call may have been its last step, between that answer and now.
          if (this.#over) await never();
          try {
            return (await Reflect.apply(value, inner, args)) as unknown;
          } finally {
            await this.#goOn();
          }
        };
      },
    });
  }

  /** Never resolves for the dead. */
  async #goOn(): Promise<void> {
    this.steps += 1;
    if (this.steps >= this.#diesAt && !this.#over) {
      this.end();
      this.#onDeath();
    }
    if (this.#over) await never();
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
