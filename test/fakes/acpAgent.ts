import { spawn } from "node:child_process";
import { spawnSync } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Readable, Writable } from "node:stream";
import { agent, ndJsonStream, RequestError, type AgentContext } from "@agentclientprotocol/sdk";
import * as z from "zod/mini";
import { acpScenario, type AcpStep } from "./acpScenario";

// A scripted agent of the Agent Client Protocol, as a program of its own: its argument is the path of a scenario.

const fields = z.record(z.string(), z.unknown());
const servers = z.array(
  z.looseObject({
    command: z.string(),
    args: z.array(z.string()),
    env: z.array(z.looseObject({ name: z.string(), value: z.string() })),
  }),
);
/** Looser than the library's own, which drops what is not stable in the protocol yet. */
const opening = z.looseObject({ cwd: z.string(), sessionId: z.optional(z.string()), mcpServers: servers });
const scenario = acpScenario.parse(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")));
const session = { id: "session-of-the-agent", cwd: "", servers: servers.parse([]) };
let prompts = 0;
let cancel: () => void = () => undefined;
const cancelled = new Promise<void>((resolve) => (cancel = resolve));

function note(entry: object): void {
  appendFileSync(scenario.log, `${JSON.stringify(entry)}\n`);
}

function raw(line: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(`${line}\n`, () => resolve()));
}

/** What came is noted, and refused or left alone where the scenario says so. */
async function came<T>(method: string, params: unknown, answer: () => T | Promise<T>): Promise<T> {
  note({ method, params });
  const refused = scenario.refused?.[method];
  if (refused !== undefined) throw new RequestError(refused.code, refused.message);
  if (scenario.silent?.includes(method) === true) await new Promise(() => undefined);
  return await answer();
}

function placed(value: unknown): Record<string, unknown> {
  const text = JSON.stringify(value).replaceAll("$CWD", JSON.stringify(session.cwd).slice(1, -1));
  return fields.parse(JSON.parse(text));
}

async function update(client: AgentContext, told: unknown, sessionId = session.id): Promise<void> {
  // By a name that the library does not check: what is told may be wrong on purpose.
  await client.notify(["session", "update"].join("/"), { sessionId, update: placed(told) });
}

async function ask(client: AgentContext, method: string, params: unknown): Promise<unknown> {
  try {
    const result = await client.request(method, { sessionId: session.id, ...placed(params) });
    note({ answer: method, result });
    return result;
  } catch (error) {
    const refused = error instanceof RequestError ? { code: error.code, message: error.message } : {};
    note({ answer: method, error: { ...refused, text: String(error) } });
    return undefined;
  }
}

async function terminal(client: AgentContext, one: Extract<AcpStep, { do: "terminal" }>): Promise<void> {
  const { command, args, toolCallId } = one;
  const made = await ask(client, "terminal/create", { command, args, cwd: session.cwd });
  const terminalId: unknown = placed(made ?? {})["terminalId"];
  if (terminalId === undefined) return;
  const content = [{ type: "terminal", terminalId }];
  const call = { toolCallId, title: command, kind: "execute", content };
  if (toolCallId !== undefined) {
    await update(client, { sessionUpdate: "tool_call", status: "in_progress", ...call });
  }
  await ask(client, "terminal/wait_for_exit", { terminalId });
  await ask(client, "terminal/output", { terminalId });
  if (toolCallId !== undefined) {
    await update(client, { sessionUpdate: "tool_call_update", toolCallId, status: "completed" });
  }
  await ask(client, "terminal/release", { terminalId });
}

