import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { decide } from "../../../src/runtime/codex/requests";

const recorded = z
  .array(z.looseObject({ method: z.string(), id: z.optional(z.number()), params: z.unknown() }))
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, "fixtures", "codexMessages.json"), "utf8")));

describe("the policy's answers to requests of the tool", () => {
  const expected: Readonly<Record<string, object>> = {
    "item/commandExecution/requestApproval": { decision: "decline" },
    "item/fileChange/requestApproval": { decision: "decline" },
    "item/tool/requestUserInput": { answers: {} },
    "item/tool/call": {
      contentItems: [{ type: "inputText", text: "There is no tool named delegate_work." }],
      success: false,
    },
  };
  for (const { method, params } of recorded.filter((one) => one.id !== undefined)) {
    it(`recorded ${method}`, () =>
      assert.deepEqual(decide(method, params, 0)?.answer, { result: expected[method] }));
  }

  const cases: readonly (readonly [string, object])[] = [
    ["item/permissions/requestApproval", { permissions: {}, scope: "turn" }],
    ["mcpServer/elicitation/request", { action: "decline", content: null, _meta: null }],
    ["currentTime/read", { currentTimeAt: 1_700_000_000 }],
  ];
  for (const [method, result] of cases) {
    it(method, () => assert.deepEqual(decide(method, undefined, 1_700_000_000_999)?.answer, { result }));
  }

  it("what was declined is told with its reason and command, bounded", () => {
    const told = decide(
      "item/commandExecution/requestApproval",
      { reason: "Needs it", command: `touch ${"x".repeat(5000)}` },
      0,
    )?.event;
    assert.ok(told?.kind === "policyDecision");
    assert.match(told.request, /^item\/commandExecution\/requestApproval: Needs it: touch x+…$/);
    assert.equal(told.request.length, 1000);
  });

  it("nothing is ever granted, whatever is asked", () => {
    for (const method of ["execCommandApproval", "applyPatchApproval"]) {
      assert.match(JSON.stringify(decide(method, {}, 0)?.answer), /denied/);
    }
  });

  it("an unknown request has no answer here", () => assert.equal(decide("future/request", {}, 0), undefined));
});
