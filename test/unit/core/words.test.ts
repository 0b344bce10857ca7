import assert from "node:assert/strict";
import { whyNotOurs } from "../../../src/core/eligibility";
import { metadataOf, narrate, showsLife } from "../../../src/core/narrate";
import type { RuntimeEvent } from "../../../src/core/ports/runtime";
import type { Session } from "../../../src/core/session";
import { UsageMeter } from "../../../src/core/usageMeter";
import { whyNotRunnable } from "../../../src/core/taskMode";
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
  const modes: readonly [string, Session["workflow"], RegExp | undefined][] = [
    ["no workflow", undefined, undefined],
    ["a workflow of nothing", facts, undefined],
    ["only a branch name", { ...facts, branchName: "b" }, undefined],
    ["a run without a mode", { ...facts, runId: "r" }, /without a mode/u],
    ["a step without a mode", { ...facts, stepId: "s" }, /without a mode/u],
    ["a mode of later", { ...facts, taskMode: "dance", branchName: "b" }, /“dance”/u],
    ["a mode in other letters", { ...facts, taskMode: "Code", branchName: "b" }, /“Code”/u],
    ["no mode but a word of JavaScript", { ...facts, taskMode: "__proto__" }, /“__proto__”/u],
    ...["code", "execute", "resolve_conflicts"].flatMap(
      (taskMode): [string, Session["workflow"], RegExp | undefined][] => [
        [taskMode, { ...facts, taskMode, branchName: "b" }, undefined],
        [`${taskMode} without a branch`, { ...facts, taskMode }, /names no branch/u],
        [`${taskMode} on a branch of no name`, { ...facts, taskMode, branchName: " " }, /names no branch/u],
      ],
    ),
    ...["plan", "research", "review"].map((taskMode): [string, Session["workflow"], RegExp | undefined] => [
      `${taskMode} without a branch`,
      { ...facts, taskMode },
      undefined,
    ]),
  ];
  for (const [name, workflow, why] of modes) {
    it(`${name}: ${why === undefined ? "run" : "claimed and failed"}`, () => {
      const refusal = whyNotRunnable(aSession({ workflow }));
      if (why === undefined) assert.equal(refusal, undefined);
      else assert.match(refusal ?? "", why);
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
      "`Run curl`: declined. No network.",
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

describe("what strangers write into a report", () => {
  const textOf = (event: RuntimeEvent): string => narrate(event)?.text ?? "";

  it("cannot leave the place where a command or a path is shown", () => {
    const command = "echo `x` \u001b[31m\u202e\u0007 | cat";
    const ran = {
      kind: "commandCompleted",
      itemId: "i",
      exitCode: 0,
      durationMs: 1,
      outputTail: "",
    } as const;
    assert.equal(textOf({ ...ran, command }), "Ran `` echo `x` [31m | cat ``: exit 0");
    const files = [{ path: "a`\n# b\u202e.ts", change: "add" }] as const;
    assert.equal(textOf({ kind: "filesChanged", itemId: "i", files }), "Changed files: add `` a` # b.ts ``");
    const request = "run [x](command:y)\n# more";
    const declined = { kind: "policyDecision", decision: "declined", reason: "No." } as const;
    assert.equal(textOf({ ...declined, request }), "`run [x](command:y)`: declined. No.");
  });

  it("cannot take in what is written after it", () => {
    const said = (text: string): string => textOf({ kind: "message", itemId: "i", text, final: false });
    assert.equal(said("Look:\n~~~~ts\nlet a"), "Look:\n~~~~ts\nlet a\n~~~~");
    assert.equal(said("```\na\n```\nb"), "```\na\n```\nb");
    assert.equal(said("a <!-- b --> c <!-- d"), "a <!-- b --> c &lt;!-- d");
    assert.equal(
      said("\u{1f468}\u200d\u{1f469} stays\u202e, this goes"),
      "\u{1f468}\u200d\u{1f469} stays, this goes",
    );
    const long = said(`\`\`\`\n${"x".repeat(9000)}`);
    assert.equal(long.length, 4000);
    assert.match(long, /…\n```$/u);
    assert.equal(textOf({ kind: "warning", text: "```" }), "```\n```");
  });
});

describe("the tokens of a thread", () => {
  const some = {
    inputTokens: 10,
    cachedInputTokens: 4,
    outputTokens: 5,
    reasoningOutputTokens: 1,
    totalTokens: 15,
  };
  const usage = { ...some, contextWindow: 100 };
  const none = {
    inputTokens: 0,
    cachedInputTokens: 0,
    outputTokens: 0,
    reasoningOutputTokens: 0,
    totalTokens: 0,
  };
  const nothing = { ...none, contextWindow: undefined };

  it("never go back, also when a later process begins to count anew", () => {
    const meter = new UsageMeter("t1", usage);
    meter.thread("t1");
    assert.deepEqual(meter.take(nothing), usage);
    assert.deepEqual(meter.take({ ...usage, inputTokens: 11, outputTokens: 2 }), {
      ...usage,
      inputTokens: 11,
    });
    assert.deepEqual(meter.take(usage), { ...usage, inputTokens: 11 });
  });

  it("begin anew with another thread", () => {
    const meter = new UsageMeter("t1", usage);
    meter.thread("t2");
    assert.deepEqual(meter.take(nothing), nothing);
  });
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
