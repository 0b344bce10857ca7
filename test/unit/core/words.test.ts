import assert from "node:assert/strict";
import { whyModeUnsupported, whyNotOurs } from "../../../src/core/eligibility";
import { metadataOf, narrate, showsLife } from "../../../src/core/narrate";
import type { RuntimeEvent } from "../../../src/core/ports/runtime";
import type { Session } from "../../../src/core/session";
import { troubleWith } from "../../../src/core/platformWords";
import { conflict, lostAnswer, refused } from "../../fakes/platformErrors";
import { aSession, us } from "../../fakes/builders";

describe("what is ours to run", () => {
  const table: readonly [string, Partial<Session>, RegExp | undefined][] = [
    ["a session of ours", {}, undefined],
    ["no owner", { ownerUserId: undefined }, /no owner/u],
    ["an empty owner", { ownerUserId: "" }, /another person/u],
    ["another owner", { ownerUserId: "user-2" }, /another person/u],
    ["another workspace", { workspaceId: "w" }, /another workspace/u],
    ["another agent", { agentId: "a" }, /another agent/u],
    ["cloud", { executionMode: "cloud" }, /local worker/u],
    ["a mode of later", { executionMode: "hybrid" }, /local worker/u],
    ["routed to another worker, yet offered", { workerId: "worker-2" }, undefined],
  ];
  for (const [name, facts, expected] of table) {
    it(`${name}: ${expected === undefined ? "yes" : "no"}`, () => {
      const refusal = whyNotOurs(aSession(facts), us);
      if (expected === undefined) assert.equal(refusal, undefined);
      else assert.match(refusal ?? "", expected);
    });
  }

  const facts = { runId: undefined, stepId: undefined, taskMode: undefined, branchName: undefined };
  const modes: readonly [string, Session["workflow"], boolean][] = [
    ["no workflow", undefined, true],
    ["a workflow of nothing", facts, true],
    ["only a branch name", { ...facts, branchName: "b" }, true],
    ["a run without a mode", { ...facts, runId: "r" }, false],
    ["code", { ...facts, taskMode: "code" }, false],
    ["a mode of later", { ...facts, taskMode: "dance" }, false],
  ];
  for (const [name, workflow, runs] of modes) {
    it(`${name}: ${runs ? "run" : "claimed and failed"}`, () => {
      assert.equal(whyModeUnsupported(aSession({ workflow })) === undefined, runs);
    });
  }
});

describe("what the platform is told of an event", () => {
  const usage = {
    inputTokens: 1,
    cachedInputTokens: 0,
    outputTokens: 2,
    reasoningOutputTokens: 0,
    totalTokens: 3,
    contextWindow: 9,
  };
  const steps = [
    { text: "Look", status: "completed" },
    { text: "Mend\nit", status: "inProgress" },
    { text: "Test", status: "pending" },
  ] as const;
  const plan = "- [x] Look\n- [ ] ▸ Mend\n- [ ] Test";
  const table: readonly [RuntimeEvent, string | undefined, object | undefined, boolean][] = [
    [
      { kind: "processStarted", processId: 7 },
      undefined,
      { providerProcessId: "7", providerStatus: "started" },
      false,
    ],
    [
      { kind: "threadStarted", threadId: "t", model: "m", modelProvider: "p" },
      undefined,
      { providerThreadId: "t", providerStatus: "running", model: "m", modelProvider: "p" },
      false,
    ],
    [
      { kind: "threadStarted", threadId: "t", model: undefined, modelProvider: undefined },
      undefined,
      { providerThreadId: "t", providerStatus: "running" },
      false,
    ],
    [{ kind: "turnStarted", turnId: "u" }, undefined, { providerTurnId: "u" }, false],
    [{ kind: "plan", explanation: "Why", steps }, `Why\n\n${plan}`, { plan }, true],
    [
      { kind: "plan", explanation: undefined, steps: [] },
      "The plan is empty.",
      { plan: "The plan is empty." },
      true,
    ],
    [{ kind: "commandStarted", itemId: "i", command: "ls" }, undefined, undefined, false],
    [
      {
        kind: "commandCompleted",
        itemId: "i",
        command: "npm `test`\nsecond",
        exitCode: 1,
        durationMs: 1234,
        outputTail: "secret",
      },
      "Ran `` npm `test` ``: exit 1 in 1.2 s",
      undefined,
      true,
    ],
    [
      {
        kind: "commandCompleted",
        itemId: "i",
        command: "pwd",
        exitCode: 0,
        durationMs: 40,
        outputTail: "",
      },
      "Ran `pwd`: exit 0",
      undefined,
      true,
    ],
    [
      {
        kind: "commandCompleted",
        itemId: "i",
        command: "ls",
        exitCode: undefined,
        durationMs: undefined,
        outputTail: "",
      },
      "Ran `ls`: ended",
      undefined,
      true,
    ],
    [{ kind: "filesChanged", itemId: "i", files: [] }, undefined, undefined, true],
    [
      {
        kind: "filesChanged",
        itemId: "i",
        files: Array.from({ length: 12 }, () => ({ path: "a.ts", change: "add" as const })),
      },
      `Changed files: ${Array.from({ length: 10 }, () => "add `a.ts`").join(", ")} and 2 more`,
      undefined,
      true,
    ],
    [{ kind: "message", itemId: "i", text: "Hello", final: false }, "Hello", undefined, true],
    [{ kind: "message", itemId: "i", text: "Hello", final: true }, undefined, undefined, true],
    [{ kind: "reasoning", itemId: "i", summary: "hm" }, undefined, undefined, false],
    [{ kind: "usage", usage }, undefined, { usage }, true],
    [
      { kind: "policyDecision", request: "Run curl", decision: "declined", reason: "No network." },
      "Run curl: declined. No network.",
      undefined,
      false,
    ],
    [{ kind: "warning", text: "careful\nmore" }, "careful", undefined, false],
    [{ kind: "retrying", text: "again" }, "again", undefined, false],
  ];
  for (const [event, text, metadata, life] of table) {
    it(`${event.kind}: ${text === undefined ? "no line" : JSON.stringify(text).slice(0, 50)}`, () => {
      assert.equal(narrate(event)?.text, text);
      assert.deepEqual(metadataOf(event), metadata);
      assert.equal(showsLife(event), life);
    });
  }
});

describe("trouble with the platform, in words for people", () => {
  const table: readonly [unknown, RegExp][] = [
    [lostAnswer(), /could not be reached$/u],
    [lostAnswer("timeout"), /in time$/u],
    [lostAnswer("badAnswer"), /does not understand$/u],
    [refused("server"), /problem of its own \(HTTP 503\)$/u],
    [refused("rateLimited"), /too many requests$/u],
    [refused("signedOut"), /signed out$/u],
    [refused("unauthorized"), /signed out$/u],
    [refused("forbidden"), /does not allow it \(HTTP 403\)$/u],
    [refused("notFound"), /does not know it \(HTTP 404\)$/u],
    [refused("badRequest"), /refused it \(HTTP 400\)$/u],
    [conflict("not_eligible"), /refused it \(not_eligible\)$/u],
    [new Error("The disk is full."), /^The disk is full$/u],
  ];
  for (const [error, words] of table) {
    it(String(words), () => assert.match(troubleWith(error), words));
  }
});
