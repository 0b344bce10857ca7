import { execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { systemClock } from "../../../src/base/clock";
import { silentLog } from "../../../src/base/log";
import { Redactor } from "../../../src/base/redaction/redactor";
import { systemRandom } from "../../../src/base/random";
import { cancelled } from "../../../src/core/ports/person";
import type { RunOutcome, RunRequest, RuntimeEvent } from "../../../src/core/ports/runtime";
import { CodexRuntime } from "../../../src/runtime/codex/codexRuntime";
import { codexBinary } from "../../fakes/codexBinary";
import { keeperProgram } from "../../fakes/keeperProgram";
import { FakeModel, type ModelStep } from "../../fakes/fakeModel";

/** A throw-away home of codex, a git checkout and a scripted model around one CodexRuntime. */
export class CodexLab {
  readonly root = mkdtempSync(join(tmpdir(), "codex-lab-"));
  readonly home = join(this.root, "home");
  readonly codexHome = join(this.home, ".codex");
  readonly project = join(this.root, "project");
  readonly artifacts = join(this.root, "artifacts");
  readonly outside = join(this.root, "outside");
  /** Where the worker keeps what is its own. */
  readonly state = join(this.root, "state");
  readonly privateFolders: readonly string[] = [
    this.state,
    join(this.root, "missing"),
    join(this.root, "logs"),
  ];
  readonly events: RuntimeEvent[] = [];
  readonly redactor = new Redactor();
  readonly model: FakeModel;
  readonly environment: Record<string, string | undefined>;

  private constructor(model: FakeModel, baseUrl: string) {
    this.model = model;
    for (const folder of [this.codexHome, this.project, this.artifacts, this.outside, this.state]) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    }
    writeFileSync(join(this.codexHome, "config.toml"), configuration(baseUrl), { mode: 0o600 });
    git(this.project, "init", "-q", "-b", "main");
    writeFileSync(join(this.project, "README.md"), "a project\n");
    git(this.project, "add", ".");
    git(this.project, "commit", "-q", "-m", "first");
    this.environment = {
      PATH: process.env["PATH"],
      HOME: this.home,
      CODEX_HOME: this.codexHome,
      SHELL: "/bin/bash",
    };
  }

  static async open(...steps: readonly ModelStep[]): Promise<CodexLab> {
    const model = await FakeModel.start(...steps);
    return new CodexLab(model, model.baseUrl);
  }

  /** A lab whose model's port answers nothing at all. */
  static async openUnreachable(): Promise<CodexLab> {
    const model = await FakeModel.start();
    const { baseUrl } = model;
    await model.close();
    return new CodexLab(model, baseUrl);
  }

  get config(): string {
    return readFileSync(join(this.codexHome, "config.toml"), "utf8");
  }

  /** Adds to the owner's configuration: keys go to its top, tables to its end. */
  appendConfig(keys: string, tables: string): void {
    writeFileSync(join(this.codexHome, "config.toml"), `${keys}${this.config}${tables}`);
  }

  /** One turn of the same codex without this adapter, or one more of a thread: what it does when nobody tells it otherwise. */
  async runBare(...thread: readonly string[]): Promise<void> {
    const child = spawn(codexBinary(), ["exec", ...thread, "--skip-git-repo-check", "do it"], {
      cwd: this.project,
      env: this.environment,
      stdio: "ignore",
    });
    await once(child, "exit");
  }

  /** Files as the worker keeps them for itself, each with `worker-secret` in it; their paths. */
  plantSecrets(): readonly string[] {
    const paths = [
      join(this.state, "vscode-worker", "windows.key"),
      join(this.state, "vscode-worker", "journal", "1.jsonl"),
      join(this.root, "logs", "vscode-worker.log"),
    ];
    for (const path of paths) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeFileSync(path, "worker-secret\n", { mode: 0o600 });
    }
    return paths;
  }

  replaceConfig(text: string): void {
    writeFileSync(join(this.codexHome, "config.toml"), text);
  }

  runtime(clock = systemClock): CodexRuntime {
    return new CodexRuntime({
      clock,
      random: systemRandom,
      log: silentLog,
      redactor: this.redactor,
      environment: this.environment,
      clientVersion: "0.0.0",
      keeper: keeperProgram(),
      scratchFolder: join(this.root, "tmp"),
      privateFolders: this.privateFolders,
    });
  }

  request(changes: Partial<RunRequest> = {}): RunRequest {
    return {
      sessionId: "session-1",
      provider: "codex",
      workingDirectory: this.project,
      trustedInstructions: "TRUSTED-WORDS",
      untrustedInput: "UNTRUSTED-WORDS",
      policy: { sandbox: "workspace-write", approvals: "never", network: false },
      command: [codexBinary(), "app-server"],
      model: undefined,
      effort: undefined,
      environmentNames: [],
      workerName: "Lab worker",
      marker: randomUUID(),
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

  run(changes: Partial<RunRequest> = {}, signal = new AbortController().signal): Promise<RunOutcome> {
    return this.runtime().run(this.request(changes), (event) => this.events.push(event), signal);
  }

  eventsOf<K extends RuntimeEvent["kind"]>(kind: K): Extract<RuntimeEvent, { kind: K }>[] {
    return this.events.filter((one): one is Extract<RuntimeEvent, { kind: K }> => one.kind === kind);
  }

  /** Processes that were started with this lab's home, wherever they are now. */
  survivors(): number[] {
    return processesWith(`CODEX_HOME=${this.codexHome}`);
  }

  async close(): Promise<void> {
    await this.model.close();
    for (const pid of this.survivors()) process.kill(pid, "SIGKILL");
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** The numbers of processes whose environment holds this `NAME=value`. */
export function processesWith(variable: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        return `\0${readFileSync(`/proc/${name}/environ`, "latin1")}`.includes(`\0${variable}\0`);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Waits for a condition, looking every few milliseconds. Fails after `limitMs`. */
export async function until(what: string, condition: () => boolean, limitMs = 60_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export function git(folder: string, ...args: readonly string[]): string {
  const identity = ["-c", "user.name=Lab", "-c", "user.email=lab@example.invalid"];
  return execFileSync("git", [...identity, ...args], { cwd: folder, encoding: "utf8" });
}

function configuration(baseUrl: string): string {
  return `model = "gpt-5.5"
model_provider = "fake"
check_for_update_on_startup = false
[features]
plugins = false
apps = false
unbounded_connection_retries = false
[tools]
update_plan = { enabled = true }
[analytics]
enabled = false
[model_providers.fake]
name = "fake"
base_url = "${baseUrl}"
wire_api = "responses"
requires_openai_auth = false
request_max_retries = 1
stream_max_retries = 1
stream_idle_timeout_ms = 4000
`;
}