/** As agents do it: a program of its own, spoken to over its pipes. */
async function useTool(one: Extract<AcpStep, { do: "tool" }>): Promise<void> {
  const [server] = session.servers;
  if (server === undefined) {
    note({ answer: one.name, error: "no server" });
    return;
  }
  const given = Object.fromEntries(server.env.map(({ name, value }) => [name, value]));
  const key = one.key === undefined ? {} : { ONE_HORIZON_TOOLS_KEY: one.key };
  const child = spawn(server.command, server.args, {
    env: { ...process.env, ...given, ...key },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const send = (id: number, method: string, params: object): boolean =>
    child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
  child.stdin.on("error", () => undefined);
  send(1, "initialize", {
    protocolVersion: "2025-03-26",
    capabilities: {},
    clientInfo: { name: "x", version: "1" },
  });
  send(2, "tools/list", {});
  send(3, "tools/call", { name: one.name, arguments: one.arguments });
  for await (const line of createInterface(child.stdout)) {
    const { id, result, error } = fields.parse(JSON.parse(line));
    note({ answer: `tools ${String(id)}`, result, error });
    if (id === 3) child.stdin.end();
  }
  note({ answer: one.name, result: "closed" });
}

async function shell(client: AgentContext, one: Extract<AcpStep, { do: "shell" }>): Promise<void> {
  const { script: title, toolCallId } = one;
  const rawInput = { command: title };
  const call = { toolCallId, title, kind: "execute", status: "in_progress", rawInput };
  await update(client, { sessionUpdate: "tool_call", ...call });
  const { status, stdout } = spawnSync("/bin/sh", ["-c", title], { cwd: session.cwd, encoding: "utf8" });
  const content = [{ type: "content", content: { type: "text", text: stdout } }];
  const done = status === 0 ? "completed" : "failed";
  await update(client, { sessionUpdate: "tool_call_update", toolCallId, status: done, content });
}

async function play(client: AgentContext, one: AcpStep, requestId: unknown): Promise<object | undefined> {
  switch (one.do) {
    case "say": {
      const content = { type: "text", text: one.text };
      await update(client, { sessionUpdate: "agent_message_chunk", content, messageId: one.messageId });
      return undefined;
    }
    case "update":
      for (let time = 0; time < (one.times ?? 1); time += 1) await update(client, one.update, one.sessionId);
      return undefined;
    case "request":
      await Promise.all(Array.from({ length: one.times ?? 1 }, () => ask(client, one.method, one.params)));
      return undefined;
    case "terminal":
      await terminal(client, one);
      return undefined;
    case "tool":
      await useTool(one);
      return undefined;
    case "shell":
      await shell(client, one);
      return undefined;
    case "untilCancelled":
      note({ waiting: true });
      await cancelled;
      return { stopReason: "cancelled" };
    case "hang":
      note({ waiting: true });
      await new Promise(() => undefined);
      return undefined;
    case "crash":
      return process.exit(one.code);
    case "raw":
      await raw(one.line);
      return undefined;
    case "bigLine":
      await raw(`{"jsonrpc":"2.0","method":"session/update","params":"${"x".repeat(one.bytes)}"}`);
      return undefined;
    case "endTwice":
      await raw(JSON.stringify({ jsonrpc: "2.0", id: requestId, result: { stopReason: "end_turn" } }));
      return { stopReason: "refusal" };
    case "stop":
      return { stopReason: one.reason, ...(one.usage === undefined ? {} : { usage: one.usage }) };
    case "refuse":
      throw new RequestError(one.code, one.message);
  }
}

function opened({ cwd, sessionId, mcpServers }: z.infer<typeof opening>): Record<string, unknown> {
  session.servers = mcpServers;
  session.cwd = cwd;
  session.id = sessionId ?? session.id;
  return { sessionId: session.id, ...scenario.session };
}

for (const line of scenario.greeting ?? []) await raw(line);

const capabilities = { loadSession: true };
agent({ name: "scripted" })
  .onRequest("initialize", ({ params }) =>
    came("initialize", params, () => ({
      protocolVersion: 1,
      agentInfo: { name: "scripted-agent", version: "1.2.3" },
      agentCapabilities: capabilities,
      ...scenario.initialize,
    })),
  )
  .onRequest("session/new", opening, ({ params }) => came("session/new", params, () => opened(params)))
  .onRequest("session/resume", opening, ({ params }) => came("session/resume", params, () => opened(params)))
  .onRequest("session/load", opening, ({ params, client }) =>
    came("session/load", params, async () => {
      const answer = opened(params);
      for (const one of scenario.history ?? []) await update(client, one);
      return answer;
    }),
  )
  .onRequest("session/set_mode", ({ params }) => came("session/set_mode", params, () => ({})))
  .onRequest("session/set_config_option", ({ params }) =>
    came("session/set_config_option", params, () => ({ configOptions: [], ...scenario.session })),
  )
  .onRequest("session/prompt", fields, ({ params, client, requestId }) =>
    came("session/prompt", params, async () => {
      const steps = scenario.prompts[Math.min(prompts, scenario.prompts.length - 1)] ?? [];
      prompts += 1;
      for (const one of steps) {
        const stop = await play(client, one, requestId);
        if (stop !== undefined) return stop;
      }
      return { stopReason: "end_turn" };
    }),
  )
  .onNotification("session/cancel", ({ params }) => {
    note({ method: "session/cancel", params });
    cancel();
  })
  .connect(
    ndJsonStream(Writable.toWeb(process.stdout), Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>),
  );
