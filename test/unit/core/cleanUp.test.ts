import assert from "node:assert/strict";
import { neverAborted } from "../../../src/base/abort";
import {
  cleanUp,
  cleanUpCandidates,
  type CleanUpCandidate,
  type KnownSessions,
} from "../../../src/core/cleanUp";
import type { AttemptRecord } from "../../../src/core/ports/journal";
import type {
  RemovalRequest,
  RemovedWorktree,
  WorktreeCleanUp,
} from "../../../src/core/ports/worktreeCleanUp";
import { WorktreeError } from "../../../src/core/ports/worktrees";
import type { SessionPhase } from "../../../src/core/state";
import { aRecord } from "../../fakes/builders";
import { aCandidate, someFacts } from "../../fakes/cleanUp";
import { aSession, allPhases } from "../ui/kit";

const keyOf = (sessionId: string): string => `${sessionId}-0123`;
const nobody: KnownSessions = { records: [], views: [] };

describe("what may be cleaned up", () => {
  const staysWith = (known: Partial<KnownSessions>): string | undefined =>
    cleanUpCandidates([someFacts()], { ...nobody, ...known }, keyOf)[0]?.stays;

  const ended = { step: "ended", endedAt: 1 } as const;
  it("never a worktree whose attempt runs, is interrupted or has an end to tell", () => {
    assert.equal(staysWith({ records: [aRecord({ outcome: "running" })] }), "session");
    assert.equal(staysWith({ records: [aRecord({ ...ended, outcome: "interrupted" })] }), "session");
    const ending = {
      finish: { kind: "release", reason: "x" },
      byPerson: true,
      detail: undefined,
      fault: undefined,
      activityId: "a1",
    } as const;
    assert.equal(
      staysWith({ records: [aRecord({ step: "finishing", outcome: "released", ending })] }),
      "session",
    );
  });

  it("one that a session works in, though it is named after a run's branch", () => {
    const path = "/worktrees/repo/run-fix-0123";
    const facts = [someFacts({ path, sessionKey: "run-fix-0123" })];
    const stays = (known: Partial<KnownSessions>): string | undefined =>
      cleanUpCandidates(facts, { ...nobody, ...known }, keyOf)[0]?.stays;
    assert.equal(stays({ records: [aRecord({ outcome: "running", worktreePath: path })] }), "session");
    assert.equal(stays({ views: [aSession({ phase: "running", worktreePath: path })] }), "session");
    assert.equal(
      stays({ records: [aRecord({ ...ended, outcome: "failed", worktreePath: path })] }),
      undefined,
    );
    assert.equal(stays({ records: [aRecord({ outcome: "running" })] }), undefined);
  });

  it("one whose attempt has ended", () => {
    for (const outcome of ["completed", "failed", "released", "cancelled", "abandoned"] as const) {
      assert.equal(staysWith({ records: [aRecord({ ...ended, outcome })] }), undefined, outcome);
    }
    assert.equal(staysWith({}), undefined);
  });

  const free: readonly SessionPhase[] = [
    "listed",
    "complete",
    "failed",
    "cancelled",
    "released",
    "claimLost",
  ];
  for (const phase of allPhases) {
    it(`${free.includes(phase) ? "one" : "none"} of a session that is ${phase}`, () => {
      const record = aRecord({ ...ended, outcome: "completed" });
      const stays = staysWith({ records: [record], views: [aSession({ phase })] });
      assert.equal(stays, free.includes(phase) ? undefined : "session");
    });
  }

  it("none that git has locked, and none in which a program works", () => {
    const [locked, used] = cleanUpCandidates(
      [someFacts({ locked: "", changedAt: 1 }), someFacts({ inUseBy: [7], changedAt: 2 })],
      nobody,
      keyOf,
    );
    assert.deepEqual([locked?.stays, used?.stays], ["locked", "inUse"]);
  });

  it("comes first where nothing is unsaved, the longest untouched before the rest", () => {
    const facts = [
      someFacts({ path: "stays", locked: "x" }),
      someFacts({ path: "dirty", changed: 1 }),
      someFacts({ path: "new", changedAt: 20 }),
      someFacts({ path: "old", changedAt: 10 }),
    ];
    const sorted = cleanUpCandidates(facts, nobody, keyOf);
    assert.deepEqual(
      sorted.map((one) => one.path),
      ["old", "new", "dirty", "stays"],
    );
    assert.deepEqual(
      sorted.map((one) => one.holdsWork),
      [false, false, true, false],
    );
  });

  it("is named by the session that records or views know", () => {
    const [byRecord] = cleanUpCandidates(
      [someFacts()],
      { ...nobody, records: [aRecord({ title: "One" })] },
      keyOf,
    );
    const [byView] = cleanUpCandidates(
      [someFacts()],
      { ...nobody, views: [aSession({ title: "Two" })] },
      keyOf,
    );
    const [unknown] = cleanUpCandidates([someFacts()], nobody, keyOf);
    assert.deepEqual(
      [byRecord?.session?.title, byView?.session?.title, unknown?.session],
      ["One", "Two", undefined],
    );
  });
});

