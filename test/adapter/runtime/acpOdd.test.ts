import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { AttemptAborted } from "../../../src/core/attemptEnd";
import type { RunFailureReason, RunRequest } from "../../../src/core/ports/runtime";
import { usualLimits, type AcpLimits } from "../../../src/runtime/acp/conversation";
import type { AcpScenario, AcpStep } from "../../fakes/acpScenario";
import { AcpLab } from "./acpLab";
import { until } from "./codexLab";

const soon: AcpLimits = { initializeMs: 300, sessionMs: 300, cancelMs: 300, hurryMs: 100 };
const chunk = (text: string): AcpStep => ({ do: "say", text });
const never = new AbortController().signal;

interface Odd {
  readonly what: string;
  readonly scenario?: Partial<AcpScenario>;
  readonly changes?: Partial<RunRequest>;
  readonly limits?: AcpLimits;
  readonly reason: RunFailureReason;
  readonly words: RegExp;
}

const odd: readonly Odd[] = [
  {
    what: "speaks a later version",
    scenario: { initialize: { protocolVersion: 2 } },
    reason: "wrongVersion",
    words: /version 2 of the Agent Client Protocol, and this extension version 1/,
  },
  {
    what: "tells a version of another type",
    scenario: { initialize: { protocolVersion: "0.1" } },
    reason: "wrongVersion",
    words: /version 0\.1 /,
  },
  {
    what: "wants a sign-in",
    scenario: { refused: { "session/new": { code: -32_000, message: "Authentication required" } } },
    reason: "notSignedIn",
    words: /not signed in.*Nothing was changed\. Sign in/,
  },
  {
    what: "wants a sign-in at the prompt",
    scenario: { prompts: [[{ do: "refuse", code: -32_000, message: "Authentication required" }]] },
    reason: "notSignedIn",
    words: /not signed in/,
  },
  {
    what: "answers initialize with something else",
    scenario: { initialize: { protocolVersion: null } },
    reason: "wrongVersion",
    words: /unknown/,
  },
  {
    what: "answers a session without an id",
    scenario: { session: { sessionId: 7 } },
    reason: "protocol",
    words: /session\/new in an unknown way/,
  },
  {
    what: "never answers initialize",
    scenario: { silent: ["initialize"] },
    limits: soon,
    reason: "startTimeout",
    words: /does not answer/,
  },
  {
    what: "never opens a session",
    scenario: { silent: ["session/new"] },
    limits: { ...usualLimits, sessionMs: 300 },
    reason: "startTimeout",
    words: /session\/new/,
  },
  {
    what: "never ends a turn",
    scenario: { prompts: [[{ do: "hang" }]] },
    changes: { stallTimeoutMs: 1000 },
    limits: { ...usualLimits, cancelMs: 100 },
    reason: "stalled",
    words: /said nothing for too long/,
  },
  {
    what: "talks for ever",
    scenario: { prompts: [[{ do: "update", update: { sessionUpdate: "none" }, times: 1_000_000 }]] },
    changes: { turnTimeoutMs: 1500 },
    limits: { ...usualLimits, cancelMs: 100 },
    reason: "turnTimeout",
    words: /took too long/,
  },
  {
    what: "dies in the middle of a turn",
    scenario: { prompts: [[chunk("half"), { do: "crash", code: 7 }]] },
    reason: "crashed",
    words: /exit code 7.*are kept/,
  },
  {
    what: "refuses the prompt",
    scenario: { prompts: [[{ do: "refuse", code: -32_603, message: "not this one" }]] },
    reason: "turnFailed",
    words: /not this one/,
  },
  {
    what: "has no quota left",
    scenario: { prompts: [[{ do: "refuse", code: -32_603, message: "429: usage limit reached" }]] },
    reason: "outOfQuota",
    words: /usage limit/,
  },
  {
    what: "cannot reach its model",
    scenario: { prompts: [[{ do: "refuse", code: -32_603, message: "connect ECONNREFUSED 127.0.0.1:1" }]] },
    reason: "modelUnreachable",
    words: /ECONNREFUSED/,
  },
  ...(["max_tokens", "max_turn_requests", "refusal", "cancelled"] as const).map((stop) => ({
    what: `stops with ${stop}`,
    scenario: { prompts: [[{ do: "stop" as const, reason: stop }]] },
    reason: "turnFailed" as const,
    words: /The (agent|model) /,
  })),
  {
    what: "stops in a way that nobody knows",
    scenario: { prompts: [[{ do: "stop", reason: "tired" }]] },
    reason: "protocol",
    words: /not known here/,
  },
];

