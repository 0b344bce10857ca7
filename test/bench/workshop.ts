import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { neverAborted } from "../../src/base/abort";
import { systemClock as clock } from "../../src/base/clock";
import { Emitter } from "../../src/base/emitter";
import { silentLog as log } from "../../src/base/log";
import { systemRandom as random } from "../../src/base/random";
import { Redactor } from "../../src/base/redaction/redactor";
import { WakeSense } from "../../src/base/wakeSense";
import type { Heartbeat } from "../../src/core/ports/heartbeat";
import type { Platform } from "../../src/core/ports/platform";
import type { Slots } from "../../src/core/ports/machine";
import { redactedJournal } from "../../src/core/redacted/redactedJournal";
import { redactedPlatform } from "../../src/core/redacted/redactedPlatform";
import { redactedHooks, redactedRuntime } from "../../src/core/redacted/redactedRuntime";
import type { WorkerIdentity } from "../../src/core/session";
import type { Store } from "../../src/core/store";
import { Worker } from "../../src/core/worker";
import type { WorkflowConfig } from "../../src/core/workflowConfig";
import { GitWorktrees } from "../../src/git/gitWorktrees";
import { ArtifactShelf } from "../../src/machine/artifacts/artifactShelf";
import { makeAttemptFolders } from "../../src/machine/attemptFolders";
import { createExclusiveNames } from "../../src/machine/exclusive";
import { openJournal } from "../../src/machine/journal/journal";
import { journalDisk } from "../../src/machine/journal/realDisk";
import { machinePaths, type MachinePaths } from "../../src/machine/paths";
import { readPlace } from "../../src/machine/place";
import { createSlots } from "../../src/machine/slots";
import { HttpClient } from "../../src/platform/http/httpClient";
import { RestPlatform } from "../../src/platform/restPlatform";
import { ThreadHeartbeat } from "../../src/platform/threadHeartbeat";
import { CodexHooks } from "../../src/runtime/codex/codexHooks";
import { CodexRuntime } from "../../src/runtime/codex/codexRuntime";
import { callDashboard } from "../../src/sandbox/handle";
import { launchSandbox, type LaunchedSandbox } from "../../src/sandbox/launch";
import { codexSandboxConfig } from "../../src/sandbox/model/codexConfig";
import { defaultWorkflowConfig } from "../../src/workflow/parseWorkflow";
import { buildPrompt } from "../../src/workflow/prompt";
import { codexBinary } from "../fakes/codexBinary";
import { signIn } from "../fakes/sandboxClient";

const dist = join(__dirname, "../../dist");
const agent = { workspaceId: "ws_sandbox", agentId: "agent_sandbox" };
const facts = { provider: "codex", version: "0.0.0" };

/** What the scripted model does in a turn, as a small task goes. @param thinkMs how long it takes for each of its answers. */
function scriptOf(thinkMs: number): readonly object[] {
  const think = thinkMs === 0 ? [] : [{ type: "pause", ms: thinkMs }];
  return [
    ...[...think, { type: "message", text: "I look around first." }, { type: "command", cmd: "ls -1" }],
    ...[...think, { type: "file", content: "# A note\n\nWritten by the scripted model.\n" }],
    ...[...think, { type: "command", cmd: "cat {{file}}" }],
    ...[...think, { type: "final", text: "Done: {{file}} is there." }],
  ];
}

/** A worker as it ships, all of it real but the model: its platform and model are a process of their own on loopback. */
export class Workshop {
  readonly sandbox: LaunchedSandbox;
  readonly root: string;
  /** The repository that sessions work in. */
  readonly project: string;
  /** What codex and git see of the editor's environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: Platform;
  readonly identity: WorkerIdentity;
  readonly paths: MachinePaths;
  readonly #token: string;
  readonly #redactor: Redactor;
  readonly #slots: Slots;
  readonly #life = new AbortController();
  readonly #ended: Promise<unknown>[] = [];

  private constructor(parts: {
    readonly root: string;
    readonly sandbox: LaunchedSandbox;
    readonly redactor: Redactor;
    readonly token: string;
    readonly platform: Platform;
    readonly identity: WorkerIdentity;
    readonly slots: Slots;
  }) {
    this.root = parts.root;
    this.project = join(parts.root, "project");
    this.environment = environmentAt(parts.root);
    this.sandbox = parts.sandbox;
    this.platform = parts.platform;
    this.identity = parts.identity;
    this.paths = machinePaths(parts.root);
    this.#redactor = parts.redactor;
    this.#token = parts.token;
    this.#slots = parts.slots;
  }

  static async open(): Promise<Workshop> {
    const root = mkdtempSync(join(tmpdir(), "bench-"));
    const sandbox = await launchSandbox(
      {
        bundlePath: join(dist, "sandbox.js"),
        execPath: process.execPath,
        dataDir: join(root, "sandbox"),
        environment: process.env,
      },
      neverAborted,
    );
    makeHome(root, sandbox);
    const { accessToken: token } = await signIn(sandbox);
    const redactor = new Redactor();
    redactor.add(token, "platform token");
    const http = new HttpClient({ origin: sandbox.baseUrl, tokens: tokensOf(token), clock, random, log });
    const platform = redactedPlatform(new RestPlatform(http, log), redactor);
    const identity = await register(platform);
    const { state, foreignExecutions } = machinePaths(root);
    const place = await readPlace();
    const names = await createExclusiveNames(state, { clock, log }, { place });
    const slots = createSlots(state, foreignExecutions, names, { clock, log }, place);
    const workshop = new Workshop({ root, sandbox, redactor, token, platform, identity, slots });
    await workshop.choose(0);
    return workshop;
  }

  /** The owner's workflow: the defaults, with this machine's codex. */
  config(pollIntervalMs = 30_000): WorkflowConfig {
    const config = defaultWorkflowConfig(this.root);
    const runtime = { ...config.runtime, command: [codexBinary(), "app-server"] };
    return {
      ...config,
      pollIntervalMs,
      runtime,
      worktree: { ...config.worktree, root: join(this.root, "trees") },
    };
  }