class FakeCleanUp implements WorktreeCleanUp {
  readonly asked: RemovalRequest[] = [];
  readonly keyOf = keyOf;
  refuse: (path: string) => Error | undefined = () => undefined;
  listWorktrees(): Promise<readonly never[]> {
    return Promise.resolve([]);
  }
  removeWorktree(request: RemovalRequest): Promise<RemovedWorktree> {
    this.asked.push(request);
    const { path } = request;
    const error = this.refuse(path);
    if (error !== undefined) return Promise.reject(error);
    return Promise.resolve({
      ...{
        path,
        branch: "b",
        snapshot: `refs/${path}`,
        moduleSnapshots: [],
        dropped: 0,
        restore: `restore ${path}`,
      },
    });
  }
}

describe("cleaning up", () => {
  const chosen = ["a", "b", "c"].map((path) => aCandidate({ path, sessionKey: keyOf(path) }));
  const request = {
    folder: "/repo",
    chosen,
    includeIgnored: true,
    known: () => Promise.resolve(nobody),
    onProgress: () => undefined,
    beforeRemove: () => Promise.resolve(undefined),
  };

  it("goes on after one that could not be removed, and tells why", async () => {
    const worktrees = new FakeCleanUp();
    worktrees.refuse = (path) => (path === "b" ? new WorktreeError("tooLarge", "Too large.") : undefined);
    const progress: string[] = [];
    const onProgress = (one: { path: string }, at: number): void => void progress.push(`${at} ${one.path}`);
    const result = await cleanUp(worktrees, { ...request, onProgress }, neverAborted);
    assert.deepEqual(
      result.removed.map((one) => one.path),
      ["a", "c"],
    );
    assert.deepEqual(result.left, [{ path: "b", message: "Too large." }]);
    assert.deepEqual(progress, ["0 a", "1 b", "2 c"]);
    assert.deepEqual(worktrees.asked[0], {
      folder: "/repo",
      path: "a",
      includeIgnored: true,
      session: { sessionId: "s1", title: "Add CSV export" },
    });
  });

  it("leaves a worktree whose session came back while the person chose", async () => {
    const worktrees = new FakeCleanUp();
    const known = (): Promise<KnownSessions> =>
      Promise.resolve({ records: [aRecord({ sessionId: "b", worktreePath: undefined })], views: [] });
    const result = await cleanUp(worktrees, { ...request, known }, neverAborted);
    assert.deepEqual(
      worktrees.asked.map((one) => one.path),
      ["a", "c"],
    );
    assert.match(result.left[0]?.message ?? "", /at work again/);
  });

  it("runs the owner's hook before each removal, but where the folder is gone, and tells once what went wrong", async () => {
    const worktrees = new FakeCleanUp();
    const [first, ...rest] = chosen;
    assert.ok(first !== undefined);
    const order: string[] = [];
    worktrees.refuse = (path) => void order.push(`remove ${path}`);
    const beforeRemove = ({ path }: CleanUpCandidate): Promise<string | undefined> => {
      order.push(`hook ${path}`);
      return Promise.resolve("It failed.");
    };
    const some = { ...request, chosen: [{ ...first, gone: true }, ...rest], beforeRemove };
    const result = await cleanUp(worktrees, some, neverAborted);
    assert.deepEqual(order, ["remove a", "hook b", "remove b", "hook c", "remove c"]);
    assert.deepEqual([result.removed.length, result.left, result.notes], [3, [], ["It failed."]]);
  });

  it("leaves a worktree whose session came back while its hook ran", async () => {
    const worktrees = new FakeCleanUp();
    const records: AttemptRecord[] = [];
    const beforeRemove = (): Promise<undefined> => {
      records.push(aRecord({ sessionId: "b", worktreePath: undefined }));
      return Promise.resolve(undefined);
    };
    const known = (): Promise<KnownSessions> => Promise.resolve({ records, views: [] });
    const result = await cleanUp(worktrees, { ...request, known, beforeRemove }, neverAborted);
    assert.deepEqual(
      result.left.map((one) => one.path),
      ["b"],
    );
  });

  it("leaves every worktree while nobody knows which sessions run", async () => {
    const worktrees = new FakeCleanUp();
    const known = (): Promise<KnownSessions> => Promise.reject(new Error("The journal cannot be read."));
    const result = await cleanUp(worktrees, { ...request, known }, neverAborted);
    assert.deepEqual(worktrees.asked, []);
    assert.equal(result.left.length, 3);
  });

  it("stops where a person cancels", async () => {
    const worktrees = new FakeCleanUp();
    const cancel = new AbortController();
    worktrees.refuse = (path) => {
      if (path !== "b") return undefined;
      cancel.abort(new Error("cancelled"));
      return cancel.signal.reason instanceof Error ? cancel.signal.reason : undefined;
    };
    const result = await cleanUp(worktrees, request, cancel.signal);
    assert.deepEqual([result.removed.length, result.left.length, result.cancelled], [1, 0, true]);
    assert.equal(worktrees.asked.length, 2);
  });
});
