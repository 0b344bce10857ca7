import assert from "node:assert/strict";
import type { SessionChange, WorkerEvent } from "../../../src/core/events";
import type { RuntimeEvent } from "../../../src/core/ports/runtime";
import { reduce } from "../../../src/core/reducer";
import {
  initialState,
  isExecuting,
  type SessionPhase,
  type SessionView,
  type WorkerState,
} from "../../../src/core/state";
import { aRecord, aSession } from "../../fakes/builders";

const polled = (at: number, ...sessions: ReturnType<typeof aSession>[]): WorkerEvent => ({
  kind: "polled",
  at,
  sessions,
});
const change = (what: SessionChange, sessionId = "s1"): WorkerEvent => ({
  kind: "session",
  sessionId,
  change: what,
});
const runtime = (event: RuntimeEvent): WorkerEvent => change({ kind: "runtime", event });
const ended = (phase: Extract<SessionChange, { kind: "ended" }>["phase"], byPerson = false): WorkerEvent =>
  change({ kind: "ended", phase, at: 50, detail: "why", byPerson });

function after(...events: readonly WorkerEvent[]): WorkerState {
  return events.reduce(reduce, initialState);
}
function view(state: WorkerState, sessionId = "s1"): SessionView {
  const found = state.sessions.get(sessionId);
  if (found === undefined) throw new Error(`no row ${sessionId}`);
  return found;
}

const listed = polled(10, aSession());
const claiming = change({ kind: "claiming", at: 20 });
const claimed = change({ kind: "claimed", leaseEndsAt: 900 });
const process = runtime({ kind: "processStarted", processId: 1 });
const thread = runtime({ kind: "threadStarted", threadId: "t", model: "m", modelProvider: undefined });
const finishing = change({ kind: "finishing", detail: "committing" });
const running = [listed, claiming, claimed, process, thread];

describe("the reducer and the worker", () => {
  it("keeps what each worker event says", () => {
    const fault = { reason: "notFound", message: "codex is missing", since: 5 };
    const state = after(
      { kind: "phaseChanged", phase: { kind: "online" } },
      { kind: "identified", agentName: "A", workspaceName: "W", workerName: "N" },
      { kind: "limitsChanged", maxConcurrentSessions: 2, maxActiveExecutions: 1 },
      { kind: "faulted", fault },
      { kind: "pollScheduled", at: 30 },
      { kind: "beat", result: { kind: "accepted", at: 7, from: "main" } },
      {
        kind: "beat",
        result: { kind: "failed", at: 8, from: "thread", reason: "unreachable", message: "gone" },
      },
      { kind: "pollFailed", at: 9, message: "no network" },
    );
    const { sessions: _sessions, ...rest } = state;
    assert.deepEqual(rest, {
      phase: { kind: "online" },
      agentName: "A",
      workspaceName: "W",
      workerName: "N",
      fault,
      lastBeatAt: 7,
      lastBeatError: "gone",
      beats: [
        { kind: "accepted", at: 7 },
        { kind: "failed", at: 8 },
      ],
      beatsFromMain: true,
      lastPollAt: undefined,
      lastPollError: "no network",
      nextPollAt: 30,
      maxConcurrentSessions: 2,
      maxActiveExecutions: 1,
    });
    const later = [{ kind: "faultCleared" }, polled(40)] as const;
    const mended = later.reduce<WorkerState>(reduce, state);
    assert.equal(mended.fault, undefined);
    assert.equal(mended.lastPollError, undefined);
    assert.equal(mended.lastPollAt, 40);
    const beat = reduce(mended, { kind: "beat", result: { kind: "accepted", at: 41, from: "thread" } });
    assert.deepEqual([beat.lastBeatError, beat.beatsFromMain], [undefined, false]);
    const cleared = reduce(after(...running), { kind: "cleared" });
    assert.equal(cleared.sessions.size, 0);
    assert.equal(cleared.lastPollAt, undefined);
  });

  it("changes no state that it was given", () => {
    const before = after(...running);
    const copy = structuredClone(before);
    for (const event of [listed, claiming, thread, finishing, ended("complete"), polled(99)]) {
      reduce(before, event);
    }
    assert.deepEqual(before, copy);
  });
});