  heartbeat(): Heartbeat {
    return new ThreadHeartbeat({
      ...{ clock, random, log, threadFile: join(dist, "heartbeatThread.js") },
      ...{ workerVersion: "0.0.0", platform: process.platform, origin: this.sandbox.baseUrl },
      path: { ...agent, workerId: this.identity.workerId },
      tokens: tokensOf(this.#token),
      network: () => Promise.resolve({}),
    });
  }

  /** Starts the worker. @param platform sees each call. */
  async start(store: Store, config: WorkflowConfig, platform: Platform): Promise<Worker> {
    const { paths, identity, environment } = this;
    const redactor = this.#redactor;
    const tool = {
      ...{ clock, random, log, redactor, environment, clientVersion: "0.0.0" },
      keeper: { execPath: process.execPath, bundlePath: join(dist, "processKeeper.js") },
      ...{ scratchFolder: paths.tmp, privateFolders: paths.unreadable },
    };
    const disk = journalDisk(
      paths.state,
      { origin: this.sandbox.baseUrl, workerId: identity.workerId },
      clock,
    );
    const worker = new Worker(
      {
        ...{ clock, random, log, store, platform, identity, slots: this.#slots },
        sense: new WakeSense(clock),
        heartbeat: this.heartbeat(),
        runtime: redactedRuntime(new CodexRuntime(tool), redactor),
        hooks: redactedHooks(new CodexHooks(tool), redactor),
        worktrees: new GitWorktrees({ stateFolder: paths.state, environment, clock, log }),
        journal: redactedJournal(await openJournal(disk, { clock, log }), redactor),
        folder: this.project,
        workerName: "Bench worker",
        workflow: () => Promise.resolve(config),
        prompt: (session, workflow, turn) => buildPrompt(session, "", workflow, turn),
        attemptFolders: (sessionId, known) => makeAttemptFolders(paths.tmp, sessionId, random, known),
        artifacts: new ArtifactShelf({
          ...{ clock, random, log, folder: paths.artifacts },
          redact: (text) => redactor.redact(text),
        }),
        ...{ startPaused: false, handledSignal: undefined, autoClaim: () => true },
        saveControl: () => Promise.resolve(),
      },
      facts,
    );
    this.#ended.push(worker.run(undefined, this.#life.signal).catch(() => undefined));
    return worker;
  }

  /** @param thinkMs how long the scripted model takes for each of its four answers. */
  async choose(thinkMs: number): Promise<void> {
    const { baseUrl, dashboardToken } = this.sandbox;
    await callDashboard(baseUrl, dashboardToken, "POST", "model", { turns: [scriptOf(thinkMs)] });
  }

  /** Queues a session for the worker. */
  async queue(title: string, prompt: string): Promise<void> {
    const { baseUrl, dashboardToken } = this.sandbox;
    await callDashboard(baseUrl, dashboardToken, "POST", "sessions", { title, prompt });
  }

  async close(): Promise<void> {
    this.#life.abort(new Error("the workshop closes"));
    await Promise.all(this.#ended);
    await this.sandbox.dispose();
    rmSync(this.root, { recursive: true, force: true });
  }
}

function environmentAt(root: string): Readonly<Record<string, string | undefined>> {
  return { PATH: process.env["PATH"], HOME: root, CODEX_HOME: join(root, ".codex"), SHELL: "/bin/bash" };
}

function tokensOf(token: string): ConstructorParameters<typeof HttpClient>[0]["tokens"] {
  return {
    onDidChangeToken: new Emitter<string>().event,
    get: () => Promise.resolve(token),
    renew: () => Promise.reject(new Error("no renewal is due")),
  };
}

function makeHome(root: string, sandbox: LaunchedSandbox): void {
  const project = join(root, "project");
  for (const folder of [project, join(root, ".codex")]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(root, ".codex", "config.toml"), codexSandboxConfig(sandbox.modelBaseUrl), {
    mode: 0o600,
  });
  writeFileSync(join(root, ".gitconfig"), "[user]\n\tname = Bench\n\temail = bench@example.invalid\n");
  const env = environmentAt(root);
  const git = (...args: readonly string[]): void => {
    execFileSync("git", args, { cwd: project, env, stdio: "ignore" });
  };
  git("init", "--initial-branch=main");
  writeFileSync(join(project, "README.md"), "a project\n");
  git("add", ".");
  git("commit", "--quiet", "--message", "first");
}

async function register(platform: Platform): Promise<WorkerIdentity> {
  const policy = { sandbox: "workspace-write", approvals: "never", network: false } as const;
  const { workerId } = await platform.registerWorker(
    agent,
    {
      ...{ name: "Bench worker", runtime: facts, policy, worktreeMode: "task", maxConcurrentSessions: 1 },
      ...{ instructions: undefined, groupId: undefined, idempotencyKey: random.uuid() },
    },
    neverAborted,
  );
  const { userId } = await platform.getCurrentUser(neverAborted);
  return { ...agent, workerId, userId };
}
