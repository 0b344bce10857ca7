import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock, type Clock } from "../../../src/base/clock";
import { silentLog } from "../../../src/base/log";
import { systemRandom } from "../../../src/base/random";
import { Redactor } from "../../../src/base/redaction/redactor";
import { cancelled } from "../../../src/core/ports/person";
import type { RunOutcome, RunRequest, RuntimeEvent } from "../../../src/core/ports/runtime";
import { AcpRuntime } from "../../../src/runtime/acp/acpRuntime";
import type { AcpLimits } from "../../../src/runtime/acp/conversation";
import { acpPrograms } from "../../fakes/acpPrograms";
import type { AcpScenario, AcpStep } from "../../fakes/acpScenario";
import { keeperProgram } from "../../fakes/keeperProgram";
import { processesWith } from "./codexLab";

/** A worktree and a scripted agent around one AcpRuntime. */
export class AcpLab {
  readonly root = mkdtempSync(join(tmpdir(), "acp-lab-"));
  readonly project = join(this.root, "project");
  readonly outside = join(this.root, "outside");
  readonly artifacts = join(this.root, "artifacts");
  readonly log = join(this.root, "agent.log");
  readonly events: RuntimeEvent[] = [];
  readonly redactor = new Redactor();
  readonly warnings: string[] = [];
  /** Tells this lab's processes from others. */
  readonly mark = randomUUID();
  readonly marker = randomUUID();
  readonly #scenario = join(this.root, "scenario.json");

  constructor() {
    for (const folder of [this.project, this.outside, this.artifacts]) mkdirSync(folder);
    writeFileSync(join(this.project, "README.md"), "line one\nline two\nline three\n");
  }

  runtime(clock: Clock = systemClock, limits?: AcpLimits): AcpRuntime {
    return new AcpRuntime({
      clock,
      random: systemRandom,
      log: { ...silentLog, warn: (message) => this.warnings.push(message) },
      redactor: this.redactor,
      environment: { PATH: process.env["PATH"], HOME: this.root, LC_LAB: this.mark, WANTED: "yes" },
      clientVersion: "0.0.0",
      keeper: keeperProgram(),
      scratchFolder: join(this.root, "tmp"),
      toolPipe: acpPrograms().toolPipe,
      ...(limits === undefined ? {} : { limits }),
    });
  }

  /** The argv of an agent with this scenario. */
  command(scenario: Partial<AcpScenario> = {}): readonly string[] {
    writeFileSync(this.#scenario, JSON.stringify({ log: this.log, prompts: [[]], ...scenario }));
    return [process.execPath, acpPrograms().agent, this.#scenario];
  }

  request(changes: Partial<RunRequest> = {}): RunRequest {
    return {
      sessionId: "session-1",
      provider: "acp",
      workingDirectory: this.project,
      trustedInstructions: "TRUSTED-WORDS",
      untrustedInput: "UNTRUSTED-WORDS",
      policy: { sandbox: "workspace-write", approvals: "never", network: false },
      command: [],
      model: undefined,
      effort: undefined,
      environmentNames: [],
      workerName: "Lab worker",
      marker: this.marker,
      artifactsDirectory: this.artifacts,
      turnTimeoutMs: 60_000,
      stallTimeoutMs: 60_000,
      resumeThreadId: undefined,
      workKey: "work-1",
      ask: () => Promise.resolve(cancelled),
      useTool: () => Promise.resolve({ ok: false, text: "There are no tools here." }),
      ...changes,
    };
  }

  /** One turn of these steps. */
  async play(steps: readonly AcpStep[], changes: Partial<RunRequest> = {}): Promise<RunOutcome> {
    return await this.run({ prompts: [[...steps]] }, changes);
  }

  async run(
    scenario: Partial<AcpScenario>,
    changes: Partial<RunRequest> = {},
    signal = new AbortController().signal,
    limits?: AcpLimits,
  ): Promise<RunOutcome> {
    const request = this.request({ command: this.command(scenario), ...changes });
    return await this.runtime(systemClock, limits).run(request, (event) => this.events.push(event), signal);
  }

  eventsOf<K extends RuntimeEvent["kind"]>(kind: K): Extract<RuntimeEvent, { kind: K }>[] {
    return this.events.filter((one): one is Extract<RuntimeEvent, { kind: K }> => one.kind === kind);
  }

  /** What the agent noted. */
  noted(): readonly Record<string, unknown>[] {
    return this.notedIn(this.log);
  }

  /** The same where the scenario names another file. */
  notedIn(log: string): readonly Record<string, unknown>[] {
    if (!existsSync(log)) return [];
    const lines = readFileSync(log, "utf8").split("\n");
    return lines.filter((one) => one !== "").map((one) => Object(JSON.parse(one)) as Record<string, unknown>);
  }

  /** The parameters of the agent's first request of this method. */
  sent(method: string): unknown {
    return this.noted().find((one) => one["method"] === method)?.["params"];
  }

  /** What the agent's requests of this method were answered with: the result, or the refusal's code. */
  answers(method: string): readonly unknown[] {
    return this.noted()
      .filter((one) => one["answer"] === method)
      .map((one) => one["result"] ?? one["error"]);
  }

  read(path: string): string {
    return readFileSync(join(this.project, path), "utf8");
  }

  /** Processes that were started with this lab's environment, wherever they are now. */
  survivors(): number[] {
    return processesWith(`LC_LAB=${this.mark}`);
  }

  close(): void {
    for (const pid of this.survivors()) process.kill(pid, "SIGKILL");
    rmSync(this.root, { recursive: true, force: true });
  }
}
