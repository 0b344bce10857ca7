import { applyOutbox, emptyOutbox, type OutboxState } from "../../core/outbox";
import type { AttemptRecord } from "../../core/ports/journal";
import { believedTime, instantOf, latestDays } from "../believedTime";
import type { JournalLine } from "./lines";

const keptMs = 30 * 24 * 3_600_000;
/** Finished attempts beyond this many are dropped, oldest first. */
const keptFinished = 500;

/** What the lines of a journal add up to. */
export class Notes {
  readonly #records = new Map<string, AttemptRecord>();
  /** By session, then by claim. */
  readonly #outboxes = new Map<string, Map<string, OutboxState>>();

  /** Of the days on which segments were begun, the latest. */
  #seenAt: readonly number[] = [];

  get seenAt(): readonly number[] {
    return this.#seenAt;
  }

  list(): readonly AttemptRecord[] {
    return [...this.#records.values()].sort((one, other) => one.startedAt - other.startedAt);
  }

  outbox(sessionId: string, claimId: string): OutboxState {
    return this.#outboxes.get(sessionId)?.get(claimId) ?? emptyOutbox;
  }

  apply(line: JournalLine): void {
    switch (line.kind) {
      case "head":
        this.#seenAt = latestDays([...this.#seenAt, ...line.seenAt, line.at]).map(instantOf);
        return;
      case "record": {
        const { sessionId, outcome } = line.record;
        this.#records.set(sessionId, line.record);
        // All was told by then, or nobody will listen any more.
        if (outcome !== "running" && outcome !== "abandoned") this.#outboxes.delete(sessionId);
        return;
      }
      case "outbox":
        this.#setOutbox(line.sessionId, line.claimId, line.state);
        return;
      case "entry": {
        const state = applyOutbox(this.outbox(line.sessionId, line.claimId), line.entry);
        // The entry holds what the older claims had left to tell.
        if (line.entry.kind === "carried") this.#outboxes.delete(line.sessionId);
        this.#setOutbox(line.sessionId, line.claimId, state);
      }
    }
  }

  /** Forgets what nobody looks at any more: the attempts that ended long ago, and the oldest of very many. */
  prune(now: number): void {
    const believed = believedTime(now, this.#seenAt);
    const ended = this.list()
      .filter((one) => one.endedAt !== undefined || !["running", "interrupted"].includes(one.outcome))
      .sort((one, other) => endOf(other) - endOf(one));
    for (const [index, one] of ended.entries()) {
      if (index < keptFinished && believed - endOf(one) <= keptMs) continue;
      this.#records.delete(one.sessionId);
      this.#outboxes.delete(one.sessionId);
    }
  }

  /** Lines that give the same notes again. */
  snapshot(): readonly JournalLine[] {
    const lines: JournalLine[] = this.list().map((record) => ({ kind: "record", record }));
    for (const [sessionId, claims] of this.#outboxes) {
      for (const [claimId, state] of claims) lines.push({ kind: "outbox", sessionId, claimId, state });
    }
    return lines;
  }

  #setOutbox(sessionId: string, claimId: string, state: OutboxState): void {
    const claims = this.#outboxes.get(sessionId) ?? new Map<string, OutboxState>();
    claims.set(claimId, state);
    this.#outboxes.set(sessionId, claims);
  }
}

function endOf(record: AttemptRecord): number {
  return record.endedAt ?? record.startedAt;
}
