import { onDispose, type Disposable } from "../../src/base/disposable";
import { applyOutbox, emptyOutbox, type OutboxEntry, type OutboxState } from "../../src/core/outbox";
import type { AttemptRecord, Journal } from "../../src/core/ports/journal";
import type { Slots } from "../../src/core/ports/machine";

/** Slots in memory that notice one given back twice. */
export class FakeSlots implements Slots {
  readonly held: string[] = [];
  taken = 0;
  givenBack = 0;
  /** Slots that other workers of the machine hold. */
  elsewhere = 0;
  /** Thrown by the next acquisitions while set. */
  failure: Error | undefined;
  /** Awaited before a slot is handed out. */
  gate: Promise<void> | undefined;
  #generation = 0;

  /** What the system does when a process dies. */
  freeAll(): void {
    this.givenBack += this.held.length;
    this.held.length = 0;
    this.#generation += 1;
  }

  async tryAcquire(limit: number, holder: string): Promise<Disposable | undefined> {
    await (this.gate ?? Promise.resolve());
    if (this.failure !== undefined) throw this.failure;
    if (this.held.length + this.elsewhere >= limit) return undefined;
    this.held.push(holder);
    this.taken += 1;
    const generation = this.#generation;
    let disposed = false;
    const slot = onDispose(() => undefined);
    return {
      dispose: () => {
        if (disposed) throw new Error(`the slot of ${holder} is given back twice`);
        disposed = true;
        slot.dispose();
        // The system has freed it already when its process was killed in this very moment.
        if (generation !== this.#generation) return;
        this.held.splice(this.held.indexOf(holder), 1);
        this.givenBack += 1;
      },
    };
  }
}

/** Notes that survive a worker, since tests hand the same store to the next one. */
export class FakeJournal implements Journal {
  readonly records = new Map<string, AttemptRecord>();
  readonly saves: AttemptRecord[] = [];
  readonly outboxes = new Map<string, OutboxState>();
  failure: Error | undefined;

  constructor(records: readonly AttemptRecord[] = []) {
    for (const record of records) this.records.set(record.sessionId, record);
  }

  list(): readonly AttemptRecord[] {
    return [...this.records.values()];
  }

  get(sessionId: string): AttemptRecord | undefined {
    return this.records.get(sessionId);
  }

  async save(record: AttemptRecord): Promise<void> {
    await Promise.resolve();
    if (this.failure !== undefined) throw this.failure;
    this.records.set(record.sessionId, record);
    this.saves.push(record);
  }

  outbox(sessionId: string, claimId: string): OutboxState {
    return this.outboxes.get(`${sessionId} ${claimId}`) ?? emptyOutbox;
  }

  async append(sessionId: string, claimId: string, entry: OutboxEntry): Promise<void> {
    await Promise.resolve();
    if (this.failure !== undefined) throw this.failure;
    const state = applyOutbox(this.outbox(sessionId, claimId), entry);
    this.outboxes.set(`${sessionId} ${claimId}`, state);
  }
}
