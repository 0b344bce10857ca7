import assert from "node:assert/strict";
import { completedBefore, messageIdOf } from "../../../src/runtime/codex/doneBefore";

const said = (clientId: string | null): object => ({ type: "userMessage", id: "u", clientId, content: [] });
const answered = (text: string, phase: string | null = "final_answer"): object => ({
  type: "agentMessage",
  id: "a",
  text,
  phase,
});
const turn = (status: string, ...items: readonly object[]): object => ({ id: "t", status, items });
const ours = messageIdOf("work");
const done = turn("completed", said(ours), answered("the end"));

describe("the end of a turn that an earlier process began", () => {
  const outcomes: readonly (readonly [string, readonly object[], string | undefined])[] = [
    ["that completed", [done], "the end"],
    ["below those of a person", [turn("interrupted", said(null)), turn("completed"), done], "the end"],
    ["with a last message of no phase", [turn("completed", said(ours), answered("so", null))], "so"],
    ["without a message", [turn("completed", said(ours), { type: "news" })], undefined],
  ];
  for (const [name, data, finalMessage] of outcomes) {
    it(`is taken over: ${name}`, () => {
      assert.deepEqual(completedBefore({ data }, "work"), { kind: "completed", finalMessage });
    });
  }

  const others: readonly (readonly [string, unknown])[] = [
    ["cut off", { data: [turn("interrupted", said(ours), answered("the end"))] }],
    ["failed", { data: [turn("failed", said(ours))] }],
    ["in progress", { data: [turn("inProgress", said(ours))] }],
    ["for other work", { data: [turn("completed", said(messageIdOf("answer")), answered("the end"))] }],
    ["below a later one that was cut off", { data: [turn("interrupted", said(ours)), done] }],
    ["below a later one for other work", { data: [turn("interrupted", said(messageIdOf("answer"))), done] }],
    ["a person's own", { data: [turn("completed", said(null), answered("the end"))] }],
    ["none", { data: [] }],
    ["in an unknown form", { turns: [done] }],
    ["not told", undefined],
  ];
  for (const [name, answer] of others) {
    it(`is not taken over: ${name}`, () => {
      assert.equal(completedBefore(answer, "work"), undefined);
    });
  }
});
