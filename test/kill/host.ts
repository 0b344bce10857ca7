import { systemClock } from "../../src/base/clock";
import { silentLog } from "../../src/base/log";
import { Redactor } from "../../src/base/redaction/redactor";
import { systemRandom } from "../../src/base/random";
import { cancelled } from "../../src/core/ports/person";
import type { RunOutcome } from "../../src/core/ports/runtime";
import { CodexRuntime } from "../../src/runtime/codex/codexRuntime";
import { markerName } from "../../src/runtime/environment";
import { startProcess } from "../../src/runtime/processTransport";
import { planSchema, type HostLine, type Plan } from "./plan";

// A process that does with a tool what the extension host does, to be killed at any instant. Its argument is a plan.

function say(line: HostLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** A run of the real runtime; the model has a command in progress that lasts. */
async function runCodex(plan: Extract<Plan, { kind: "codex" }>): Promise<RunOutcome> {
  const { environment, keeper, marker } = plan;
  const runtime = new CodexRuntime({
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    redactor: new Redactor(),
    environment,
    clientVersion: "0.0.0",
    keeper,
    scratchFolder: plan.artifacts,
    privateFolders: [],
  });
  const request = {
    sessionId: marker,
    provider: "codex",
    workingDirectory: plan.project,
    trustedInstructions: "",
    untrustedInput: "Go",
    policy: { sandbox: "danger-full-access", approvals: "never", network: true },
    command: plan.command,
    model: undefined,
    effort: undefined,
    environmentNames: [],
    workerName: "Kill test",
    marker,
    artifactsDirectory: plan.artifacts,
    turnTimeoutMs: 60_000,
    stallTimeoutMs: 60_000,
    resumeThreadId: undefined,
    workKey: "kill",
    ask: () => Promise.resolve(cancelled),
    useTool: () => Promise.resolve({ ok: false, text: "" }),
  } as const;
  return await runtime.run(
    request,
    (event) => {
      if (event.kind === "commandStarted") say({ kind: "ready" });
    },
    new AbortController().signal,
  );
}

/** A cheap tool under the process transport alone. Closes it when it ends by itself, as the runtime does. */
async function runTool(plan: Extract<Plan, { kind: "tool" }>): Promise<RunOutcome> {
  const tool = await startProcess({
    command: plan.command,
    workingDirectory: plan.folder,
    environment: { PATH: process.env["PATH"] ?? "", [markerName]: plan.marker },
    clock: systemClock,
    log: silentLog,
    redactor: new Redactor(),
    keeper: plan.keeper,
    graces: { afterEndOfInputMs: 100, afterTermMs: 100, sweepMs: 5000 },
    onOutput: (chunk) => {
      if (Buffer.from(chunk).toString().includes("ready")) say({ kind: "ready" });
    },
  });
  const message = await tool.exited;
  const left = await tool.close();
  return { kind: "failed", reason: left === 0 ? "crashed" : "turnFailed", message };
}

async function main(): Promise<void> {
  const plan = planSchema.parse(JSON.parse(process.argv[2] ?? ""));
  try {
    const outcome = await (plan.kind === "codex" ? runCodex(plan) : runTool(plan));
    say({ kind: "ended", how: outcome.kind === "failed" ? outcome.reason : outcome.kind });
  } catch (error) {
    say({ kind: "ended", how: error instanceof Error ? error.name : String(error) });
  }
}

void main();
