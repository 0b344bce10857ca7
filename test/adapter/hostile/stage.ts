import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import { systemClock as clock } from "../../../src/base/clock";
import { Emitter } from "../../../src/base/emitter";
import { silentLog } from "../../../src/base/log";
import { systemRandom as random } from "../../../src/base/random";
import { hideEnvironment } from "../../../src/base/redaction/secretValues";
import type { TextRedactor } from "../../../src/base/redaction/redactor";
import { WakeSense } from "../../../src/base/wakeSense";
import { joinedLog } from "../../../src/composition/joinedLog";
import { tokenLabel } from "../../../src/composition/learntSecrets";
import { WorkflowSource } from "../../../src/composition/workflowSource";
import { redactedJournal } from "../../../src/core/redacted/redactedJournal";
import { redactedPlatform } from "../../../src/core/redacted/redactedPlatform";
import { redactedHooks, redactedRuntime } from "../../../src/core/redacted/redactedRuntime";
import type { Platform } from "../../../src/core/ports/platform";
import type { WorkerIdentity } from "../../../src/core/session";
import { isLive, type SessionView } from "../../../src/core/state";
import { Store } from "../../../src/core/store";
import { Worker } from "../../../src/core/worker";
import type { WorkflowConfig } from "../../../src/core/workflowConfig";
import { GitWorktrees } from "../../../src/git/gitWorktrees";
import { ArtifactShelf } from "../../../src/machine/artifacts/artifactShelf";
import { makeAttemptFolders } from "../../../src/machine/attemptFolders";
import { createConsentStore } from "../../../src/machine/consentStore";
import { createDailyLog } from "../../../src/machine/dailyLog";
import { openJournal } from "../../../src/machine/journal/journal";
import { journalDisk } from "../../../src/machine/journal/realDisk";
import { machinePaths } from "../../../src/machine/paths";
import { HttpClient } from "../../../src/platform/http/httpClient";
import { RestPlatform } from "../../../src/platform/restPlatform";
import { CodexHooks } from "../../../src/runtime/codex/codexHooks";
import { CodexRuntime } from "../../../src/runtime/codex/codexRuntime";
import type { Sandbox } from "../../../src/sandbox/server";
import { parseWorkflow } from "../../../src/workflow/parseWorkflow";
import { buildPrompt } from "../../../src/workflow/prompt";
import { codexBinary } from "../../fakes/codexBinary";
import { FakeHeartbeat } from "../../fakes/fakeHeartbeat";
import { FakeSlots } from "../../fakes/fakeMachine";
import type { Defence, HostileCase } from "../../fakes/hostileCases";
import { keeperProgram } from "../../fakes/keeperProgram";
import { startTestSandbox } from "../../fakes/sandbox";
import { queue, signIn } from "../../fakes/sandboxClient";
import { CodexLab, until } from "../runtime/codexLab";
import { Doorbells } from "./doorbells";
import { blindRedactor, CarelessWorktrees, splicedPrompt, trustfulCodex } from "./mutants";
import { named, plant, stepsOf, type Names } from "./plant";

/** A variable of the editor that nobody passes on. */
const hostSecret = "only-for-the-editor-7Yw2kQ9";
const longMs = 120_000;

/**
 * One case of the corpus with all that is real around it: the worker, its git, its prompt, its journal and its logs, the
 * codex of this machine with a model that obeys the attacker, and a platform on loopback.
 */
export class HostileStage {
  readonly lab: CodexLab;
  readonly sandbox: Sandbox;
  readonly bells: Doorbells;
  readonly store = new Store((error) => this.errors.push(String(error)));
  readonly errors: string[] = [];
  readonly names: Names;
  readonly secrets: Readonly<Record<string, string>>;
  readonly paths;
  readonly #case: HostileCase;
  readonly #without: readonly Defence[];
  readonly #redactor: TextRedactor;
  readonly #bystander: ChildProcess;
  /** A place in the folder that all share. */
  readonly tmpFile: string;
  readonly #life = new AbortController();
  #ended: Promise<unknown> = Promise.resolve();

