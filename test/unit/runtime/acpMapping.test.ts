import assert from "node:assert/strict";
import { mapEnd, mapTotals, mapUpdate } from "../../../src/runtime/acp/mapping";
import { initialState, type AcpState, type MappingContext } from "../../../src/runtime/acp/state";
import type { RuntimeEvent } from "../../../src/core/ports/runtime";

const terminals = new Map([
  ["t1", { command: "npm test", output: "ok SECRET\n", exitCode: 0, durationMs: 12 }],
]);
const context = (nowMs = 0): MappingContext => ({
  nowMs,
  redact: (text) => text.replaceAll("SECRET", "[hidden]"),
  terminal: (id) => terminals.get(id),
});
const textOf = (text: string): object => ({ type: "text", text });
const message = (text: string, messageId?: string): object => ({
  sessionUpdate: "agent_message_chunk",
  content: textOf(text),
  messageId,
});
const thought = (text: string): object => ({ sessionUpdate: "agent_thought_chunk", content: textOf(text) });
const call = (fields: object): object => ({
  sessionUpdate: "tool_call",
  toolCallId: "c1",
  title: "A step",
  ...fields,
});
const more = (fields: object): object => ({ sessionUpdate: "tool_call_update", toolCallId: "c1", ...fields });
const diff = (path: string, oldText: string | null = null, _meta?: object): object => ({
  type: "diff",
  path,
  oldText,
  newText: "new",
  _meta,
});

function play(updates: readonly object[], nowMs = 0): readonly [AcpState, readonly RuntimeEvent[]] {
  return updates.reduce<readonly [AcpState, readonly RuntimeEvent[]]>(
    ([state, events], update) => {
      const kind = "sessionUpdate" in update ? String(update.sessionUpdate) : "";
      const [next, told] = mapUpdate(state, kind, update, context(nowMs));
      return [next, [...events, ...told]];
    },
    [initialState, []],
  );
}

/** What the updates and the turn's end tell. */
function told(...updates: readonly object[]): readonly RuntimeEvent[] {
  const [state, events] = play(updates);
  return [...events, ...mapEnd(state, true, context())[1]];
}

const said = (text: string, final: boolean, itemId: string): RuntimeEvent => ({
  kind: "message",
  itemId,
  text,
  final,
});
const started = (command: string): RuntimeEvent => ({ kind: "commandStarted", itemId: "c1", command });
const ran = (
  command: string,
  outputTail: string,
  exitCode: number | undefined,
  durationMs = 0,
): RuntimeEvent => ({ kind: "commandCompleted", itemId: "c1", command, exitCode, durationMs, outputTail });
const changed = (...files: readonly (readonly [string, "add" | "update" | "delete"])[]): RuntimeEvent => ({
  kind: "filesChanged",
  itemId: "c1",
  files: files.map(([path, change]) => ({ path, change })),
});

