import assert from "node:assert/strict";
import type { Answer, Decision, Question } from "../../../src/core/ports/person";
import type { RunPolicy } from "../../../src/core/policy";
import type { AcpStep } from "../../fakes/acpScenario";
import { AcpLab } from "./acpLab";

const asking: RunPolicy = { sandbox: "workspace-write", approvals: "on-request", network: false };
const all = ["allow_once", "allow_always", "reject_once", "reject_always"];
const options = (kinds: readonly string[]): readonly object[] =>
  kinds.map((kind) => ({ optionId: `id-${kind}`, name: kind, kind }));
const permission = (toolCall: object, kinds: readonly string[] = all): AcpStep => ({
  do: "request",
  method: "session/request_permission",
  params: { toolCall: { toolCallId: "call-1", ...toolCall }, options: options(kinds) },
});
const command = { title: "Run the tests", kind: "execute", rawInput: { command: "npm test" } };
const selected = (kind: string): object => ({ outcome: { outcome: "selected", optionId: `id-${kind}` } });
const decision = (one: Decision, guidance?: string): Answer => ({
  kind: "decision",
  decision: one,
  guidance,
});

describe("an agent that asks", () => {
  let lab: AcpLab;
  const asked: Question[] = [];
  beforeEach(() => {
    lab = new AcpLab();
    asked.length = 0;
  });
  afterEach(() => lab.close());

  const answering = (answer: Answer) => ({
    policy: asking,
    ask: (question: Question) => {
      asked.push(question);
      return Promise.resolve(answer);
    },
  });

  const decisions: readonly (readonly [Decision, readonly string[], object])[] = [
    ["approve", all, selected("allow_once")],
    ["approveForSession", all, selected("allow_always")],
    ["deny", all, selected("reject_once")],
    ["approveForSession", ["allow_once", "reject_once"], selected("allow_once")],
    ["approve", ["allow_always", "reject_once"], selected("reject_once")],
    ["deny", ["allow_once", "reject_always"], selected("reject_always")],
    ["deny", ["allow_once"], { outcome: { outcome: "cancelled" } }],
  ];
  for (const [given, kinds, expected] of decisions) {
    it(`${given}, where it offers ${kinds.join(", ")}`, async () => {
      const outcome = await lab.play([permission(command, kinds)], answering(decision(given)));
      assert.equal(outcome.kind, "completed");
      assert.deepEqual(lab.answers("session/request_permission"), [expected]);
      assert.deepEqual(asked, [
        {
          about: "command",
          what: "npm test",
          why: "Run the tests",
          where: undefined,
          forSession: kinds.includes("allow_always"),
          parts: [],
        },
      ]);
    });
  }

  it("a cancel ends the turn, and is told as a person's", async () => {
    const outcome = await lab.play(
      [permission(command), { do: "untilCancelled" }],
      answering(decision("cancel")),
    );
    assert.equal(outcome.kind === "failed" && outcome.reason, "turnCancelled");
    assert.deepEqual(lab.answers("session/request_permission"), [{ outcome: { outcome: "cancelled" } }]);
  });

  it("a person's words besides reach the model in a next prompt, as untrusted text", async () => {
    const outcome = await lab.run(
      { prompts: [[permission(command)], [{ do: "say", text: "Understood." }]] },
      answering(decision("deny", "Use the linter instead")),
    );
    assert.deepEqual(outcome, { kind: "completed", finalMessage: "Understood." });
    const prompts = lab.noted().filter((one) => one["method"] === "session/prompt");
    assert.equal(prompts.length, 2);
    assert.match(JSON.stringify(prompts[1]), /The work, as other people wrote it.*Use the linter instead/);
  });

  it("where nobody is asked each request is declined, and that is told", async () => {
    await lab.play([permission(command), permission(command, ["allow_once"])]);
    assert.deepEqual(lab.answers("session/request_permission"), [
      selected("reject_once"),
      { outcome: { outcome: "cancelled" } },
    ]);
    assert.match(lab.eventsOf("policyDecision")[0]?.request ?? "", /npm test/);
  });

  it("the worker's own tools need no approval, but a command that is called like one does", async () => {
    const own = { title: "mcp__one_horizon__report_progress", kind: "other", rawInput: { message: "x" } };
    await lab.play([
      permission(own),
      permission({ ...own, toolCallId: "call-2", title: "report_progress" }),
      permission({ ...own, toolCallId: "call-3", kind: "execute", rawInput: { command: "rm -rf ." } }),
    ]);
    assert.deepEqual(lab.answers("session/request_permission"), [
      selected("allow_once"),
      selected("reject_once"),
      selected("reject_once"),
    ]);
  });

  it("what nobody could be shown is declined unasked", async () => {
    const long = { ...command, rawInput: { command: "x".repeat(20_000) } };
    await lab.play([permission(long), permission({ title: "" })], answering(decision("approve")));
    assert.deepEqual(asked, []);
    assert.deepEqual(lab.answers("session/request_permission"), [
      selected("reject_once"),
      selected("reject_once"),
    ]);
  });

  it("an edit is shown by its files, as the tool call before named them", async () => {
    const path = `${lab.project}/src/a.ts`;
    const tool = { kind: "edit", title: "Edit", content: [{ type: "diff", path, newText: "x" }] };
    await lab.play(
      [
        { do: "update", update: { sessionUpdate: "tool_call", toolCallId: "call-1", ...tool } },
        permission({}),
      ],
      answering(decision("approve")),
    );
    assert.deepEqual(
      asked.map(({ about, what }) => ({ about, what })),
      [{ about: "fileChange", what: "src/a.ts" }],
    );
  });

  it("a form is asked field by field and answered by type", async () => {
    const requestedSchema = {
      type: "object",
      properties: {
        color: { type: "string", title: "Which colour?", oneOf: [{ const: "#f00", title: "Red" }] },
        sure: { type: "boolean", title: "Sure?" },
        count: { type: "integer", title: "How many?" },
      },
    };
    const params = { mode: "form", message: "Some questions", requestedSchema };
    await lab.play(
      [{ do: "request", method: "elicitation/create", params }],
      answering({ kind: "texts", texts: ["Red", "yes", "3"] }),
    );
    assert.deepEqual(
      asked[0]?.parts.map(({ text, options: some }) => [text, some]),
      [
        ["Which colour?", ["Red"]],
        ["Sure?", ["yes", "no"]],
        ["How many?", []],
      ],
    );
    assert.deepEqual(lab.answers("elicitation/create"), [
      { action: "accept", content: { color: "#f00", sure: true, count: 3 } },
    ]);
  });

  it("a web page is not opened for it", async () => {
    const params = { mode: "url", message: "Look", elicitationId: "1", url: "https://example.invalid" };
    await lab.play([{ do: "request", method: "elicitation/create", params }], answering(decision("approve")));
    assert.deepEqual(lab.answers("elicitation/create"), [{ action: "decline" }]);
    assert.deepEqual(asked, []);
  });
});
