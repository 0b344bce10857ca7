import assert from "node:assert/strict";
import { UserError } from "../../../src/core/actions";
import { PlatformError } from "../../../src/core/platformError";
import { WorktreeError } from "../../../src/core/ports/worktrees";
import { errorText, joinErrors } from "../../../src/ui/errorText";
import { givenQuestions, givenReason, givenSessions } from "../../../src/ui/sessionTargets";
import { english } from "./kit";

describe("command targets", () => {
  const cases: readonly (readonly [string, unknown, unknown, readonly string[]])[] = [
    ["nothing from the palette", undefined, undefined, []],
    ["a script's object", { sessionId: "a" }, undefined, ["a"]],
    ["one row", { rowId: "session:a", sessionId: "a" }, undefined, ["a"]],
    [
      "several rows, each session once",
      { sessionId: "a" },
      [{ sessionId: "a" }, { sessionId: "b" }, { sessionId: "a" }],
      ["a", "b"],
    ],
    ["an empty selection", { sessionId: "a" }, [], ["a"]],
    ["a group", { rowId: "group:done", sessionId: undefined }, undefined, []],
    ["groups among rows", { sessionId: "a" }, [{ sessionId: undefined }, { sessionId: "a" }], ["a"]],
    ["nonsense", 7, "text", []],
    ["an id of the wrong kind", { sessionId: 7 }, [null], []],
    ["an empty id", { sessionId: "" }, undefined, []],
  ];
  for (const [name, first, second, want] of cases) {
    it(`are read from ${name}`, () => assert.deepEqual(givenSessions(first, second), want));
  }
  it("name questions by their session, also of a selection", () => {
    const row = (sessionId: string, questionId?: string): object => ({ sessionId, questionId });
    const named = (first: unknown, second?: unknown): unknown => [...givenQuestions(first, second)];
    assert.deepEqual(named(row("a", "q")), [["a", ["q"]]]);
    assert.deepEqual(named(row("a", "q"), [row("a", "q"), row("b", "r"), row("a", "s"), row("c")]), [
      ["a", ["q", "s"]],
      ["b", ["r"]],
    ]);
    for (const none of [undefined, {}, row("a"), { questionId: "q" }]) assert.deepEqual(named(none), []);
  });
  it("can carry a reason", () => {
    assert.deepEqual([{ reason: "r" }, { reason: 1 }, {}, null, "r"].map(givenReason), [
      "r",
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("error text", () => {
  const platform = new PlatformError("It answered 500.", {
    reason: "server",
    outcome: "unknown",
    operation: "x",
  });
  it("shows sentences for users and keeps the rest in the log", () => {
    assert.deepEqual(
      [
        new UserError("Do this. [a](command:b)"),
        new WorktreeError("noGit", "No git."),
        platform,
        new TypeError("x"),
        "y",
      ].map((error) => errorText(error, english)),
      [
        { message: "Do this. [a] (command:b)", seeLog: false },
        { message: "No git.", seeLog: true },
        {
          message: "One Horizon did not take the request: the platform has a problem of its own.",
          seeLog: true,
        },
        { message: "The command stopped at an unexpected error. See the log.", seeLog: true },
        { message: "The command stopped at an unexpected error. See the log.", seeLog: true },
      ],
    );
  });
  it("joins failures and says each sentence once", () => {
    const a = new UserError("A.");
    assert.equal(joinErrors([], english), undefined);
    assert.equal(joinErrors([a], english), a);
    assert.equal(joinErrors([a, new UserError("B."), new UserError("A.")], english)?.message, "A. B.");
  });
});