const table: readonly (readonly [string, readonly object[], readonly RuntimeEvent[]])[] = [
  ["pieces of a message", [message("a"), message("b")], [said("ab", true, "message-1")]],
  [
    "two messages by their ids",
    [message("a", "1"), message("b", "2"), message("c", "2")],
    [said("a", false, "1"), said("bc", true, "2")],
  ],
  [
    "a thought between two messages",
    [message("a"), thought("h"), thought("m"), message("b")],
    [
      said("a", false, "message-1"),
      { kind: "reasoning", itemId: "thought-2", summary: "hm" },
      said("b", true, "message-3"),
    ],
  ],
  ["empty texts", [message("  "), thought("")], []],
  ["a secret in two pieces", [message("SEC"), message("RET")], [said("[hidden]", true, "message-1")]],
  [
    "a picture, of which nothing is told, and a link by its name",
    [
      { ...message(""), content: { type: "image", data: "x", mimeType: "image/png" } },
      { ...message(""), content: { type: "resource_link", name: "notes.md", uri: "file:///notes.md" } },
    ],
    [said("notes.md", true, "message-1")],
  ],
  ["a person's own words", [{ sessionUpdate: "user_message_chunk", content: textOf("me") }], []],
  [
    "a command by its input, with its texts",
    [
      call({ kind: "execute", rawInput: { command: "npm test" } }),
      more({ status: "in_progress" }),
      more({
        status: "completed",
        content: [{ type: "content", content: textOf("ok") }],
        rawOutput: { exit_code: 0 },
      }),
    ],
    [started("npm test"), ran("npm test", "ok", 0)],
  ],
  [
    "a command as an argv with a shell around it",
    [call({ kind: "execute", status: "failed", rawInput: { command: ["/bin/bash", "-lc", "a && b"] } })],
    [started("a && b"), ran("a && b", "", undefined)],
  ],
  [
    "a command by its title",
    [call({ kind: "execute", title: "`ls -l`", status: "completed", rawOutput: "files" })],
    [started("ls -l"), ran("ls -l", "files", undefined)],
  ],
  [
    "a command in a terminal of ours",
    [
      call({ kind: "other", content: [{ type: "terminal", terminalId: "t1" }] }),
      more({ status: "completed" }),
    ],
    [started("npm test"), ran("npm test", "ok [hidden]\n", 0, 12)],
  ],
  [
    "a command in a terminal of the agent's, by the extension",
    [
      call({ kind: "execute", title: "make", content: [{ type: "terminal", terminalId: "own" }] }),
      more({ _meta: { terminal_output_delta: { data: "a", terminal_id: "own" } } }),
      more({
        _meta: { terminal_output: { data: "b", terminal_id: "own" }, terminal_exit: { exit_code: 2 } },
      }),
      more({ status: "completed" }),
    ],
    [started("make"), ran("make", "ab", 2)],
  ],
  [
    "what turns out to be a command, told once",
    [call({}), more({ kind: "execute" }), more({ status: "completed" }), more({ status: "completed" })],
    [started("A step"), ran("A step", "", undefined)],
  ],
  [
    "a command that was never told as ended",
    [call({ kind: "execute" })],
    [started("A step"), ran("A step", "", undefined)],
  ],
  [
    "an edit by its diffs",
    [
      call({
        kind: "edit",
        content: [diff("/w/a"), diff("/w/b", "old"), diff("/w/c", "", { kind: "delete" })],
      }),
      more({ status: "completed" }),
    ],
    [changed(["/w/a", "add"], ["/w/b", "update"], ["/w/c", "delete"])],
  ],
  ["an edit that failed", [call({ kind: "edit", content: [diff("/w/a")], status: "failed" })], []],
  [
    "a deletion and a move by their places",
    [call({ kind: "delete", status: "completed", locations: [{ path: "/w/a" }, { path: "/w/a" }] })],
    [changed(["/w/a", "delete"])],
  ],
  ["a look into a file", [call({ kind: "read", status: "completed", locations: [{ path: "/w/a" }] })], []],
  [
    "a plan, told once",
    Array.from({ length: 3 }, () => ({
      sessionUpdate: "plan",
      entries: [
        { content: "One", status: "completed" },
        { content: "Two SECRET", status: "in_progress" },
        { content: "Three", status: "someday" },
      ],
    })),
    [
      {
        kind: "plan",
        explanation: undefined,
        steps: [
          { text: "One", status: "completed" },
          { text: "Two [hidden]", status: "inProgress" },
          { text: "Three", status: "pending" },
        ],
      },
    ],
  ],
  [
    "a warning, but no news",
    [
      { sessionUpdate: "notice", severity: "info", title: "Hello" },
      { sessionUpdate: "notice", severity: "warning", title: "Slow", description: "today" },
    ],
    [{ kind: "warning", text: "Slow: today" }],
  ],
  [
    "what is not known",
    [{ sessionUpdate: "future" }, { sessionUpdate: "session_info_update", title: "x" }],
    [],
  ],
];

describe("what an agent's updates tell", () => {
  for (const [what, updates, expected] of table) {
    it(what, () => assert.deepEqual(told(...updates), expected));
  }

  it("how long a command took", () => {
    const [before] = play([call({ kind: "execute" })], 1000);
    const [, events] = mapUpdate(before, "tool_call_update", more({ status: "completed" }), context(1750));
    assert.equal(events[0]?.kind === "commandCompleted" && events[0].durationMs, 750);
  });

  it("bounds what it remembers and tells", () => {
    const long = "x".repeat(150_000);
    const [state, events] = play([message(long), message(long), message(long)]);
    assert.equal(state.open?.text.length, 200_000);
    assert.deepEqual(events, []);
    const [end] = mapEnd(state, true, context());
    assert.equal(end.lastMessage?.length, 100_000);
    const many = Array.from({ length: 3000 }, (_, at) => call({ toolCallId: `c${at}`, kind: "execute" }));
    const [last, commands] = play(many);
    assert.equal(last.tools.size, 500);
    assert.equal(commands.filter((one) => one.kind === "commandStarted").length, 2000);
    assert.equal(commands.filter((one) => one.kind === "warning").length, 1);
  });

  it("keeps totals apart from the filled context, however the agent counts what came from a cache", () => {
    const [state] = play([{ sessionUpdate: "usage_update", used: 10, size: 100 }]);
    assert.deepEqual([state.usage?.totalTokens, state.usage?.contextWindow], [10, 100]);
    const counted = {
      inputTokens: 50,
      outputTokens: 20,
      cachedReadTokens: 30,
      cachedWriteTokens: 5,
      thoughtTokens: 4,
    };
    const [apart] = mapTotals(state, { ...counted, totalTokens: 105 });
    assert.deepEqual(apart.usage, {
      inputTokens: 85,
      cachedInputTokens: 30,
      outputTokens: 20,
      reasoningOutputTokens: 4,
      totalTokens: 105,
      contextWindow: 100,
    });
    const [within] = mapTotals(state, { ...counted, totalTokens: 70 });
    assert.equal(within.usage?.inputTokens, 50);
  });
});
