import { untilAborted } from "../../src/base/background";
import { onDispose, type Disposable } from "../../src/base/disposable";
import type { Configuration, Configurations } from "../../src/core/ports/configurations";
import type { Slots } from "../../src/core/ports/machine";
import type { Held, WorkerLock } from "../../src/core/ports/machineLock";
import { diskError } from "../fakes/memoryDisk";
import { FakeConfigurations } from "../fakes/fakeConfigurations";
import type { Life } from "./life";
import type { Platter } from "./simDisk";

/** What all windows of the machine share, and what the system frees when a process dies. */
export class Machine {
  readonly #locks = new Map<string, Life>();
  readonly #slots: { readonly life: Life; readonly holder: string }[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #stored = new FakeConfigurations();
  readonly #platter: Platter;
  readonly #now: () => number;
  /** Slots that programs of others hold. */
  elsewhere = 0;
  mostSlots = 0;
  readonly errors: string[] = [];

  constructor(platter: Platter, now: () => number) {
    this.#platter = platter;
    this.#now = now;
  }

  get locked(): readonly string[] {
    return [...this.#locks.keys()];
  }

  get slotsHeld(): number {
    return this.#slots.length;
  }

  holdsSlot(life: Life, sessionId: string): boolean {
    return this.#slots.some((slot) => slot.life === life && slot.holder === sessionId);
  }

  configuration(folder: string, origin: string): Configuration | undefined {
    return this.#stored.stored.get(JSON.stringify([folder, origin]));
  }

  /** What an earlier sign-in left. */
  async store(configuration: Configuration): Promise<void> {
    await this.#stored.set(configuration);
  }

  died(life: Life): void {
    for (const [name, holder] of this.#locks) if (holder === life) this.#locks.delete(name);
    for (let index = this.#slots.length - 1; index >= 0; index -= 1) {
      if (this.#slots[index]?.life === life) this.#slots.splice(index, 1);
    }
    this.#wakeAll();
  }

  configurationsOf(life: Life): Configurations {
    const stored = this.#stored;
    return {
      get: (folder, origin) => life.call(() => stored.get(folder, origin)),
      set: (configuration) =>
        life.call(() => {
          const { trouble } = this.#platter;
          if (trouble !== undefined && this.#now() < trouble.until && trouble.share > 0.5) {
            throw diskError(trouble.code);
          }
          return stored.set(configuration);
        }),
      delete: (folder, origin) => life.call(() => stored.delete(folder, origin)),
    };
  }

  lockOf(life: Life): WorkerLock {
    return {
      tryHold: (name) => life.call(() => this.#tryHold(life, name)),
      untilFree: async (name, signal) => {
        while (this.#locks.has(name)) await this.#untilChange(signal);
        if (!life.step()) await new Promise(() => undefined);
      },
    };
  }

  slotsOf(life: Life): Slots {
    return {
      tryAcquire: (limit, holder) =>
        life.call(() =>
          this.#slots.length + this.elsewhere >= limit ? undefined : this.#slot(life, holder),
        ),
    };
  }

  #tryHold(life: Life, name: string): Held | undefined {
    if (this.#locks.has(name)) return undefined;
    this.#locks.set(name, life);
    return onDispose(() => {
      if (life.over) return;
      this.#locks.delete(name);
      this.#wakeAll();
    });
  }

  #slot(life: Life, holder: string): Disposable {
    const slot = { life, holder };
    this.#slots.push(slot);
    this.mostSlots = Math.max(this.mostSlots, this.#slots.length);
    let given = false;
    return {
      dispose: () => {
        if (life.over) return;
        if (given) this.errors.push(`the slot of ${holder} is given back twice`);
        given = true;
        this.#slots.splice(this.#slots.indexOf(slot), 1);
      },
    };
  }

  async #untilChange(signal: AbortSignal): Promise<void> {
    const waiter: { wake: () => void } = { wake: () => undefined };
    const woken = new Promise<void>((resolve) => (waiter.wake = resolve));
    this.#waiting.add(waiter.wake);
    try {
      await untilAborted(woken, signal);
    } finally {
      this.#waiting.delete(waiter.wake);
    }
  }

  #wakeAll(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}
