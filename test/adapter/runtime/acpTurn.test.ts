import assert from "node:assert/strict";
import type { AcpStep } from "../../fakes/acpScenario";
import { AcpLab } from "./acpLab";

const plan = (status: string): AcpStep => ({
  do: "update",
  update: { sessionUpdate: "plan", entries: [{ content: "Write it", priority: "high", status }] },
});

describe("a turn of an agent of the Agent Client Protocol", () => {
  let lab: AcpLab;
  beforeEach(() => (lab = new AcpLab()));
  afterEach(() => lab.close());

  it("tells plan, thoughts, command, edit, messages and usage, and leaves nothing behind", async () => {
    const outcome = await lab.play([
      {
        do: "update",
        update: { sessionUpdate: "agent_thought_chunk", content: { type: "text", text: "Hm." } },
      },
      plan("in_progress"),
      { do: "say", text: "I write " },
      { do: "say", text: "it now." },
      { do: "terminal", command: "sh", args: ["-c", "echo out; echo err >&2; exit 3"], toolCallId: "call-1" },
      {
        do: "request",
        method: "fs/write_text_file",
        params: { path: "$CWD/deep/new.txt", content: "hello\n" },
      },
      {
        do: "update",
        update: {
          sessionUpdate: "tool_call",
          toolCallId: "call-2",
          title: "Edit",
          kind: "edit",
          status: "completed",
          content: [{ type: "diff", path: "$CWD/deep/new.txt", oldText: null, newText: "hello\n" }],
        },
      },
      plan("completed"),
      { do: "update", update: { sessionUpdate: "usage_update", used: 1200, size: 200_000 } },
      { do: "say", text: "All done." },
      { do: "stop", reason: "end_turn", usage: { totalTokens: 1500, inputTokens: 1000, outputTokens: 500 } },
    ]);
    assert.deepEqual(outcome, { kind: "completed", finalMessage: "All done." });
    assert.equal(lab.read("deep/new.txt"), "hello\n");
    assert.deepEqual(
      lab.eventsOf("message").map(({ text, final }) => ({ text, final })),
      [
        { text: "I write it now.", final: false },
        { text: "All done.", final: true },
      ],
    );
    assert.deepEqual(
      lab.eventsOf("reasoning").map((one) => one.summary),
      ["Hm."],
    );
    assert.deepEqual(lab.eventsOf("plan").at(-1)?.steps, [{ text: "Write it", status: "completed" }]);
    const [ran] = lab.eventsOf("commandCompleted");
    assert.equal(ran?.exitCode, 3);
    assert.deepEqual(ran.outputTail.trim().split("\n").sort(), ["err", "out"]);
    assert.equal(lab.eventsOf("commandStarted").length, 1);
    assert.deepEqual(
      lab.eventsOf("filesChanged").map((one) => one.files),
      [[{ path: `${lab.project}/deep/new.txt`, change: "add" }]],
    );
    assert.deepEqual(lab.eventsOf("usage").at(-1)?.usage, {
      inputTokens: 1000,
      cachedInputTokens: 0,
      outputTokens: 500,
      reasoningOutputTokens: 0,
      totalTokens: 1500,
      contextWindow: 200_000,
    });
    assert.equal(lab.eventsOf("threadStarted")[0]?.threadId, "session-of-the-agent");
    assert.equal(lab.eventsOf("turnStarted").length, 1);
    assert.deepEqual(lab.survivors(), []);
  });

  it("tells commands and files that no tool call of the agent showed", async () => {
    await lab.play([
      { do: "terminal", command: "echo", args: ["quiet"] },
      { do: "request", method: "fs/write_text_file", params: { path: "$CWD/README.md", content: "new" } },
    ]);
    assert.deepEqual(
      lab.eventsOf("commandCompleted").map(({ command, outputTail }) => [command, outputTail]),
      [["echo quiet", "quiet\n"]],
    );
    assert.deepEqual(lab.eventsOf("filesChanged")[0]?.files, [
      { path: `${lab.project}/README.md`, change: "update" },
    ]);
  });

  it("keeps the owner's words apart from those of others, both labelled", async () => {
    await lab.run({});
    const { prompt } = lab.sent("session/prompt") as { prompt: { text: string }[] };
    assert.equal(prompt.length, 2);
    assert.match(prompt[0]?.text ?? "", /^\[Instructions of the owner.*\n\nTRUSTED-WORDS\n\nend /s);
    assert.match(
      prompt[1]?.text ?? "",
      /^\[The work, as other people wrote it.*\n\nUNTRUSTED-WORDS\n\nend /s,
    );
    assert.ok(!(prompt[0]?.text ?? "").includes("UNTRUSTED-WORDS"));
  });

  it("gives the owner's words as the system prompt where the agent has a place for it", async () => {
    await lab.run({
      initialize: { agentCapabilities: { sessionCapabilities: { systemPrompt: {} } } },
    });
    const { systemPrompt } = lab.sent("session/new") as { systemPrompt: unknown };
    assert.deepEqual(systemPrompt, { mode: "append", content: [{ type: "text", text: "TRUSTED-WORDS" }] });
    assert.doesNotMatch(JSON.stringify(lab.sent("session/prompt")), /\bTRUSTED-WORDS/);
  });

  it("gives them by the older way to the agent of Claude", async () => {
    const agentInfo = { name: "@agentclientprotocol/claude-agent-acp", version: "1" };
    await lab.run({ initialize: { agentInfo } });
    const { _meta } = lab.sent("session/new") as { _meta: unknown };
    assert.deepEqual(_meta, { systemPrompt: { append: "TRUSTED-WORDS" } });
    assert.doesNotMatch(JSON.stringify(lab.sent("session/prompt")), /\bTRUSTED-WORDS/);
  });

  it("hides a secret that comes in pieces", async () => {
    lab.redactor.add("s3cr3t-in-two-pieces", "token");
    await lab.play([
      { do: "say", text: "It is s3cr3t-in-" },
      { do: "say", text: "two-pieces." },
    ]);
    assert.ok(!JSON.stringify(lab.events).includes("s3cr3t"), JSON.stringify(lab.events));
  });

  it("finds out who the agent is, without a session", async () => {
    const { policy } = lab.request();
    const signal = new AbortController().signal;
    const authMethods = [
      { id: "a", name: "By\u0007 browser\n" },
      3,
      { id: "b" },
      { id: "c", name: "\u200b" },
    ];
    const command = lab.command({ initialize: { authMethods } });
    const found = await lab.runtime().probe({ command, policy, environmentNames: [], signal });
    assert.deepEqual(found, {
      ...{ kind: "ready", provider: "acp", version: "1.2.3", signInWays: ["By browser"] },
    });
    assert.equal(lab.sent("session/new"), undefined);
    assert.deepEqual(lab.survivors(), []);
  });
});