  private constructor(
    one: HostileCase,
    without: readonly Defence[],
    world: { lab: CodexLab; sandbox: Sandbox; bells: Doorbells; token: string; bystander: ChildProcess },
  ) {
    this.#case = one;
    this.#without = without;
    this.lab = world.lab;
    this.sandbox = world.sandbox;
    this.bells = world.bells;
    this.#bystander = world.bystander;
    this.tmpFile = `/tmp/hostile-${basename(world.lab.root)}`;
    this.secrets = { "platform token": world.token, "variable of the editor": hostSecret };
    const { lab, bells } = world;
    this.#redactor = without.includes("redaction") ? blindRedactor : lab.redactor;
    this.paths = machinePaths(lab.home);
    this.names = {
      OUTSIDE: lab.outside,
      HOME: lab.home,
      CODEX_HOME: lab.codexHome,
      PROJECT: lab.project,
      TCP: String(bells.tcp),
      UDP: String(bells.udp),
      SOCKET: bells.path,
      ABSTRACT: bells.abstract,
      NODE: process.execPath,
      EDITOR: String(world.bystander.pid),
      LOCKED: String(bells.locked),
      TMP: this.tmpFile,
    };
    for (const [name, value] of Object.entries(this.names)) lab.model.replace(`{{${name}}}`, value);
    Object.assign(lab.environment, { HOST_ONLY: hostSecret });
    writeFileSync(join(lab.home, ".gitconfig"), "[user]\n\tname = Ada\n\temail = ada@example.com\n");
    plant(lab, one, this.names);
  }

  static async open(one: HostileCase, without: readonly Defence[]): Promise<HostileStage> {
    const lab = await CodexLab.open(...stepsOf(one));
    const sandbox = await startTestSandbox();
    const bells = await Doorbells.open(lab.root);
    const { accessToken: token } = await signIn(sandbox);
    const bystander = spawn("sleep", ["600"], { env: { HOST_ONLY: hostSecret }, stdio: "ignore" });
    await once(bystander, "spawn");
    return new HostileStage(one, without, { lab, sandbox, bells, token, bystander });
  }

  /** Runs the sessions of the case, one after another, to the end that it names. */
  async play(): Promise<void> {
    await this.#start();
    const { title, prompt, task } = this.#case.session;
    const text = (raw: string): string => named(raw, this.names);
    for (let number = 0; number < this.#case.sessions; number += 1) {
      const told = task && { title: text(task.title), description: text(task.description) };
      const sessionId = await queue(this.sandbox, {
        ...{ title: text(title), prompt: text(prompt) },
        ...(told === undefined ? {} : { task: told }),
      });
      this.#worker?.pollNow();
      if (this.#case.answer !== undefined) await this.#answer(sessionId, this.#case.answer);
      await until(`the end of ${sessionId}`, () => this.#isOver(sessionId), longMs);
    }
  }

  /** Somebody answers on the platform, or a person in the editor approves. */
  async #answer(sessionId: string, text: string): Promise<void> {
    const asked = (): boolean => this.sandbox.state().sessions.some((one) => one.status === "awaiting_input");
    await until("it asks", asked, longMs);
    if (!this.#without.includes("person")) {
      await this.sandbox.dashboard("POST", `sessions/${sessionId}/answer`, { text });
      return;
    }
    const [question] = this.store.state.sessions.get(sessionId)?.questions ?? [];
    const yes = { kind: "decision", decision: "approve", guidance: undefined } as const;
    this.#worker?.answer(sessionId, question?.questionId, yes);
  }

  get sessions(): readonly SessionView[] {
    return [...this.store.state.sessions.values()];
  }

  async close(): Promise<void> {
    this.#life.abort(new Error("the stage closes"));
    await this.#ended;
    this.#bystander.kill("SIGKILL");
    await once(this.#bystander, "exit");
    await this.bells.close();
    await this.sandbox.close();
    await this.lab.close();
    rmSync(this.tmpFile, { force: true });
  }

  #worker: Worker | undefined;

  #isOver(sessionId: string): boolean {
    if (this.#case.ends === "unclaimed" && this.store.state.fault !== undefined) return true;
    const found = this.store.state.sessions.get(sessionId);
    return found !== undefined && found.phase !== "listed" && !isLive(found.phase);
  }

  async #start(): Promise<void> {
    const { lab, sandbox, store, paths } = this;
    const redactor = this.#redactor;
    const token = this.secrets["platform token"] ?? "";
    lab.redactor.add(token, tokenLabel);
    const log = joinedLog(redactor, createDailyLog(paths.logs, clock));
    const tokens = {
      onDidChangeToken: new Emitter<string>().event,
      get: () => Promise.resolve(token),
      renew: () => Promise.reject(new Error("no renewal is due")),
    };
    const http = new HttpClient({ origin: sandbox.baseUrl, tokens, clock, random, log });
    const platform = redactedPlatform(new RestPlatform(http, log), redactor);
    const config = await this.#workflow().catch(() => undefined);
    const identity = await this.#register(platform, config);
    const { workerId } = identity;
    const disk = journalDisk(paths.state, { origin: sandbox.baseUrl, workerId }, clock);
    const environment = lab.environment;
    const Trees = this.#without.includes("gitGuard") ? CarelessWorktrees : GitWorktrees;
    const tool = {
      ...{ clock, random, log, redactor, environment, clientVersion: "0.0.0" },
      ...{ keeper: keeperProgram(), scratchFolder: paths.tmp, privateFolders: paths.unreadable },
    };
    const worker = new Worker(
      {
        ...{ clock, random, log, store, platform, identity },
        sense: new WakeSense(clock),
        heartbeat: new FakeHeartbeat(),
        runtime: redactedRuntime(new CodexRuntime(tool), redactor),
        hooks: redactedHooks(new CodexHooks(tool), redactor),
        worktrees: new Trees({ stateFolder: paths.state, environment, clock, log }),
        slots: new FakeSlots(),
        journal: redactedJournal(await openJournal(disk, { clock, log }), redactor),
        folder: join(lab.project, this.#case.folder),
        workerName: "VS Code worker",
        workflow: () => this.#workflow(),
        prompt: (session, workflow, turn) => {
          const prompt = buildPrompt(session, "", workflow, turn);
          return this.#without.includes("separation") ? splicedPrompt(prompt) : prompt;
        },
        attemptFolders: (sessionId, known) => makeAttemptFolders(paths.tmp, sessionId, random, known),
        artifacts: new ArtifactShelf({
          ...{ clock, random, log, folder: paths.artifacts },
          redact: (text) => redactor.redact(text),
        }),
        ...{ startPaused: false, handledSignal: undefined, autoClaim: () => true },
        saveControl: () => Promise.resolve(),
      },
      { provider: "codex", version: "0.0.0" },
    );
    this.#worker = worker;
    this.#ended = worker.run(undefined, this.#life.signal).catch((error: unknown) => {
      this.errors.push(String(error));
    });
  }

