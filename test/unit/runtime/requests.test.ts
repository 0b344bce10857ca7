import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import type { Answer } from "../../../src/core/ports/person";
import type { RequestContext } from "../../../src/runtime/codex/questions";
import { planRequest } from "../../../src/runtime/codex/requests";

const recorded = z
  .array(z.looseObject({ method: z.string(), id: z.optional(z.number()), params: z.unknown() }))
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, "fixtures", "codexMessages.json"), "utf8")));

const context: RequestContext = {
  nowMs: 1_700_000_000_999,
  approvals: "never",
  workingDirectory: "/home/dev/project",
  filesOf: () => ["/home/dev/project/src/a.ts", "/etc/passwd"],
};
const answerOf = (method: string, params: unknown, changes: Partial<RequestContext> = {}): unknown => {
  const plan = planRequest(method, params, { ...context, ...changes });
  return plan?.kind === "answered" ? plan.answer : plan;
};

describe("the policy's answers to requests of the tool", () => {
  const expected: Readonly<Record<string, object>> = {
    "item/commandExecution/requestApproval": { decision: "decline" },
    "item/fileChange/requestApproval": { decision: "decline" },
  };
  for (const { method, params } of recorded.filter((one) => one.method in expected)) {
    it(`recorded ${method}`, () => assert.deepEqual(answerOf(method, params), { result: expected[method] }));
  }

  const cases: readonly (readonly [string, object])[] = [
    ["item/permissions/requestApproval", { permissions: {}, scope: "turn" }],
    ["item/tool/requestUserInput", { answers: {} }],
    ["mcpServer/elicitation/request", { action: "decline", content: null, _meta: null }],
    ["currentTime/read", { currentTimeAt: 1_700_000_000 }],
  ];
  for (const [method, result] of cases) {
    it(method, () => assert.deepEqual(answerOf(method, undefined), { result }));
  }

  it("what was declined is told with its reason and command, bounded", () => {
    const plan = planRequest(
      "item/commandExecution/requestApproval",
      { reason: "Needs it", command: `touch ${"x".repeat(5000)}` },
      context,
    );
    assert.ok(plan?.kind === "answered" && plan.event?.kind === "policyDecision");
    assert.match(plan.event.request, /^item\/commandExecution\/requestApproval: Needs it: touch x+…$/);
    assert.equal(plan.event.request.length, 1000);
  });

  it("nothing is ever granted without a person, whatever is asked", () => {
    for (const method of ["execCommandApproval", "applyPatchApproval"]) {
      assert.match(JSON.stringify(answerOf(method, {}, { approvals: "untrusted" })), /denied/);
    }
    for (const method of [
      "item/commandExecution/requestApproval",
      "item/fileChange/requestApproval",
      "item/permissions/requestApproval",
    ]) {
      const odd = JSON.stringify(answerOf(method, { command: 7, files: [] }, { approvals: "on-request" }));
      assert.match(odd, /decline|"permissions":\{\}/, method);
    }
  });

  it("an unknown request has no answer here", () =>
    assert.equal(planRequest("future/request", {}, context), undefined));
});