describe("the reducer and a session", () => {
  it("follows an attempt from the list to its end", () => {
    const worktree = {
      mode: "task" as const,
      path: "/w",
      workingDirectory: "/w",
      branch: "b",
      baseCommit: "c",
      baseBranch: "main",
      headCommit: "c",
      reused: false,
      fresh: false,
      notes: [],
    };
    const usage = {
      inputTokens: 1,
      cachedInputTokens: 0,
      outputTokens: 1,
      reasoningOutputTokens: 0,
      totalTokens: 2,
      contextWindow: undefined,
    };
    let state = after(listed);
    const phases: SessionPhase[] = [view(state).phase];
    assert.equal(view(state).claimable, true);
    const steps = [{ text: "x", status: "pending" }] as const;
    const events: readonly WorkerEvent[] = [
      claiming,
      claimed,
      change({ kind: "preparing", detail: "making the worktree" }),
      change({ kind: "worktreeReady", worktree }),
      process,
      thread,
      runtime({ kind: "plan", explanation: undefined, steps }),
      runtime({ kind: "commandStarted", itemId: "i", command: "npm test" }),
      runtime({ kind: "usage", usage }),
      change({ kind: "leaseRenewed", leaseEndsAt: 1200 }),
      change({ kind: "stat", stat: { files: 1, added: 2, deleted: 3 } }),
      finishing,
      ended("complete"),
    ];
    for (const event of events) {
      state = reduce(state, event);
      if (view(state).phase !== phases.at(-1)) phases.push(view(state).phase);
    }
    assert.deepEqual(phases, ["listed", "claiming", "preparing", "running", "finishing", "complete"]);
    const end = view(state);
    assert.deepEqual(
      [
        end.startedAt,
        end.endedAt,
        end.branch,
        end.threadId,
        end.model,
        end.usage,
        end.stat?.added,
        end.plan.length,
      ],
      [20, 50, "b", "t", "m", usage, 2, 1],
    );
    assert.deepEqual([end.liveStep, end.leaseEndsAt, end.claimable], [undefined, undefined, false]);
  });

  it("shows the running command, until that very command ended", () => {
    const start = runtime({ kind: "commandStarted", itemId: "1", command: "npm test" });
    const other = {
      kind: "commandCompleted",
      itemId: "2",
      exitCode: 0,
      durationMs: 1,
      outputTail: "",
    } as const;
    assert.equal(view(after(...running, start, runtime({ ...other, command: "ls" }))).liveStep, "npm test");
    assert.equal(
      view(after(...running, start, runtime({ ...other, command: "npm test" }))).liveStep,
      undefined,
    );
  });

  it("tells since when the command runs", () => {
    const start = { kind: "commandStarted", itemId: "1", command: "npm test" } as const;
    const state = after(...running, change({ kind: "runtime", event: start, at: 70 }));
    assert.deepEqual([view(state).liveStep, view(state).liveSince], ["npm test", 70]);
  });

  it("remembers that a run went on after a session, also when the later one is seen no more", () => {
    const facts = { stepId: "one", taskMode: "code", branchName: "b" };
    const one = aSession({ workflow: { runId: "r", ...facts }, createdAt: 1 });
    const next = aSession({ sessionId: "s2", workflow: { runId: "r", ...facts }, createdAt: 2 });
    const other = aSession({ sessionId: "s2", workflow: { runId: "another", ...facts }, createdAt: 2 });
    const stuck = [polled(10, one), claiming, claimed, process, ended("complete")];
    const movedOn = (...events: readonly WorkerEvent[]): unknown =>
      view(after(...stuck, ...events)).workflow?.movedOn;
    assert.equal(movedOn(), undefined);
    assert.equal(movedOn(polled(60, other)), undefined);
    assert.equal(movedOn(polled(60, next)), true);
    assert.equal(movedOn(polled(60, next), polled(70)), true);
    assert.equal(view(after(...stuck, polled(60, next)), "s2").workflow?.movedOn, undefined);
  });

  it("shows a retry until the model speaks again", () => {
    const retrying = after(...running, runtime({ kind: "retrying", text: "again in 5 s" }));
    assert.equal(view(retrying).detail, "again in 5 s");
    const on = reduce(retrying, runtime({ kind: "turnStarted", turnId: "t" }));
    assert.equal(view(on).detail, undefined);
    assert.equal(reduce(on, runtime({ kind: "warning", text: "x" })).sessions.get("s1"), view(on));
  });

  it("keeps the newest 20 activities", () => {
    const activities = Array.from({ length: 30 }, (_one, index) =>
      change({
        kind: "activity",
        activity: { activityId: String(index), type: "progress", message: "m", at: index },
      }),
    );
    const kept = view(after(...running, ...activities)).activities;
    assert.equal(kept.length, 20);
    assert.equal(kept.at(-1)?.activityId, "29");
  });

  for (const phase of [
    "complete",
    "failed",
    "cancelled",
    "released",
    "claimLost",
    "interrupted",
    "elsewhere",
    "listed",
  ] as const) {
    it(`is not brought back from ${phase} by an event that comes late`, () => {
      const over = after(...running, ended(phase));
      for (const late of [
        process,
        thread,
        claimed,
        finishing,
        change({ kind: "preparing", detail: "x" }),
        change({ kind: "leaseRenewed", leaseEndsAt: 1 }),
      ]) {
        assert.equal(view(reduce(over, late)), view(over));
      }
    });
  }

  it("is not brought back from finishing to running", () => {
    assert.equal(view(after(...running, finishing, process, thread)).phase, "finishing");
  });

  it("remembers a person's release until the session is claimed again", () => {
    const released = after(...running, ended("released", true));
    assert.equal(view(released).releasedByPerson, true);
    assert.equal(view(reduce(released, listed)).releasedByPerson, true);
    assert.equal(view(reduce(released, claiming)).releasedByPerson, false);
    assert.equal(view(after(...running, ended("released"))).releasedByPerson, false);
    assert.equal(view(after(...running, ended("failed", true))).releasedByPerson, false);
  });

  it("archives, and shows again what is claimed again", () => {
    const archived = after(...running, ended("complete"), change({ kind: "archived" }));
    assert.equal(view(archived).archived, true);
    assert.equal(view(reduce(archived, claiming)).archived, false);
  });

  it("ignores a session it does not know", () => {
    const state = after(listed);
    assert.equal(reduce(state, change({ kind: "claiming", at: 1 }, "s9")), state);
  });
});

