import { onDispose, type Disposable } from "../../src/base/disposable";
import type { Configuration, Configurations } from "../../src/core/ports/configurations";
import type { MachineLock } from "../../src/core/ports/machineLock";

/** Configurations in memory, shared by the windows of a machine. */
export class FakeConfigurations implements Configurations {
  readonly stored = new Map<string, Configuration>();
  readonly sets: Configuration[] = [];
  /** Thrown by every write while set, as on a full disk. */
  failure: Error | undefined;
  readFailure: Error | undefined;

  async get(folder: string, origin: string): Promise<Configuration | undefined> {
    await Promise.resolve();
    if (this.readFailure !== undefined) throw this.readFailure;
    return this.stored.get(JSON.stringify([folder, origin]));
  }

  async set(configuration: Configuration): Promise<void> {
    await Promise.resolve();
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
export class FakeMachineLock implements MachineLock {
  readonly held = new Set<string>();

  async tryHold(name: string): Promise<Disposable | undefined> {
    await Promise.resolve();
    if (this.held.has(name)) return undefined;
    this.held.add(name);
    return onDispose(() => this.held.delete(name));
  }
}
