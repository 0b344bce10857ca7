import assert from "node:assert/strict";
import { parseFromPanel, parseMemory } from "../../../../src/ui/panel/webviewDoor";

describe("the webview's door", () => {
  const good: readonly unknown[] = [
    { kind: "ready" },
    { kind: "verb", verb: "showChanges" },
    { kind: "answer", questionId: "q1", answer: { kind: "verb", verb: "approve" } },
    { kind: "answer", questionId: "q1", answer: { kind: "option", text: "Plain" } },
    { kind: "send", questionId: "q1", text: "Go on" },
    { kind: "openFile", path: "src/a b.ts" },
    { kind: "openLink", url: "https://example.com/" },
    { kind: "copy", text: "x" },
  ];
  for (const message of good) {
    it(`lets ${JSON.stringify(message)} in`, () => {
      assert.deepEqual(parseFromPanel(message), message);
    });
  }

  const bad: readonly (readonly [string, unknown])[] = [
    ["nothing", undefined],
    ["null", null],
    ["a text", "ready"],
    ["a list", [{ kind: "ready" }]],
    ["no kind", {}],
    ["another kind", { kind: "eval", code: "1" }],
    ["a kind that is none", { kind: { toString: () => "ready" } }],
    ["a verb that is none", { kind: "verb", verb: "constructor" }],
    ["a command's id as a verb", { kind: "verb", verb: "oneHorizon.worker.stop" }],
    [
      "an answer that only the editor gives",
      { kind: "answer", questionId: "q", answer: { kind: "verb", verb: "cancel" } },
    ],
    ["a number as text", { kind: "send", questionId: "q", text: 1 }],
    ["no question", { kind: "send", text: "x" }],
    ["an empty text", { kind: "copy", text: "" }],
    ["a long question", { kind: "send", questionId: "q".repeat(301), text: "x" }],
    ["a long text", { kind: "send", questionId: "q", text: "x".repeat(10_001) }],
    [
      "a long option",
      { kind: "answer", questionId: "q", answer: { kind: "option", text: "x".repeat(10_001) } },
    ],
    ["a long path", { kind: "openFile", path: "x".repeat(4_097) }],
    ["a long address", { kind: "openLink", url: `https://${"x".repeat(2_048)}` }],
    ["much to copy", { kind: "copy", text: "x".repeat(200_001) }],
  ];
  for (const [name, message] of bad) {
    it(`keeps ${name} out`, () => {
      assert.equal(parseFromPanel(message), undefined);
    });
  }

  it("leaves out what it does not know, and what would reach into prototypes", () => {
    const message: unknown = JSON.parse(
      '{"kind":"ready","__proto__":{"polluted":true},"constructor":1,"more":[]}',
    );
    const parsed = parseFromPanel(message);
    assert.deepEqual(parsed, { kind: "ready" });
    assert.deepEqual(Object.keys(parsed), ["kind"]);
    assert.equal("polluted" in {}, false);
  });

  it("takes back what a panel kept, and only that", () => {
    assert.deepEqual(parseMemory({ sessionId: "s1", title: "", scroll: 3 }), { sessionId: "s1", title: "" });
    for (const state of [
      undefined,
      null,
      {},
      { sessionId: "", title: "" },
      { sessionId: 1, title: "" },
      { sessionId: "s" },
    ]) {
      assert.equal(parseMemory(state), undefined);
    }
    assert.equal(parseMemory({ sessionId: "s".repeat(301), title: "" }), undefined);
    assert.equal(parseMemory({ sessionId: "s", title: "t".repeat(2_001) }), undefined);
  });
});
