import assert from "node:assert/strict";
import type { SessionChange } from "../../../src/core/events";
import type { OpenQuestion } from "../../../src/core/ports/person";
import type { RuntimeEvent } from "../../../src/core/ports/runtime";
import type { UsageTotals } from "../../../src/core/ports/platform";
import { listedView, reduceSession } from "../../../src/core/sessionReducer";
import type { SessionView } from "../../../src/core/state";
import type { TimelineEntry } from "../../../src/core/timeline";
import { TimelineEntries } from "../../../src/core/timelineEntries";
import { isOfTimeline, TimelineFacts } from "../../../src/core/timelineFacts";
import { aSession } from "../../fakes/builders";

const second = 1000;

/** One session in one process after another: the timeline outlives them. */
class Life {
  readonly kept = new TimelineEntries();
  now = 0;
  view: SessionView = listedView(aSession());
  #facts = new TimelineFacts([], "p1");

  restart(prefix: string): void {
    this.view = { ...this.view, phase: "interrupted", questions: [] };
    this.#facts = new TimelineFacts(this.kept.list(), prefix);
  }

  is(change: SessionChange, afterMs = second): this {
    this.now += afterMs;
    for (const entry of this.#facts.take(change, this.view, this.now)) this.kept.put(entry);
    this.view = reduceSession(this.view, change);
    return this;
  }

  tells(event: RuntimeEvent, afterMs?: number): this {
    return this.is({ kind: "runtime", event }, afterMs);
  }

  claimed(): this {
    return this.is({ kind: "claiming", at: this.now }).is({ kind: "claimed", leaseEndsAt: 900_000 });
  }

  works(): this {
    this.claimed().tells({ kind: "processStarted", processId: 1 });
    return this.tells({ kind: "threadStarted", threadId: "t", model: "m1", modelProvider: undefined });
  }

  ended(phase: Extract<SessionChange, { kind: "ended" }>["phase"], detail?: string): this {
    return this.is({ kind: "ended", phase, at: this.now + second, detail, byPerson: false });
  }

  /** In short. */
  get lines(): readonly string[] {
    return this.kept.list().map(lineOf);
  }
}

function lineOf(entry: TimelineEntry): string {
  switch (entry.kind) {
    case "command":
      return `$ ${entry.command} ${entry.status} ${entry.exitCode ?? "-"} ${entry.durationMs ?? "-"} ${entry.outputTail}`;
    case "message":
      return `${entry.final ? "final " : ""}message ${entry.text}`;
    case "reasoning":
    case "activity":
      return `${entry.kind} ${entry.text}`;
    case "files":
      return `files ${entry.files.map((one) => `${one.change} ${one.path}`).join(", ")}`;
    case "question":
      return `? ${entry.text} ${entry.status} ${entry.answer ?? "-"} ${entry.waitedMs ?? "-"}`;
    case "worker":
      return `${entry.level} ${entry.step ?? "note"} ${entry.text}`;
    case "usage":
      return `usage ${entry.usage.totalTokens} ${entry.contextTokens ?? "-"}`;
  }
}

const question: OpenQuestion = {
  questionId: "q1",
  askedAt: 0,
  about: "question",
  what: "Which one?",
  where: undefined,
  why: undefined,
  forSession: false,
  parts: [{ text: "Left or right?", options: ["left", "right"], secret: false }],
};
const usage = (totalTokens: number): UsageTotals => ({
  ...{ inputTokens: 1, cachedInputTokens: 0, outputTokens: 1, reasoningOutputTokens: 0 },
  ...{ totalTokens, contextWindow: 1000 },
});
const ran: RuntimeEvent = {
  ...{ kind: "commandCompleted", itemId: "c1", command: "npm test", exitCode: 1 },
  ...{ durationMs: undefined, outputTail: "1 failing" },
};

describe("a session's timeline", () => {
  let life: Life;
  beforeEach(() => (life = new Life()));

  it("tells an attempt from its claim to its end", () => {
    life.works();
    life.is({
      kind: "worktreeReady",
      worktree: {
        ...{ mode: "task", path: "/w", workingDirectory: "/w", branch: "one-horizon/s1" },
        ...{ baseCommit: "a", baseBranch: "main", headCommit: "a", reused: false, fresh: true, notes: [] },
      },
    });
    life.tells({ kind: "message", itemId: "m1", text: "Let me see.", final: false });
    life.tells({ kind: "reasoning", itemId: "r1", summary: "Hm." });
    const files = [{ path: "a.ts", change: "update" as const }];
    life.tells({ kind: "filesChanged", itemId: "f1", files });
    life.tells({ kind: "warning", text: "Slow today." });
    life.tells({ kind: "message", itemId: "m2", text: "Done.", final: true });
    life.is({ kind: "finishing", detail: "looking at what changed" });
    life.is({ kind: "finishing", detail: "reporting" }).ended("complete");
    assert.deepEqual(life.lines, [
      "info preparing Claimed: attempt 1.",
      "info working The coding tool works with m1.",
      "info note The worktree is ready on one-horizon/s1.",
      "message Let me see.",
      "reasoning Hm.",
      "files update a.ts",
      "warning note Slow today.",
      "final message Done.",
      "info finishing The coding tool has ended.",
      "info ended Completed.",
    ]);
  });

  it("shows a command once, with how it ended and how long it took", () => {
    life.works().tells({ kind: "commandStarted", itemId: "c1", command: "npm test" });
    assert.equal(life.lines.at(-1), "$ npm test running - - ");
    const { at } = life.kept.list().at(-1) ?? { at: 0 };
    life.tells(ran, 8000);
    assert.equal(life.lines.at(-1), "$ npm test failed 1 8000 1 failing");
    assert.equal(life.kept.list().at(-1)?.at, at);
  });

  it("puts a command that is only told when it has ended to where it began", () => {
    life.works().tells({ ...ran, exitCode: 0, durationMs: 500 });
    assert.equal(life.lines.at(-1), "$ npm test succeeded 0 500 1 failing");
    assert.equal(life.kept.list().at(-1)?.at, life.now - 500);
  });

  it("ends what still runs with the tool, and hides nothing that comes later under the same name", () => {
    life.works().tells({ kind: "commandStarted", itemId: "c1", command: "sleep 9" });
    life.is({ kind: "finishing", detail: "committing" });
    life.ended("failed", "It broke.");
    life.works().tells(ran);
    assert.deepEqual(life.lines.slice(2), [
      "$ sleep 9 ended - 1000 ",
      "info finishing The coding tool has ended.",
      "error ended It broke.",
      "info preparing Claimed: attempt 2.",
      "info working The coding tool works with m1.",
      "$ npm test failed 1 - 1 failing",
    ]);
  });

  it("keeps a question with its answer", () => {
    life.works().is({ kind: "asked", question: { ...question, askedAt: 4000 } }, second);
    assert.equal(life.lines.at(-1), "? Left or right? open - -");
    const answer = { answer: "left", report: "Answered in the editor: Which one?\nleft" };
    life.is({ kind: "answered", questionId: "q1", toolRuns: true, answer }, 9000);
    assert.equal(life.lines.at(-1), "? Left or right? answered left 10000");
    // The log's own line says nothing more.
    const activity = { activityId: "a1", type: "progress", message: answer.report, at: life.now } as const;
    life.is({ kind: "activity", activity });
    assert.equal(life.kept.size, 3);
  });

  it("says of a question that nobody answered that it was withdrawn, once", () => {
    life.works().is({ kind: "asked", question: { ...question, askedAt: 5000 } }, second);
    life.is({ kind: "finishing", detail: "the claim ended" }, 4000);
    life.is({ kind: "answered", questionId: "q1", toolRuns: true, answer: undefined });
    assert.deepEqual(life.lines.slice(2), [
      "? Left or right? withdrawn - 4000",
      "info finishing The coding tool has ended.",
    ]);
  });

  it("asks the same again in the place of what an earlier process asked", () => {
    life.works().is({ kind: "asked", question: { ...question, askedAt: 5000 } }, second);
    life.restart("p2");
    life.claimed().is({ kind: "asked", question: { ...question, askedAt: 5000 } });
    const lines = life.lines.slice(2);
    assert.deepEqual(lines, [
      "? Left or right? open - -",
      "warning interrupted Interrupted: the worker ended in the middle of it.",
      "info preparing Goes on where it was interrupted.",
    ]);
  });

  it("ends what a killed process left open, and goes on in the same attempt", () => {
    life.works().tells({ kind: "commandStarted", itemId: "c1", command: "npm test" });
    life.restart("p2");
    life.works().tells({ kind: "commandStarted", itemId: "c1", command: "npm test" });
    assert.deepEqual(life.lines.slice(2), [
      "$ npm test ended - - ",
      "warning interrupted Interrupted: the worker ended in the middle of it.",
      "info preparing Goes on where it was interrupted.",
      "info working The coding tool works with m1.",
      "$ npm test running - - ",
    ]);
    const ids = life.kept.list().map((one) => one.id);
    assert.equal(new Set(ids).size, ids.length);
  });

  it("tells what was told to the platform only where it is news", () => {
    const says = (message: string, type: "progress" | "policy" | "plan" | "failure" | "completion"): void => {
      life.is({ kind: "activity", activity: { activityId: "a", type, message, at: life.now } });
    };
    life.works().tells(ran).tells({ kind: "message", itemId: "m1", text: "I try again.", final: false });
    life.tells({ kind: "message", itemId: "m2", text: "All green.", final: true });
    says("Ran `npm test`: exit 1 in 1.0 s", "plan");
    says("Ran `npm test`: exit 1\n\nI try again.", "progress");
    says("Halfway there.\n\nI try again.", "progress");
    says("All green.\n\nCommitted to one-horizon/s1.", "completion");
    says("`curl x`: declined. No network.", "policy");
    says("It broke.", "failure");
    assert.deepEqual(life.lines.slice(5), [
      "activity Halfway there.\n\nI try again.",
      "activity Committed to one-horizon/s1.",
      "activity `curl x`: declined. No network.",
    ]);
  });

  it("takes a sample of the usage every two seconds at most, where it changed, and the last one", () => {
    const uses = (total: number, afterMs: number): void => {
      life.tells({ kind: "usage", usage: usage(total), contextTokens: total / 2 }, afterMs);
    };
    life.works();
    for (const [total, afterMs] of [
      [2, 0],
      [4, 500],
      [6, 1600],
      [6, 3000],
      [8, 100],
      [10, 100],
    ] as const) {
      uses(total, afterMs);
    }
    life.is({ kind: "finishing", detail: "committing" });
    assert.deepEqual(
      life.lines.filter((line) => line.startsWith("usage")),
      ["usage 2 1", "usage 6 3", "usage 8 4", "usage 10 5"],
    );
  });

  for (const [phase, line] of [
    ["complete", "info ended Completed."],
    ["failed", "error ended Failed."],
    ["cancelled", "warning ended Cancelled."],
    ["released", "warning ended Released."],
    ["claimLost", "error lost The claim was lost."],
    ["interrupted", "warning interrupted Interrupted."],
  ] as const) {
    it(`says how it ended: ${phase}`, () => {
      assert.equal(life.works().ended(phase).lines.at(-1), line);
    });
  }

  it("says nothing of a claim that was not to be had, and says a trouble once", () => {
    life.is({ kind: "claiming", at: 0 }).ended("elsewhere", "Another worker was faster.");
    assert.deepEqual(life.lines, []);
    life.works().ended("interrupted", "Interrupted.");
    for (let poll = 0; poll < 3; poll += 1) {
      life.is({ kind: "claiming", at: 0 }).ended("interrupted", "It could not go on yet.");
    }
    assert.deepEqual(life.lines.slice(2), [
      "warning interrupted Interrupted.",
      "warning interrupted It could not go on yet.",
    ]);
  });

  it("shows the wait for the next try", () => {
    life.works().is({ kind: "finishing", detail: "looking at what changed" });
    life.is({ kind: "preparing", detail: "retrying in 10 s" });
    life.is({ kind: "preparing", detail: "starting the coding tool" });
    life.tells({ kind: "turnStarted", turnId: "t2" });
    assert.deepEqual(life.lines.slice(3), [
      "info preparing Retrying in 10 s.",
      "info working The coding tool works.",
    ]);
  });

  it("hears nothing of an attempt that has ended", () => {
    life.works().ended("complete");
    const before = life.lines;
    life.tells(ran).is({ kind: "preparing", detail: "x" }).is({ kind: "asked", question });
    life.is({ kind: "finishing", detail: "x" }).is({ kind: "claimed", leaseEndsAt: 1 });
    assert.deepEqual(life.lines, before);
    const silent = ["archived", "worktreeGone"] as const;
    assert.deepEqual(
      silent.map((kind) => isOfTimeline({ kind })),
      [false, false],
    );
  });
});