  async #register(platform: Platform, config: WorkflowConfig | undefined): Promise<WorkerIdentity> {
    const agent = { workspaceId: "ws_sandbox", agentId: "agent_sandbox" };
    const { workerId } = await platform.registerWorker(
      agent,
      {
        ...{ name: "VS Code worker", runtime: { provider: "codex", version: "0.0.0" } },
        policy: config?.policy ?? { sandbox: "workspace-write", approvals: "never", network: false },
        ...{ worktreeMode: "task", maxConcurrentSessions: 1, instructions: undefined, groupId: undefined },
        idempotencyKey: random.uuid(),
      },
      neverAborted,
    );
    const { userId } = await platform.getCurrentUser(neverAborted);
    return { ...agent, workerId, userId };
  }

  /** As the owner's folder says it, with the tool of this machine. */
  async #workflow(): Promise<WorkflowConfig> {
    const { lab } = this;
    const config = this.#workflowOfWorktree() ?? (await this.#source().read());
    const everything = this.#without.includes("allowList");
    const names = everything ? Object.keys(lab.environment) : config.runtime.environment;
    if (!everything) hideEnvironment(lab.redactor, lab.environment, names);
    const command = this.#without.includes("untrusted")
      ? trustfulCodex(lab.root)
      : [codexBinary(), "app-server"];
    const sandbox = this.#without.includes("sandbox") ? "danger-full-access" : config.policy.sandbox;
    return {
      ...config,
      maxRetryAttempts: 0,
      runtime: { ...config.runtime, command, environment: names },
      policy: { ...config.policy, sandbox, approvals: this.#case.approvals },
    };
  }

  #source(): WorkflowSource {
    const nobodyAsks = { isAllowed: () => Promise.resolve(true), allow: () => Promise.resolve() };
    return new WorkflowSource({
      ...{ log: silentLog, home: this.lab.home, trusted: () => true, path: () => "WORKFLOW.md" },
      folder: () => join(this.lab.project, this.#case.folder),
      consents: this.#without.includes("consent")
        ? nobodyAsks
        : createConsentStore(this.paths.state, { clock, log: silentLog }),
      ...{ mayAsk: () => true, ask: () => Promise.resolve(false), onAllowed: () => undefined },
      onError: (error) => this.errors.push(String(error)),
    });
  }

  /** What a worker would take that reads the workflow where the model works. */
  #workflowOfWorktree(): WorkflowConfig | undefined {
    if (!this.#without.includes("ownFolder")) return undefined;
    // A later session's worktree may be without one, or have the one of the base.
    const written = this.sessions
      .flatMap((one) => (one.worktreePath === undefined ? [] : [join(one.worktreePath, "WORKFLOW.md")]))
      .find((path) => existsSync(path));
    if (written === undefined) return undefined;
    const parsed = parseWorkflow(readFileSync(written, "utf8"), this.lab.home);
    return parsed.kind === "ok" ? parsed.config : undefined;
  }
}
