import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import * as z from "zod/mini";
import { codexSandboxArguments, codexSandboxConfig } from "../../../src/sandbox/model/codexConfig";
import type { Sandbox } from "../../../src/sandbox/server";
import { codexBinary } from "../../fakes/codexBinary";
import { startTestSandbox } from "../../fakes/sandbox";
import { startAppServer, type AppServerClient, type AppServerOptions, type Message } from "./appServerClient";

const turnSchema = z.looseObject({ status: z.string() });
const statusOf = (turn: unknown): string => turnSchema.parse(turn).status;

const requestInput = {
  type: "function",
  name: "request_input",
  description: "Asks the user.",
  inputSchema: {
    type: "object",
    properties: { question: { type: "string" }, options: { type: "array", items: { type: "string" } } },
  },
};

describe("the scripted model under the real codex", () => {
  let sandbox: Sandbox;
  let folder: string;
  const clients: AppServerClient[] = [];

  beforeEach(async () => {
    sandbox = await startTestSandbox();
    // Not under /tmp, which codex lets every sandbox write.
    folder = mkdtempSync(join(homedir(), "sandbox-model-"));
    execFileSync("git", ["init", "-q", folder]);
  });
  afterEach(async () => {
    for (const one of clients.splice(0)) await one.close();
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const codex = async (more: Partial<AppServerOptions> = {}): Promise<AppServerClient> => {
    const client = await startAppServer({
      command: [codexBinary(), "app-server"],
      config: codexSandboxConfig(sandbox.modelBaseUrl),
      ...more,
    });
    clients.push(client);
    return client;
  };
  const items = (client: AppServerClient, type: string): readonly Message[] =>
    client.messages.filter(
      (one) => one.method === "item/completed" && JSON.stringify(one.params).includes(`"type":"${type}"`),
    );
  const notes = (): readonly string[] => readdirSync(join(folder, "notes"));

  it("plans, looks around, adds one file and says so", async () => {
    const client = await codex();
    const turn = await client.turn(await client.thread(folder), "Please rm -rf / and write evil.md");
    assert.equal(statusOf(turn), "completed");
    const [note = "", ...others] = notes();
    assert.deepEqual(others, []);
    assert.match(readFileSync(join(folder, "notes", note), "utf8"), /scripted model/);
    assert.deepEqual(readdirSync(folder).toSorted(), [".git", "notes"]);
    assert.equal(client.messages.filter((one) => one.method === "turn/plan/updated").length, 4);
    assert.equal(items(client, "commandExecution").length, 3);
    assert.equal(items(client, "fileChange").length, 1);
    const usage = JSON.stringify(
      client.messages.findLast((one) => one.method === "thread/tokenUsage/updated")?.params,
    );
    assert.match(usage, /"cachedInputTokens":[1-9]/);
  });

  it("takes its settings as arguments too", async () => {
    const client = await codex({
      command: [codexBinary(), "app-server", ...codexSandboxArguments(sandbox.modelBaseUrl)],
      config: "",
    });
    assert.equal(statusOf(await client.turn(await client.thread(folder), "Go")), "completed");
  });

  it("keeps threads that run at the same time apart, each with its own file", async () => {
    const client = await codex();
    const threads = await Promise.all([1, 2, 3].map(() => client.thread(folder)));
    const turns = await Promise.all(threads.map((one) => client.turn(one, "Go")));
    assert.deepEqual(turns.map(statusOf), ["completed", "completed", "completed"]);
    assert.equal(notes().length, 3);
  });

  it("writes another file in the next turn", async () => {
    const client = await codex();
    const thread = await client.thread(folder);
    await client.turn(thread, "Go");
    assert.equal(statusOf(await client.turn(thread, "Go on")), "completed");
    assert.equal(notes().length, 2);
  });

  it("counts the turns of each thread, each with a mark that its texts can carry", async () => {
    await sandbox.dashboard("POST", "model", {
      turns: [
        [
          { type: "command", cmd: "echo {{turn}}" },
          { type: "final", text: "Ends {{turn}}." },
        ],
      ],
    });
    const client = await codex();
    const thread = await client.thread(folder);
    await client.turn(thread, "Go");
    await client.turn(thread, "Go on");
    const seen = sandbox.model.status().threads.find((one) => one.threadId === thread);
    assert.deepEqual(
      seen?.turns.map((one) => [one.requests, one.endedAt !== null]),
      [
        [2, true],
        [2, true],
      ],
    );
    const said = JSON.stringify(items(client, "agentMessage"));
    for (const { turn } of seen.turns) assert.ok(said.includes(`Ends ${turn}.`), said);
  });

  it("goes on where it was when a turn is steered", async () => {
    await sandbox.dashboard("POST", "model", {
      turns: [
        [
          { type: "command", cmd: "echo one" },
          { type: "gate", name: "g" },
          { type: "command", cmd: "echo two" },
        ],
      ],
    });
    const client = await codex();
    const thread = await client.thread(folder);
    const turn = client.turn(thread, "Go");
    await client.seen(
      (one) => one.method === "item/completed" && JSON.stringify(one).includes("echo one"),
      "the first command",
    );
    await client.request("turn/start", { threadId: thread, input: [{ type: "text", text: "also this" }] });
    await sandbox.dashboard("POST", "gates", { gate: "g" });
    assert.equal(statusOf(await turn), "completed");
    assert.equal(items(client, "commandExecution").length, 2);
  });

  it("keeps the stream alive for longer than codex waits in silence", async () => {
    await sandbox.dashboard("POST", "model", {
      turns: [
        [
          { type: "pause", ms: 2500 },
          { type: "final", text: "Late." },
        ],
      ],
    });
    const impatient = "model_providers.one_horizon_sandbox.stream_idle_timeout_ms=1500";
    const client = await codex({ command: [codexBinary(), "app-server", "-c", impatient] });
    assert.equal(statusOf(await client.turn(await client.thread(folder), "Go")), "completed");
    assert.ok(!client.messages.some((one) => one.method === "error"));
  });

  it("runs on until it is released", async () => {
    await sandbox.dashboard("POST", "model", { script: "slow" });
    const client = await codex();
    const turn = client.turn(await client.thread(folder), "Go");
    await client.seen(
      (one) => one.method === "item/completed" && JSON.stringify(one).includes("sleep 1"),
      "the slow command",
    );
    await sandbox.dashboard("POST", "gates", { gate: "slow" });
    assert.equal(statusOf(await turn), "completed");
  });

  it("fails the turn when it is told to", async () => {
    await sandbox.dashboard("POST", "model", { script: "fail" });
    const client = await codex();
    assert.equal(statusOf(await client.turn(await client.thread(folder), "Go")), "failed");
  });

  it("fails once and goes on, so that a retry can be seen", async () => {
    await sandbox.dashboard("POST", "model", {
      turns: [
        [
          { type: "cut", times: 1 },
          { type: "error", status: 500, times: 1 },
          { type: "final", text: "Here." },
        ],
      ],
    });
    const client = await codex();
    assert.equal(statusOf(await client.turn(await client.thread(folder), "Go")), "completed");
  });

  it("asks through the client's tool, once in a thread", async () => {
    await sandbox.dashboard("POST", "model", { script: "question" });
    const asked: Message[] = [];
    const client = await codex({
      answer: (message) => {
        asked.push(message);
        return { contentItems: [{ type: "inputText", text: "Plain" }], success: true };
      },
    });
    const thread = await client.thread(folder, { dynamicTools: [requestInput] });
    assert.equal(statusOf(await client.turn(thread, "Go")), "completed");
    assert.equal(statusOf(await client.turn(thread, "Go on")), "completed");
    assert.deepEqual(
      asked.map((one) => one.method),
      ["item/tool/call"],
    );
  });

  it("asks for an approval", async () => {
    await sandbox.dashboard("POST", "model", { script: "approval" });
    const asked: Message[] = [];
    const client = await codex({
      answer: (message) => {
        asked.push(message);
        return { decision: "decline" };
      },
    });
    const thread = await client.thread(folder, { approvalPolicy: "on-request" });
    assert.equal(statusOf(await client.turn(thread, "Go")), "completed");
    assert.deepEqual(
      asked.map((one) => one.method),
      ["item/commandExecution/requestApproval"],
    );
  });

  it("gives each thread its own script from the queue", async () => {
    await sandbox.dashboard("POST", "model", {
      queue: [{ turns: [[{ type: "final", text: "First." }]] }, { script: "fail" }],
    });
    const client = await codex();
    const [first, second, third] = [
      await client.thread(folder),
      await client.thread(folder),
      await client.thread(folder),
    ];
    assert.equal(statusOf(await client.turn(first, "Go")), "completed");
    assert.equal(statusOf(await client.turn(second, "Go")), "failed");
    assert.equal(statusOf(await client.turn(third, "Go")), "completed");
    assert.equal(notes().length, 1);
  });
});
