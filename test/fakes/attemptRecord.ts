import type { AttemptRecord } from "../../src/core/ports/journal";

/** A running attempt with as little as one can have. */
export function attemptRecord(change: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    sessionId: "s1",
    claimId: "c1",
    title: "Fix it",
    startedAt: 1,
    step: "preparing",
    worktreePath: undefined,
    workingDirectory: undefined,
    branch: "one-horizon/s1",
    baseCommit: undefined,
    baseBranch: undefined,
    headCommit: undefined,
    threadId: undefined,
    marker: undefined,
    tries: 0,
    outcome: "running",
    ran: undefined,
    ending: undefined,
    endedAt: undefined,
    detail: undefined,
    stat: undefined,
    usage: undefined,
    releasedByPerson: false,
    archived: false,
    ...change,
  };
}
