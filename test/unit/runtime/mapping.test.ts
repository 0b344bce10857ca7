import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import * as z from "zod/mini";
import type { RuntimeEvent } from "../../../src/core/ports/runtime";
import { mapNotification } from "../../../src/runtime/codex/mapping";
import { initialMapping, type MappingState } from "../../../src/runtime/codex/state";

const recordedSchema = z.array(
  z.looseObject({
    method: z.string(),
    id: z.optional(z.number()),
    params: z.record(z.string(), z.unknown()),
  }),
);
const recorded = recordedSchema.parse(
  JSON.parse(readFileSync(join(import.meta.dirname, "fixtures", "codexMessages.json"), "utf8")),
);
const notifications = recorded.filter((one) => one.id === undefined);

type Note = readonly [method: string, params: unknown];
const running: MappingState = { ...initialMapping, threadId: "thread-1", turnId: "turn-1" };

function feed(
  notes: readonly Note[],
  from: MappingState = running,
): { state: MappingState; events: RuntimeEvent[] } {
  let state = from;
  const events: RuntimeEvent[] = [];
  for (const [method, params] of notes) {
    const [next, told] = mapNotification(state, method, params);
    state = next;
    events.push(...told);
  }
  return { state, events };
}

const here = { threadId: "thread-1", turnId: "turn-1" };
const completed = (item: object, threadId = "thread-1"): Note => [
  "item/completed",
  { ...here, threadId, item },
];
const message = (id: string, text: string, phase: string | null): Note =>
  completed({ type: "agentMessage", id, text, phase });
const usage = (total: number, input: number, threadId = "thread-1"): Note => [
  "thread/tokenUsage/updated",
  {
    ...here,
    threadId,
    tokenUsage: {
      total: {
        totalTokens: total,
        inputTokens: input,
        cachedInputTokens: 1,
        outputTokens: 2,
        reasoningOutputTokens: 3,
      },
      modelContextWindow: 1000,
    },
  },
];
const end = (fields: object): Note => [
  "turn/completed",
  { threadId: "thread-1", turn: { id: "turn-1", status: "completed", error: null, items: [], ...fields } },
];
const retry: Note = ["error", { ...here, willRetry: true, error: { message: "Reconnecting... 1/2" } }];

describe("the mapping of recorded notifications", () => {
  it("tells the whole recorded turn in core's words", () => {
    const { state, events } = feed(
      notifications.map((one) => [one.method, one.params]),
      { ...initialMapping, threadId: "thread-1" },
    );
    assert.deepEqual(events, [
      {
        kind: "warning",
        text: "Codex could not find bubblewrap on PATH. Install bubblewrap with your OS package manager. See the sandbox prerequisites: https://developers.openai.com/codex/concepts/sandboxing#prerequisites. Codex will use the bundled bubblewrap in the meantime.",
      },
      { kind: "turnStarted", turnId: "turn-1" },
      { kind: "reasoning", itemId: "rs_000002", summary: "**Planning** the work" },
      {
        kind: "plan",
        explanation: "Two small steps",
        steps: [
          { text: "Create file", status: "inProgress" },
          { text: "Verify", status: "pending" },
        ],
      },
      {
        kind: "usage",
        usage: {
          inputTokens: 10952,
          cachedInputTokens: 5476,
          outputTokens: 57,
          reasoningOutputTokens: 20,
          totalTokens: 11009,
          contextWindow: 258400,
        },
        contextTokens: 11009,
      },
      { kind: "message", itemId: "msg_000006", text: "Creating the file now.", final: false },
      {
        kind: "commandStarted",
        itemId: "call_000008",
        command: "echo hello > a.txt && cat a.txt && pwd && id -u",
      },
      {
        kind: "commandCompleted",
        itemId: "call_000008",
        command: "echo hello > a.txt && cat a.txt && pwd && id -u",
        exitCode: 0,
        durationMs: 0,
        outputTail: "hello\n/project\n0\n",
      },
      {
        kind: "filesChanged",
        itemId: "call_00000b",
        files: [{ path: "/project/src/new.txt", change: "add" }],
      },
      { kind: "retrying", text: "Reconnecting... 1/2" },
    ]);
    assert.equal(state.end?.status, "completed");
  });

  it("never throws and keeps its state, whatever arrives", () => {
    const methods = [...notifications.map((one) => one.method), "unknown/method"];
    fc.assert(
      fc.property(fc.constantFrom(...methods), fc.anything(), (method, params) => {
        assert.deepEqual(mapNotification(running, method, params), [running, []]);
      }),
    );
  });
});