describe("the reducer and polls", () => {
  const executing: readonly [string, readonly WorkerEvent[]][] = [
    ["claiming", [listed, claiming]],
    ["preparing", [listed, claiming, claimed]],
    ["running", running],
    ["finishing", [...running, finishing]],
  ];
  for (const [phase, events] of executing) {
    it(`leaves a session that is ${phase} untouched, whatever the poll says of it`, () => {
      const before = after(...events);
      assert.ok(isExecuting(view(before).phase));
      const polls = [polled(1e9), polled(1e9, aSession({ title: "new", status: "stale" }))];
      for (const poll of polls) assert.equal(view(reduce(before, poll)), view(before));
    });
  }

  it("keeps the 500 rows that ended last, and each that is offered or goes on", () => {
    const records = Array.from({ length: 700 }, (_one, index) =>
      aRecord({ sessionId: `s${index}`, outcome: "completed", startedAt: index, endedAt: 1000 - index }),
    );
    const open = [
      aRecord({ sessionId: "left", outcome: "interrupted", startedAt: 0 }),
      aRecord({ sessionId: "live", startedAt: 0 }),
    ];
    const state = after(
      { kind: "restored", records: [...open, ...records] },
      change({ kind: "claiming", at: 2000 }, "live"),
      polled(3000, aSession({ sessionId: "s699" }), aSession({ sessionId: "new" })),
    );
    const kept = [...state.sessions.keys()];
    assert.deepEqual(kept.slice(0, 2), ["left", "live"]);
    assert.deepEqual(kept.slice(-2), ["s699", "new"]);
    assert.deepEqual(
      kept.slice(2, -2),
      records.slice(0, 500).map((one) => one.sessionId),
    );
  });

  it("drops a listed session that is not offered any more, and keeps what an attempt touched", () => {
    assert.equal(after(listed, polled(20)).sessions.size, 0);
    const kept = after(...running, ended("failed"), listed, polled(60));
    assert.deepEqual([view(kept).phase, view(kept).claimable], ["failed", false]);
  });

  it("shows a session of another worker for a while only", () => {
    const lost = after(listed, claiming, ended("elsewhere"));
    assert.equal(view(reduce(lost, polled(100))).phase, "elsewhere");
    assert.equal(reduce(lost, polled(700_000)).sessions.size, 0);
    assert.equal(view(reduce(lost, listed)).phase, "listed");
  });

  it("offers queued and stale sessions for claiming, and no others", () => {
    for (const [status, claimable] of [
      ["queued", true],
      ["stale", true],
      ["active", false],
      ["awaiting_input", false],
      ["unknown", false],
    ] as const) {
      assert.equal(view(after(polled(1, aSession({ status })))).claimable, claimable, status);
      assert.equal(
        view(after(...running, ended("failed"), polled(1, aSession({ status })))).claimable,
        claimable,
      );
    }
  });

  it("takes over a new title, made plain", () => {
    assert.equal(view(after(listed, polled(1, aSession({ title: "two\nlines" })))).title, "two lines");
  });

  it("restores what an earlier process left, and never as running", () => {
    const outcomes = [
      "running",
      "interrupted",
      "completed",
      "failed",
      "released",
      "cancelled",
      "abandoned",
    ] as const;
    const records = outcomes.map((outcome) =>
      aRecord({ sessionId: outcome, outcome, releasedByPerson: outcome === "released" }),
    );
    const state = after(listed, { kind: "restored", records });
    assert.deepEqual(
      [...state.sessions.values()].map((one) => one.phase),
      ["interrupted", "interrupted", "complete", "failed", "released", "cancelled", "claimLost"],
    );
    assert.ok([...state.sessions.values()].every((one) => !isExecuting(one.phase)));
    assert.equal(view(state, "released").releasedByPerson, true);
    assert.equal(view(state, "running").worktreePath, "/worktrees/running");
    assert.match(view(state, "running").detail ?? "", /goes on by itself/u);
  });
});
