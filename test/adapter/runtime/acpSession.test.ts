import assert from "node:assert/strict";
import type { RunRequest } from "../../../src/core/ports/runtime";
import type { AcpScenario } from "../../fakes/acpScenario";
import { AcpLab } from "./acpLab";

const history = [
  { sessionUpdate: "user_message_chunk", content: { type: "text", text: "the old work" } },
  { sessionUpdate: "agent_message_chunk", content: { type: "text", text: "an old answer" } },
  { sessionUpdate: "tool_call", toolCallId: "old", title: "rm", kind: "execute", status: "completed" },
  { sessionUpdate: "plan", entries: [{ content: "Old", priority: "low", status: "pending" }] },
];
const resumable = { agentCapabilities: { sessionCapabilities: { resume: {} } } };
const earlier: Partial<RunRequest> = { resumeThreadId: "earlier", inputAnew: () => "ALL-OF-IT" };
const select = (id: string, category: string, currentValue: string, ...values: string[]): object => ({
  ...{ id, name: id, category, type: "select", currentValue },
  options: values.map((value) => ({ value, name: value.toUpperCase() })),
});

describe("a session of an agent", () => {
  let lab: AcpLab;
  beforeEach(() => (lab = new AcpLab()));
  afterEach(() => lab.close());

  const methods = (): readonly unknown[] =>
    lab.noted().flatMap((one) => ("method" in one ? [one["method"]] : []));
  const warnings = (): readonly string[] => lab.eventsOf("warning").map((one) => one.text);

  it("is gone on with, and its history not told again", async () => {
    const scenario: Partial<AcpScenario> = { history, prompts: [[{ do: "say", text: "new" }]] };
    const outcome = await lab.run(scenario, earlier);
    assert.deepEqual(outcome, { kind: "completed", finalMessage: "new" });
    assert.deepEqual(methods(), ["initialize", "session/load", "session/prompt"]);
    assert.deepEqual(
      lab.eventsOf("message").map((one) => one.text),
      ["new"],
    );
    assert.deepEqual([...lab.eventsOf("plan"), ...lab.eventsOf("commandStarted"), ...warnings()], []);
    assert.equal(lab.eventsOf("threadStarted")[0]?.threadId, "earlier");
    assert.match(JSON.stringify(lab.sent("session/prompt")), /UNTRUSTED-WORDS/);
  });

  it("is resumed rather than loaded, where the agent can", async () => {
    await lab.run({ initialize: resumable }, earlier);
    assert.deepEqual(methods(), ["initialize", "session/resume", "session/prompt"]);
  });

  const lost: readonly (readonly [string, Partial<AcpScenario>])[] = [
    ["the agent cannot", { initialize: { agentCapabilities: {} } }],
    [
      "the agent does not know it any more",
      { refused: { "session/load": { code: -32_002, message: "no such" } } },
    ],
  ];
  for (const [why, scenario] of lost) {
    it(`is begun anew where ${why}, with all of the work, and that is told`, async () => {
      const outcome = await lab.run(scenario, earlier);
      assert.equal(outcome.kind, "completed");
      assert.equal(methods().includes("session/new"), true);
      assert.match(JSON.stringify(lab.sent("session/prompt")), /ALL-OF-IT/);
      assert.doesNotMatch(JSON.stringify(lab.sent("session/prompt")), /UNTRUSTED-WORDS/);
      assert.match(warnings().join(), /a new one was begun/);
      assert.equal(lab.eventsOf("threadStarted")[0]?.threadId, "session-of-the-agent");
    });
  }

  it("is not begun anew where the whole work is not known, or a sign-in is missing", async () => {
    const unknown = await lab.run({ initialize: { agentCapabilities: {} } }, { resumeThreadId: "earlier" });
    assert.equal(unknown.kind === "failed" && unknown.reason, "turnFailed");
    const refused = { "session/load": { code: -32_000, message: "Authentication required" } };
    const signedOut = await lab.run({ refused }, earlier);
    assert.equal(signedOut.kind === "failed" && signedOut.reason, "notSignedIn");
  });

  it("gets the owner's model and effort by the agent's own options", async () => {
    const configOptions = [
      select("m", "model", "small", "small", "large"),
      select("e", "thought_level", "low", "low", "high"),
    ];
    await lab.run({ session: { configOptions } }, { model: "LARGE", effort: "high" });
    const set = lab.noted().filter((one) => one["method"] === "session/set_config_option");
    const sessionId = "session-of-the-agent";
    assert.deepEqual(
      set.map((one) => one["params"]),
      [
        { sessionId, configId: "m", value: "large" },
        { sessionId, configId: "e", value: "high" },
      ],
    );
    assert.deepEqual(warnings(), []);
  });

  it("tells where a model or effort has no effect", async () => {
    const configOptions = [select("m", "model", "small", "small", "large")];
    await lab.run({ session: { configOptions } }, { model: "huge", effort: "high" });
    assert.match(warnings().join("\n"), /does not offer huge.*It offers small, large\.\n.*runtime\.effort/s);
    assert.equal(lab.eventsOf("threadStarted")[0]?.model, "small");
  });

  const modes = (currentModeId: string, ...ids: string[]): Record<string, unknown> => ({
    modes: { currentModeId, availableModes: ids.map((id) => ({ id, name: id })) },
  });
  const rules = (sandbox: RunRequest["policy"]["sandbox"]): Partial<RunRequest> => ({
    policy: { sandbox, approvals: "never", network: false },
  });

  it("gets the agent's own mode that fits the sandbox", async () => {
    await lab.run({ session: modes("default", "default", "plan", "acceptEdits") }, rules("read-only"));
    assert.deepEqual(lab.sent("session/set_mode"), { sessionId: "session-of-the-agent", modeId: "plan" });
  });

  it("does not run in a mode without bounds where the owner set some", async () => {
    const outcome = await lab.run({ session: modes("bypassPermissions", "bypassPermissions") });
    assert.equal(outcome.kind === "failed" && outcome.reason, "protocol");
    assert.equal(lab.sent("session/prompt"), undefined);
    const wide = await lab.run({ session: modes("yolo", "yolo") }, rules("danger-full-access"));
    assert.equal(wide.kind, "completed");
  });

  it("tells where the agent has no mode that only reads", async () => {
    await lab.run({ session: modes("default", "default") }, rules("read-only"));
    assert.match(warnings().join(), /no mode in which it only reads/);
  });
});
