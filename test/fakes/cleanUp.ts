import type { CleanUpCandidate } from "../../src/core/cleanUp";
import type { WorktreeFacts } from "../../src/core/ports/worktreeCleanUp";

/** A worktree with nothing unsaved. */
export function someFacts(over: Partial<WorktreeFacts> = {}): WorktreeFacts {
  return {
    path: "/worktrees/repo/s1-0123",
    sessionKey: "s1-0123",
    branch: "one-horizon/s1-0123",
    gone: false,
    locked: undefined,
    inUseBy: [],
    sizeBytes: 1024,
    changedAt: Date.UTC(2030, 0, 1, 12),
    changed: 0,
    untracked: 0,
    ignored: 0,
    ignoredBytes: 0,
    ignoredExamples: [],
    unpushed: 0,
    stashes: 0,
    unfinished: undefined,
    submodules: 0,
    problem: undefined,
    ...over,
  };
}

export function aCandidate(over: Partial<CleanUpCandidate> = {}): CleanUpCandidate {
  return {
    ...someFacts(),
    session: { sessionId: "s1", title: "Add CSV export" },
    stays: undefined,
    holdsWork: false,
    ...over,
  };
}
