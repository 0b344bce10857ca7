import { onDispose } from "../../src/base/disposable";
import type { Configuration, Configurations } from "../../src/core/ports/configurations";
import { untilAborted } from "../../src/base/background";
import type { Held, WorkerLock } from "../../src/core/ports/machineLock";

/** Configurations in memory, shared by the windows of a machine. */
export class FakeConfigurations implements Configurations {
  readonly stored = new Map<string, Configuration>();
  readonly sets: Configuration[] = [];
  /** Thrown by every write while set, as on a full disk. */
  failure: Error | undefined;
  readFailure: Error | undefined;
  /** Every write waits for it. */
  gate: Promise<void> = Promise.resolve();

  async get(folder: string, origin: string): Promise<Configuration | undefined> {
    await Promise.resolve();
    if (this.readFailure !== undefined) throw this.readFailure;
    return this.stored.get(JSON.stringify([folder, origin]));
  }

  async set(configuration: Configuration): Promise<void> {
    await this.gate;
    if (this.failure !== undefined) throw this.failure;
    const { folder, origin } = configuration;
    this.stored.set(JSON.stringify([folder, origin]), configuration);
    this.sets.push(configuration);
  }

  async delete(folder: string, origin: string): Promise<void> {
    await Promise.resolve();
    this.stored.delete(JSON.stringify([folder, origin]));
  }
}

/** A lock between the windows of one machine. */
export class FakeMachineLock implements WorkerLock {
  readonly held = new Set<string>();
  /** Thrown by the next tries while set. */
  failure: Error | undefined;
  /** Takes what is held away from its holder, as another container does. */
  readonly #robbed = new Map<string, () => void>();
  readonly #waiting = new Set<() => void>();

  async tryHold(name: string): Promise<Held | undefined> {
    await Promise.resolve();
    if (this.failure !== undefined) throw this.failure;
    if (this.held.has(name)) return undefined;
    this.held.add(name);
    const lost = new AbortController();
    this.#robbed.set(name, () => lost.abort());
    const freed = onDispose(() => {
      this.held.delete(name);
      for (const wake of this.#waiting) wake();
    });
    return { dispose: () => freed.dispose(), lost: lost.signal };
  }

  async untilFree(name: string, signal: AbortSignal): Promise<void> {
    if (!this.held.has(name)) return;
    const waiter: { wake: () => void } = { wake: () => undefined };
    const woken = new Promise<void>((resolve) => (waiter.wake = resolve));
    this.#waiting.add(waiter.wake);
    try {
      await untilAborted(woken, signal);
    } finally {
      this.#waiting.delete(waiter.wake);
    }
  }

  /** Another process took the name over, whatever this machine's windows believe. */
  rob(name: string): void {
    this.#robbed.get(name)?.();
  }
}