describe("an agent that misbehaves", () => {
  let lab: AcpLab;
  beforeEach(() => (lab = new AcpLab()));
  afterEach(() => lab.close());

  for (const { what, scenario = {}, changes = {}, limits = usualLimits, reason, words } of odd) {
    it(`${what}: ${reason}`, async () => {
      const outcome = await lab.run(scenario, changes, never, limits);
      assert.ok(outcome.kind === "failed", JSON.stringify(outcome));
      assert.equal(outcome.reason, reason, outcome.message);
      assert.match(outcome.message, words);
      assert.deepEqual(lab.survivors(), []);
    });
  }

  it("is missing, or ends at once: notFound, and crashed with its last words", async () => {
    const missing = await lab.run({}, { command: ["no-such-agent"] });
    assert.equal(missing.kind === "failed" && missing.reason, "notFound");
    const ended = await lab.run({}, { command: ["sh", "-c", "echo broken >&2; exit 4"] });
    assert.ok(ended.kind === "failed");
    assert.equal(ended.reason, "crashed");
    assert.match(ended.message, /exit code 4.*broken/);
  });

  it("writes junk before, between and after: the turn still completes", async () => {
    const junk = [
      ...["", "npm warn something", "{", "[]", "[1]", "null", "7", '"text"', "{}", '{"jsonrpc":"2.0"}'],
      ...[
        '{"id":1,"method":"x"}',
        '{"jsonrpc":"1.0","id":1,"result":{}}',
        '{"jsonrpc":"2.0","id":{},"method":"x"}',
      ],
      ...[
        '{"jsonrpc":"2.0","id":99,"result":{}}',
        '{"jsonrpc":"2.0","id":"x","error":{"code":"y"}}',
        "\u0000\uFFFD",
      ],
    ];
    const raw = junk.map((line): AcpStep => ({ do: "raw", line }));
    const outcome = await lab.run({ greeting: junk, prompts: [[chunk("still "), ...raw, chunk("here")]] });
    assert.deepEqual(outcome, { kind: "completed", finalMessage: "still here" });
    assert.ok(lab.warnings.length <= 10, String(lab.warnings.length));
  });

  it("tells updates of the wrong type, of no kind and of another session: they change nothing", async () => {
    const wrong: readonly unknown[] = [
      undefined,
      7,
      "text",
      { sessionUpdate: "agent_message_chunk" },
      { sessionUpdate: "agent_message_chunk", content: "text" },
      { sessionUpdate: "tool_call", toolCallId: 7, title: {} },
      { sessionUpdate: "tool_call_update" },
      { sessionUpdate: "plan", entries: "none" },
      { sessionUpdate: "plan", entries: [{ content: 7 }] },
      { sessionUpdate: "usage_update", used: "many", size: -1 },
      { sessionUpdate: "usage_update", used: -5, size: 1 },
      { sessionUpdate: "usage_update", used: 1e300, size: 1 },
      { sessionUpdate: "future_update", content: { type: "text", text: "no" } },
      { sessionUpdate: 7 },
    ];
    const line = (update: unknown): AcpStep => ({
      do: "raw",
      line: JSON.stringify({
        jsonrpc: "2.0",
        method: "session/update",
        params: { sessionId: "session-of-the-agent", update },
      }),
    });
    const told = { sessionUpdate: "agent_message_chunk", content: { type: "text", text: "not ours" } };
    const outcome = await lab.play([
      ...wrong.map(line),
      { do: "raw", line: '{"jsonrpc":"2.0","method":"session/update"}' },
      { do: "update", update: told, sessionId: "another" },
      chunk("ours"),
    ]);
    assert.deepEqual(outcome, { kind: "completed", finalMessage: "ours" });
    assert.deepEqual(
      lab.events.map((one) => one.kind),
      ["processStarted", "threadStarted", "turnStarted", "message"],
    );
  });

  it("asks for what is not known here, with odd parameters: each is refused", async () => {
    const outcome = await lab.play([
      { do: "request", method: "future/request", params: {} },
      { do: "request", method: "fs/delete_file", params: { path: "$CWD/README.md" } },
      { do: "request", method: "terminal/output", params: { terminalId: "another" } },
      { do: "request", method: "terminal/create", params: { command: 7 } },
      { do: "request", method: "session/request_permission", params: { toolCall: 7, options: {} } },
    ]);
    assert.equal(outcome.kind, "completed");
    const code = (method: string): unknown => (Object(lab.answers(method)[0]) as { code?: unknown }).code;
    assert.equal(code("future/request"), -32_601);
    assert.equal(code("fs/delete_file"), -32_601);
    assert.equal(code("terminal/output"), -32_602);
    assert.equal(code("terminal/create"), -32_602);
    assert.equal(code("session/request_permission"), -32_602);
  });

  it("ends a turn twice: the first end counts", async () => {
    const outcome = await lab.play([chunk("done"), { do: "endTwice" }]);
    assert.deepEqual(outcome, { kind: "completed", finalMessage: "done" });
  });

  it("sends a line of 20 MB: it is dropped, and the turn goes on", async () => {
    const outcome = await lab.play([{ do: "bigLine", bytes: 20_000_000 }, chunk("small")]);
    assert.deepEqual(outcome, { kind: "completed", finalMessage: "small" });
    assert.deepEqual(lab.warnings, ["a line of the agent was too long and dropped"]);
  });

  it("floods: texts are joined and bounded, plans and totals told a few times, commands up to a bound", async () => {
    const text = "x".repeat(1000);
    const entries = [{ content: "One", priority: "low", status: "pending" }];
    const outcome = await lab.play([
      {
        do: "update",
        update: { sessionUpdate: "agent_message_chunk", content: { type: "text", text } },
        times: 1000,
      },
      { do: "update", update: { sessionUpdate: "plan", entries }, times: 2000 },
      { do: "update", update: { sessionUpdate: "usage_update", used: 5, size: 10 }, times: 2000 },
    ]);
    assert.ok(outcome.kind === "completed");
    assert.equal(outcome.finalMessage?.length, 100_000);
    assert.equal(lab.eventsOf("message").length, 1);
    assert.equal(lab.eventsOf("plan").length, 1);
    assert.equal(lab.eventsOf("usage").length, 1);
  });

  it("asks a thousand things at once: some are refused, all are answered", async () => {
    const outcome = await lab.play([
      { do: "request", method: "fs/read_text_file", params: { path: "$CWD/README.md" }, times: 1000 },
    ]);
    assert.equal(outcome.kind, "completed");
    assert.equal(lab.answers("fs/read_text_file").length, 1000);
  });

  describe("whose run is aborted", () => {
    const abort = async (steps: readonly AcpStep[], limits: AcpLimits): Promise<unknown> => {
      const controller = new AbortController();
      const reason = new AttemptAborted({ kind: "cancelled" });
      const ran = lab.run({ prompts: [[...steps]] }, {}, controller.signal, limits).then(
        () => undefined,
        (error: unknown) => error,
      );
      await until("the agent works", () => lab.noted().some((one) => one["waiting"] === true));
      controller.abort(reason);
      assert.equal(await ran, reason);
      assert.deepEqual(lab.survivors(), []);
      return lab.noted().some((one) => one["method"] === "session/cancel");
    };

    it("is told to cancel, and heeds it", async () => {
      assert.equal(await abort([{ do: "untilCancelled" }], { ...usualLimits, hurryMs: 60_000 }), true);
    });

    it("ignores that, and is killed with what it runs", async () => {
      const command: AcpStep = {
        do: "request",
        method: "terminal/create",
        params: { command: "sleep", args: ["600"] },
      };
      await abort([command, { do: "hang" }], { ...usualLimits, hurryMs: 100 });
    });
  });

  it("is not started when the run was aborted before, or its folder is gone", async () => {
    const aborted = AbortSignal.abort(new Error("before"));
    await assert.rejects(lab.run({}, {}, aborted), /before/);
    const outcome = await lab.run({}, { workingDirectory: join(lab.root, "gone") });
    assert.equal(outcome.kind === "failed" && outcome.reason, "turnFailed");
    assert.deepEqual(lab.noted(), []);
  });

  it("survives a listener that throws", async () => {
    const request = lab.request({ command: lab.command({ prompts: [[chunk("fine")]] }) });
    const outcome = await lab.runtime().run(
      request,
      () => {
        throw new Error("a listener's own");
      },
      never,
    );
    assert.deepEqual(outcome, { kind: "completed", finalMessage: "fine" });
  });

  it("is probed in vain: missing, silent, of another version", async () => {
    const { policy } = lab.request();
    const probe = (command: readonly string[], limits?: AcpLimits) =>
      lab.runtime(undefined, limits).probe({ command, policy, environmentNames: [], signal: never });
    const missing = await probe(["no-such-agent"]);
    assert.equal(missing.kind === "unavailable" && missing.reason, "notFound");
    const silent = await probe(lab.command({ silent: ["initialize"] }), soon);
    assert.equal(silent.kind === "unavailable" && silent.reason, "startTimeout");
    const other = await probe(lab.command({ initialize: { protocolVersion: 9 } }));
    assert.equal(other.kind === "unavailable" && other.reason, "wrongVersion");
    writeFileSync(join(lab.root, "not-executable"), "");
    const refused = await probe([join(lab.root, "not-executable")]);
    assert.equal(refused.kind, "unavailable");
    assert.deepEqual(lab.survivors(), []);
  });
});