describe("messages", () => {
  it("the final answer is the run's last word, also when comments follow", () => {
    const { state, events } = feed([
      message("1", "working", "commentary"),
      message("2", "the answer", "final_answer"),
      message("3", "by the way", null),
    ]);
    assert.deepEqual(
      events.map((one) => one.kind === "message" && one.final),
      [false, true, false],
    );
    assert.equal(state.finalMessage, "the answer");
    assert.equal(state.lastMessage, "by the way");
  });

  it("what repeats after a retry is told once; without a retry it is told again", () => {
    const first = message("1", "same", "commentary");
    const again = message("2", "same", "commentary");
    assert.equal(feed([first, again]).events.length, 2);
    assert.deepEqual(
      feed([first, retry, again, message("3", "new", "commentary")]).events.map((one) => one.kind),
      ["message", "retrying", "message"],
    );
  });

  it("an empty message is not told", () => {
    assert.deepEqual(feed([message("1", "  \n", "final_answer")]).events, []);
  });
});

describe("usage", () => {
  it("never goes back, and is told only when it changed", () => {
    const totals = feed([usage(100, 90), usage(100, 90), usage(50, 40), usage(120, 95)]).events.map((one) =>
      one.kind === "usage" ? [one.usage.totalTokens, one.usage.inputTokens] : one.kind,
    );
    assert.deepEqual(totals, [
      [100, 90],
      [120, 95],
    ]);
  });

  it("is monotone for any order of totals", () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), (totals) => {
        const told = feed(totals.map((one) => usage(one, one))).events.flatMap((one) =>
          one.kind === "usage" ? [one.usage.totalTokens] : [],
        );
        assert.deepEqual(
          told,
          [...told].sort((a, b) => a - b),
        );
      }),
    );
  });
});

describe("other threads", () => {
  it("a helper thread of the tool ends no turn and is not counted", () => {
    const { state, events } = feed([
      usage(5000, 5000, "thread-2"),
      ["turn/completed", { threadId: "thread-2", turn: { id: "x", status: "failed" } }],
      completed({ type: "agentMessage", id: "1", text: "hi", phase: "final_answer" }, "thread-2"),
    ]);
    assert.deepEqual([state, events], [running, []]);
  });

  it("the end of an earlier turn of the same thread is not this turn's end", () => {
    assert.equal(feed([end({ id: "turn-0" })]).state.end, undefined);
  });
});

describe("the end of a turn", () => {
  const error = { message: "limit", codexErrorInfo: "usageLimitExceeded" };
  it("carries its error", () => {
    assert.deepEqual(feed([end({ status: "failed", error })]).state.end, { status: "failed", error });
  });
  it("falls back on the last error that was told", () => {
    const told: Note = ["error", { ...here, willRetry: false, error }];
    assert.deepEqual(feed([told, end({ status: "failed" })]).state.end, { status: "failed", error });
  });
});

describe("items", () => {
  const cases: readonly (readonly [string, object, readonly object[]])[] = [
    [
      "a patch of every kind, and one of a future kind",
      {
        type: "fileChange",
        id: "f",
        status: "completed",
        changes: ["add", "update", "delete", "rename"].map((type) => ({
          path: type,
          kind: { type },
          diff: "",
        })),
      },
      [
        {
          kind: "filesChanged",
          itemId: "f",
          files: [
            { path: "add", change: "add" },
            { path: "update", change: "update" },
            { path: "delete", change: "delete" },
            { path: "rename", change: "update" },
          ],
        },
      ],
    ],
    ["a declined patch", { type: "fileChange", id: "f", status: "declined", changes: [] }, []],
    ["a thought without words", { type: "reasoning", id: "r", summary: [] }, []],
    ["an item of a future kind", { type: "hologram", id: "h" }, []],
    [
      "a command that was killed",
      {
        type: "commandExecution",
        id: "c",
        command: "sleep 9",
        exitCode: null,
        aggregatedOutput: null,
        durationMs: null,
      },
      [
        {
          kind: "commandCompleted",
          itemId: "c",
          command: "sleep 9",
          exitCode: undefined,
          durationMs: undefined,
          outputTail: "",
        },
      ],
    ],
  ];
  for (const [name, item, expected] of cases) {
    it(name, () => assert.deepEqual(feed([completed(item)]).events, expected));
  }

  it("long texts are bounded, and the end of the output is what stays", () => {
    const item = {
      type: "commandExecution",
      id: "c",
      command: "x".repeat(10_000),
      aggregatedOutput: `${"y".repeat(1_000_000)}the end`,
    };
    const [told] = feed([completed(item)]).events;
    assert.ok(told?.kind === "commandCompleted");
    assert.equal(told.command.length, 2000);
    assert.equal(told.outputTail.length, 4000);
    assert.ok(told.outputTail.endsWith("the end"));
  });
});
