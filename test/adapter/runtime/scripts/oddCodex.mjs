// A stand-in for codex that misbehaves in one way, named by its first argument. Speaks just enough of the protocol.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

const [way, ...args] = process.argv.slice(2);
if (args[0] === "--version") {
  console.log(
    way === "old" ? "codex-cli 0.20.0" : way === "stranger" ? "something else" : "codex-cli 0.169.0",
  );
  process.exit(0);
}
if (args[0] === "sandbox") {
  // Works the first time only, or from the second time on: tells whether it was asked again.
  const asked = join(process.env["HOME"], "asked");
  const before = existsSync(asked);
  writeFileSync(asked, "");
  if (way === "sandboxOnce") process.exit(before ? 1 : 0);
  if (way === "sandboxLater") process.exit(before ? 0 : 1);
  if (way === "noSandbox") console.error("bwrap: No permissions to create new namespace");
  process.exit(way === "noSandbox" ? 1 : 0);
}

const send = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const sandbox = { type: "workspaceWrite", networkAccess: way === "wide", excludeSlashTmp: true };
// An older one passes over what it does not know, and works in the mode that it takes for usual.
const profile = way === "noProfiles" ? null : { id: "one-horizon-workspace-write", extends: ":workspace" };
const ids = { threadId: "thread", turnId: "turn" };
const finish = () => {
  send({
    method: "item/completed",
    params: { ...ids, item: { type: "agentMessage", id: "m", text: "done", phase: null } },
  });
  send({
    method: "turn/completed",
    params: { threadId: "thread", turn: { id: "turn", status: "completed", error: null } },
  });
};
const answers = {
  initialize: () => ({ userAgent: "odd" }),
  "account/read": () => ({ account: null, requiresOpenaiAuth: way === "signedOut" }),
  "thread/start": () =>
    way === "shapeless"
      ? {}
      : { thread: { id: "thread" }, approvalPolicy: "never", sandbox, activePermissionProfile: profile },
  "turn/start": () => ({ turn: { id: "turn" } }),
  "turn/interrupt": () => ({}),
  "thread/backgroundTerminals/clean": () => ({}),
};
process.on("SIGTERM", () => way !== "stubborn" && process.exit(0));
if (way === "dies") {
  console.error("thread 'main' panicked");
  process.exit(101);
}
const input = createInterface({ input: process.stdin });
input.on("close", () => way !== "stubborn" && process.exit(0));
if (way === "stubborn") setTimeout(() => undefined, 1e8);
input.on("line", (line) => {
  const { id, method, result, error } = JSON.parse(line);
  if (way === "silent") return;
  if (method === undefined) {
    // An answer to the requests below: they end the turn when all are answered.
    send({ method: "warning", params: { message: JSON.stringify({ id, result, error }) } });
    if (id === 2) finish();
    return;
  }
  if (answers[method] === undefined) return;
  if (way === "noInterrupt" && method === "turn/interrupt") return;
  const answer = { id, result: answers[method]() };
  if (method !== "turn/start") return send(answer);
  if (way === "refusesTurn") return send({ id, error: { code: -32602, message: "not this one" } });
  send({ method: "turn/started", params: { threadId: "thread", turn: { id: "turn" } } });
  if (way === "asks") {
    send(answer);
    send({ id: 0, method: "item/fileChange/requestApproval", params: { reason: "May I?" } });
    send({ id: 1, method: "future/request", params: {} });
    send({ id: 2, method: "item/tool/call", params: { tool: "magic" } });
  } else if (way === "quick") {
    finish(); // the end overtakes the answer
    send(answer);
  } else if (way === "noisy") {
    process.stdout.write(`{"method":"warning","params":{"message":"${"x".repeat(11 * 1024 * 1024)}"}}\n`);
    process.stdout.write("not json\n");
    send(answer);
    finish();
  } else send(answer);
});
