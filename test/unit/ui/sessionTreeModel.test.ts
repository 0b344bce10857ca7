import assert from "node:assert/strict";
import type { SessionPhase, SessionView } from "../../../src/core/state";
import { countNeedingPerson, sessionTree, viewMessage } from "../../../src/ui/sessionTreeModel";
import type { Row } from "../../../src/ui/treeRow";
import { aFullSession, aSession, allPhases, aState, english, minuteMs, noon } from "./kit";

const hourMs = 60 * minuteMs;

function only(session: SessionView): { group: Row; row: Row } {
  const [group, second] = sessionTree(aState({}, session), noon, english);
  const row = group?.children[0];
  assert.ok(group !== undefined && row !== undefined && second === undefined);
  return { group, row };
}

describe("session tree", () => {
  const ended = noon - 2 * minuteMs;
  const faces: Readonly<
    Record<SessionPhase, { session: Partial<SessionView>; group: string; icon: string; description: string }>
  > = {
    listed: {
      session: { startedAt: undefined, createdAt: noon - 3 * minuteMs },
      group: "Queued",
      icon: "circle-outline descriptionForeground",
      description: "queued 3m",
    },
    claiming: { session: {}, group: "Running", icon: "loading~spin foreground", description: "claiming" },
    preparing: {
      session: {},
      group: "Running",
      icon: "loading~spin foreground",
      description: "making the worktree · 6m",
    },
    running: {
      session: aFullSession(),
      group: "Running",
      icon: "loading~spin charts.blue",
      description: "+120 −14 · 6m · 84k tokens",
    },
    finishing: {
      session: {},
      group: "Running",
      icon: "cloud-upload charts.blue",
      description: "reporting · 6m",
    },
    awaitingInput: {
      session: { detail: "Which session store?" },
      group: "Needs you",
      icon: "comment-unresolved charts.yellow",
      description: "Which session store? · 6m",
    },
    interrupted: {
      session: { endedAt: ended, worktreePath: "/w" },
      group: "Failed",
      icon: "sync symbolIcon.eventForeground",
      description: "interrupted 2m ago · worktree kept",
    },
    complete: {
      session: { ...aFullSession(), endedAt: ended },
      group: "Done",
      icon: "pass testing.iconPassed",
      description: "+120 −14 · took 4m · 84k tokens",
    },
    failed: {
      session: { endedAt: ended, detail: "The model could not be reached in time. Kept." },
      group: "Failed",
      icon: "error testing.iconFailed",
      description: "The model could not be… · 2m ago",
    },
    cancelled: {
      session: { endedAt: ended },
      group: "Done",
      icon: "circle-slash disabledForeground",
      description: "cancelled in One Horizon 2m ago",
    },
    released: {
      session: { endedAt: ended, releasedByPerson: true },
      group: "Done",
      icon: "circle-slash disabledForeground",
      description: "released by you 2m ago",
    },
    claimLost: {
      session: { endedAt: ended, worktreePath: "/w" },
      group: "Failed",
      icon: "debug-disconnect symbolIcon.eventForeground",
      description: "claim lost · worktree kept",
    },
    elsewhere: {
      session: {},
      group: "Elsewhere",
      icon: "vm descriptionForeground",
      description: "by another worker",
    },
  };
  for (const phase of allPhases) {
    const { session, ...face } = faces[phase];
    it(`draws ${phase}`, () => {
      const { group, row } = only(aSession({ ...session, phase }));
      const icon = `${row.icon?.id ?? ""} ${row.icon?.color ?? ""}`;
      assert.deepEqual({ group: group.label, icon, description: row.description }, face);
      assert.match(row.contextValue, new RegExp(`^;session;${phase};`));
      assert.match(row.spoken, /^Add CSV export, .+/);
    });
  }

  it("puts what waits for a person first and leaves empty groups out", () => {
    const sessions = allPhases.map((phase, n) =>
      aSession({ phase, sessionId: `s${n}`, endedAt: noon, claimable: false }),
    );
    const groups = sessionTree(aState({}, ...sessions), noon, english);
    assert.deepEqual(
      groups.map((group) => `${group.label} ${group.description} ${group.folding}`),
      [
        "Needs you 1 expanded",
        "Running 4 expanded",
        "Queued 1 expanded",
        "Done 3 collapsed",
        "Failed 3 expanded",
        "Elsewhere 1 collapsed",
      ],
    );
    assert.deepEqual(sessionTree(aState(), noon, english), []);
  });

  it("tells a hitch of a running session first", () => {
    const { row } = only(aSession({ detail: "The model does not answer, trying again" }));
    assert.equal(row.description, "The model does not answer, trying again · 6m");
  });

  it("queues a released session that is offered again", () => {
    const { group, row } = only(
      aSession({ phase: "released", endedAt: ended, releasedByPerson: true, claimable: true }),
    );
    assert.equal(`${group.label}: ${row.description}`, "Queued: queued · released by you 2m ago");
  });

  it("keeps done sessions for eight hours and failed ones for a week, then among the earlier ones", () => {
    const at = (phase: SessionPhase, agoMs: number, archived = false): string | undefined => {
      const ended = aSession({ phase, endedAt: noon - agoMs, archived });
      return sessionTree(aState({}, ended), noon, english)[0]?.label;
    };
    assert.deepEqual(
      [
        at("complete", 8 * hourMs - 1),
        at("complete", 8 * hourMs),
        at("cancelled", 9 * hourMs),
        at("failed", 9 * hourMs),
        at("failed", 169 * hourMs),
        at("failed", 0, true),
      ],
      ["Done", "Earlier", "Earlier", "Failed", "Earlier", undefined],
    );
  });

  it("lets nothing but earlier sessions stand in the place of the words on what to do now", () => {
    const old = aSession({ phase: "complete", endedAt: noon - 9 * hourMs });
    const labels = (kind: "stopped" | "online", ...more: readonly SessionView[]): readonly string[] =>
      sessionTree(aState({ phase: { kind } }, old, ...more), noon, english).map((one) => one.label);
    const failed = aSession({ sessionId: "f", phase: "failed", endedAt: noon });
    assert.deepEqual(labels("stopped"), []);
    assert.deepEqual(labels("online"), ["Earlier"]);
    assert.deepEqual(labels("stopped", failed), ["Failed", "Earlier"]);
  });

  it("orders queues by arrival and ended sessions by the newest", () => {
    const ids = (phase: SessionPhase): readonly string[] => {
      const sessions = [3, 1, 2].map((n) =>
        aSession({
          phase,
          sessionId: `s${n}`,
          createdAt: noon - 100_000 + n,
          startedAt: noon - 50_000 + n,
          endedAt: phase === "complete" ? noon - 10_000 + n : undefined,
        }),
      );
      return sessionTree(aState({}, ...sessions), noon, english)[0]?.children.map((row) => row.id) ?? [];
    };
    assert.deepEqual(ids("listed"), ["session:s1", "session:s2", "session:s3"]);
    assert.deepEqual(ids("running"), ["session:s1", "session:s2", "session:s3"]);
    assert.deepEqual(ids("complete"), ["session:s3", "session:s2", "session:s1"]);
  });

  it("unfolds to plan, files, live step, activity, branch and worktree", () => {
    const { row } = only(
      aFullSession({
        plan: [
          { text: "Read", status: "completed" },
          { text: "Write", status: "inProgress" },
          { text: "Test", status: "pending" },
        ],
        liveStep: "npm test",
        activities: [
          { activityId: "a1", type: "progress", message: "First", at: noon - 2 * minuteMs },
          { activityId: "a2", type: "policy", message: "Second", at: noon - minuteMs },
        ],
      }),
    );
    const shape = (one: Row): unknown =>
      one.children.length === 0
        ? `${one.icon?.id ?? ""} ${one.label}|${one.description}`
        : [`${one.label}|${one.description}|${one.folding}`, ...one.children.map(shape)];
    assert.deepEqual(row.children.map(shape), [
      ["Plan|1 of 3|expanded", "check Read|", "loading~spin Write|", "circle-outline Test|"],
      "diff-multiple Files changed|4",
      "terminal $ npm test|running",
      ["Activity|1m ago|collapsed", "shield Second|1m ago", "circle-small-filled First|2m ago"],
      "git-branch one-horizon/add-csv-export-7f3a|",
      "folder add csv|worktree",
    ]);
    assert.equal(
      row.spoken,
      "Add CSV export, running, for 6 minutes, 120 lines added, 14 deleted in 4 files, 84 thousand tokens",
    );
  });

  it("speaks of changes only where there are some, and of one file as one", () => {
    const spoken = (files: number, added: number): string =>
      only(aSession({ phase: "running", stat: { files, added, deleted: 0 } })).row.spoken;
    assert.doesNotMatch(spoken(0, 0), /lines/);
    assert.match(spoken(1, 4), /4 lines added, 0 deleted in 1 file$/);
  });

  it("draws no running row anew each second", () => {
    const at = (seconds: number): string =>
      JSON.stringify(
        sessionTree(
          aState({}, aSession({ phase: "running", startedAt: noon })),
          noon + seconds * 1_000,
          english,
        ),
      );
    assert.equal(at(20), at(29));
    assert.notEqual(at(20), at(30));
  });

  it("says once that a broken workflow file keeps it from claiming", () => {
    const message = (reason: string, isEmpty = false, kind: "online" | "stopped" = "online"): string => {
      const fault = { reason, message: "Why.", since: noon };
      return viewMessage(aState({ fault, phase: { kind } }), isEmpty, english);
    };
    assert.equal(viewMessage(aState({}), false, english), "");
    assert.equal(message("workflow"), "Why.");
    assert.equal(message("notFound"), "No new session is claimed. Why.");
    assert.equal(message("workflow", true), "Why.", "also where nothing is queued");
    assert.equal(message("notFound", true), "", "the welcome text says it");
    assert.equal(message("workflow", true, "stopped"), "", "the welcome text comes first");
  });

  it("lets no step spin on after the end", () => {
    const { row } = only(aSession({ phase: "failed", plan: [{ text: "Write", status: "inProgress" }] }));
    assert.equal(row.children[0]?.children[0]?.icon?.id, "circle-slash");
  });

  it("escapes a stranger's title in the tooltip", () => {
    const { row } = only(aSession({ title: "[click](command:x) <img>" }));
    assert.match(row.tooltip, /^\*\*\\\[click\\\]\\\(command\\:x\\\) \\<img\\>\*\*\n/);
  });

  it("gives every row its own id", () => {
    const sessions = allPhases.map((phase, n) =>
      aFullSession({
        phase,
        sessionId: `s${n}`,
        endedAt: noon,
        detail: "Why?",
        liveStep: "ls",
        plan: [{ text: "a", status: "pending" }],
        activities: [{ activityId: "a1", type: "progress", message: "m", at: noon }],
      }),
    );
    const ids: string[] = [];
    const visit = (rows: readonly Row[]): void => {
      for (const row of rows) {
        ids.push(row.id);
        visit(row.children);
      }
    };
    visit(sessionTree(aState({}, ...sessions), noon, english));
    assert.ok(ids.length > 100);
    assert.equal(new Set(ids).size, ids.length);
  });

  it("counts for the badge what needs a person", () => {
    const waits = (n: number, archived = false): SessionView =>
      aSession({ phase: "awaitingInput", sessionId: `w${n}`, archived });
    assert.equal(countNeedingPerson(aState({}, waits(1), waits(2), waits(3, true), aSession())), 2);
  });
});