describe("the questions that requests of the tool become", () => {
  const asks = (method: string, params: unknown) => {
    const plan = planRequest(method, params, { ...context, approvals: "on-request" });
    assert.ok(plan?.kind === "asks", method);
    return plan;
  };
  const decision = (word: "approve" | "approveForSession" | "deny" | "cancel"): Answer => ({
    kind: "decision",
    decision: word,
    guidance: undefined,
  });

  it("recorded ones, in words of no tool", () => {
    const told = recorded
      .filter((one) => one.id !== undefined && one.method !== "item/tool/call")
      .map(({ method, params }) => asks(method, params).question);
    assert.deepEqual(told, [
      {
        about: "command",
        what: "touch /dev-home/outside/ok",
        where: "/project",
        why: "Needs to write outside the workspace. OK?",
        forSession: true,
        parts: [],
      },
      {
        about: "fileChange",
        what: "src/a.ts, /etc/passwd",
        where: undefined,
        why: undefined,
        forSession: true,
        parts: [],
      },
      {
        about: "question",
        what: "Which database?",
        where: undefined,
        why: undefined,
        forSession: false,
        parts: [{ text: "Which database?", options: ["SQLite (Recommended)", "Postgres"], secret: false }],
      },
    ]);
  });

  it("show all of a command, whatever the tool's own reading of it leaves out", () => {
    const { question } = asks("item/commandExecution/requestApproval", {
      command: "/bin/bash -lc 'cat a.txt | tee ../evil'",
      commandActions: [{ type: "read", command: "cat a.txt" }],
    });
    assert.equal(question.what, "cat a.txt | tee ../evil");
  });

  it("show what else is granted along with a command", () => {
    const what = (more: object): string =>
      asks("item/commandExecution/requestApproval", { command: "ls", ...more }).question.what;
    const additionalPermissions = { network: { enabled: true }, fileSystem: { write: ["/etc"] } };
    assert.equal(
      what({ additionalPermissions }),
      'ls; with network: {"enabled":true}; files: {"write":["/etc"]}',
    );
    assert.equal(
      what({ networkApprovalContext: { host: "a.example" } }),
      "ls; with network access to a.example",
    );
    assert.equal(what({ additionalPermissions: null, networkApprovalContext: null }), "ls");
  });

  it("say in which folder, below the checkout or outside of it", () => {
    const where = (cwd: string) =>
      asks("item/commandExecution/requestApproval", { command: "ls", cwd }).question.where;
    assert.deepEqual(["/home/dev/project", "/home/dev/project/a/b", "/home/dev/other", "/"].map(where), [
      undefined,
      "a/b",
      "/home/dev/other",
      "/",
    ]);
  });

  it("are bounded, whatever a stranger writes", () => {
    const long = "x".repeat(100_000);
    const { question } = asks("item/commandExecution/requestApproval", {
      command: "ls",
      cwd: `/${long}`,
      reason: long,
    });
    assert.ok(JSON.stringify(question).length < 3000);
    const options = Array.from({ length: 100 }, () => ({ label: long }));
    const questions = Array.from({ length: 100 }, () => ({ id: "a", question: long, options }));
    assert.ok(JSON.stringify(asks("item/tool/requestUserInput", { questions }).question).length < 100_000);
  });

  it("are not asked where a person could not be shown all that they approve", () => {
    const params = { command: `ls ${" ".repeat(20_000)}; rm -rf ~` };
    const plan = planRequest("item/commandExecution/requestApproval", params, {
      ...context,
      approvals: "on-request",
    });
    assert.ok(plan?.kind === "answered" && plan.event?.kind === "policyDecision");
    assert.deepEqual(plan.answer, { result: { decision: "decline" } });
    assert.match(plan.event.reason, /too long to be shown/);
  });

  it("name every file of a change, and are not asked where that cannot be", () => {
    const method = "item/fileChange/requestApproval";
    const planFor = (files: readonly string[], params: object = {}) =>
      planRequest(
        method,
        { itemId: "i", ...params },
        { ...context, approvals: "on-request", filesOf: () => files },
      );
    const many = [...Array.from({ length: 100 }, (_one, at) => `/home/dev/project/${at}.ts`), "/etc/passwd"];
    const plan = planFor(many);
    assert.ok(plan?.kind === "asks");
    assert.match(plan.question.what, /^0\.ts, 1\.ts, .*99\.ts, \/etc\/passwd$/);
    const declined = [planFor([]), planFor(["/x".repeat(10_000)]), planFor([], { grantRoot: "/etc" })];
    assert.deepEqual(
      declined.map((one) => one?.kind),
      ["answered", "answered", "answered"],
    );
  });

  it("are answered in the tool's words", () => {
    const command = asks("item/commandExecution/requestApproval", { command: "ls" });
    const words = (["approve", "approveForSession", "deny", "cancel"] as const).map((word) =>
      command.answer(decision(word)),
    );
    assert.deepEqual(words, [
      { decision: "accept" },
      { decision: "acceptForSession" },
      { decision: "decline" },
      { decision: "cancel" },
    ]);
    assert.deepEqual(command.answer({ kind: "texts", texts: ["yes, approve"] }), { decision: "decline" });
  });

  it("grant a permission as it was asked for, for the turn or the thread", () => {
    const permissions = { network: { enabled: true }, fileSystem: null };
    const asked = asks("item/permissions/requestApproval", { cwd: "/x", reason: null, permissions });
    assert.deepEqual(asked.answer(decision("approve")), {
      permissions: { network: { enabled: true } },
      scope: "turn",
    });
    assert.deepEqual(asked.answer(decision("approveForSession")), {
      permissions: { network: { enabled: true } },
      scope: "session",
    });
    assert.deepEqual(asked.answer(decision("deny")), { permissions: {}, scope: "turn" });
    assert.ok(asked.interrupts);
  });

  it("take one answer for each part, and one for all where there is only one", () => {
    const questions = ["a", "b"].map((id) => ({ id, question: `${id}?` }));
    const asked = asks("item/tool/requestUserInput", { questions });
    assert.deepEqual(asked.answer({ kind: "texts", texts: ["1", "2"] }), {
      answers: { a: { answers: ["1"] }, b: { answers: ["2"] } },
    });
    assert.deepEqual(asked.answer({ kind: "texts", texts: ["both"] }), {
      answers: { a: { answers: ["both"] }, b: { answers: ["both"] } },
    });
    assert.deepEqual(asked.answer(decision("deny")), { answers: {} });
  });
});
