// One window's checks over a real repository, a real sandbox platform, a real keeper and a real thread; the coding tool answers as told.
import { build } from "esbuild";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { LinkedAbort, neverAborted } from "../../../src/base/abort";
import { systemClock, type Clock } from "../../../src/base/clock";
import { silentLog } from "../../../src/base/log";
import { systemRandom } from "../../../src/base/random";
import { Redactor } from "../../../src/base/redaction/redactor";
import { diagnosticsOf } from "../../../src/composition/diagnostics/diagnostics";
import type { DiagnosedParts } from "../../../src/composition/diagnostics/parts";
import type { CheckedRow, DiagnosticsReport } from "../../../src/core/diagnostics";
import type { Configuration } from "../../../src/core/ports/configurations";
import { initialState } from "../../../src/core/state";
import { GitClient } from "../../../src/git/gitClient";
import { parseSettings } from "../../../src/host/settingsSchema";
import { PlatformConnection } from "../../../src/platform/connection";
import type { Sandbox } from "../../../src/sandbox/server";
import { FakeConfigurations, FakeMachineLock } from "../../fakes/fakeConfigurations";
import { FakeRuntime } from "../../fakes/fakeRuntime";
import { keeperProgram } from "../../fakes/keeperProgram";
import { startTestSandbox } from "../../fakes/sandbox";
import { signIn, workerAt } from "../../fakes/sandboxClient";
import { FakeSecrets, FakeTokenMachine } from "../../unit/platform/fakes";
import { GitFixture } from "../git/gitFixture";

export class DiagnosticsLab {
  readonly sandbox: Sandbox;
  readonly git: GitFixture;
  readonly runtime = new FakeRuntime();
  readonly lock = new FakeMachineLock();
  readonly secrets = new FakeSecrets();
  readonly redactor = new Redactor();
  readonly configurations = new FakeConfigurations();
  readonly connection: PlatformConnection;
  readonly stateFolder: string;
  /** What differs from a window in which all is well. */
  change: Partial<DiagnosedParts> = {};
  readonly #threadFile: string;

  private constructor(sandbox: Sandbox, git: GitFixture, threadFile: string, clock: Clock) {
    this.sandbox = sandbox;
    this.git = git;
    this.#threadFile = threadFile;
    this.stateFolder = join(git.folder, "state");
    this.connection = this.#connect(sandbox.baseUrl, clock);
  }

  /** A connection to another platform; the caller disposes it. */
  elsewhere(origin: string): PlatformConnection {
    return this.#connect(origin, systemClock);
  }

  #connect(origin: string, clock: Clock): PlatformConnection {
    const machine = new FakeTokenMachine();
    return new PlatformConnection({
      account: { origin, clientId: this.sandbox.clientId },
      secrets: this.secrets,
      lock: machine.lock(),
      spent: machine.spent,
      share: machine.share(),
      clock,
      random: systemRandom,
      log: silentLog,
      redactor: this.redactor,
      onTokens: ({ accessToken, refreshToken = "" }) => {
        this.redactor.add(accessToken, "platform token");
        this.redactor.add(refreshToken, "platform token");
      },
      signIn: () => Promise.reject(new Error("nobody signs in here")),
      onStorageTrouble: () => undefined,
    });
  }

  /** @param clock the window's own, for one that goes wrong. */
  static async open(clock: Clock = systemClock): Promise<DiagnosticsLab> {
    const git = await GitFixture.withCommit();
    const sandbox = await startTestSandbox();
    const threadFile = join(git.folder, "heartbeatThread.js");
    await bundleThread(threadFile);
    const lab = new DiagnosticsLab(sandbox, git, threadFile, clock);
    await mkdir(lab.stateFolder, { mode: 0o700 });
    await chmod(lab.stateFolder, 0o700);
    return lab;
  }

  /** Signed in, with a worker for the repository. */
  async setUp(): Promise<Configuration> {
    const { accessToken, refreshToken } = await signIn(this.sandbox);
    const expiresAt = systemClock.now() + 3_600_000;
    await this.connection.signInParts.tokens.adopt({ accessToken, refreshToken, expiresAt });
    const { workerId } = await workerAt(this.sandbox);
    const configuration: Configuration = {
      origin: this.sandbox.baseUrl,
      clientId: this.sandbox.clientId,
      userId: "user_sandbox",
      workspaceId: "ws_sandbox",
      workspaceName: "Sandbox",
      agentId: "agent_sandbox",
      agentName: "Builder",
      workerId,
      idempotencyKey: "0123456789abcdef",
      folder: this.git.repo,
      stoppedByPerson: false,
    };
    await this.configurations.set(configuration);
    return configuration;
  }

  async report(signal: AbortSignal = neverAborted): Promise<DiagnosticsReport> {
    return await diagnosticsOf(this.parts(), () => [{ name: "System", value: "test" }]).run(
      () => undefined,
      signal,
    );
  }

  /** The rows by their ids. */
  async rows(): Promise<ReadonlyMap<string, CheckedRow>> {
    return new Map((await this.report()).rows.map((row) => [row.id, row]));
  }

  /** A run that is cancelled as soon as a row has come. */
  async cancelled(): Promise<DiagnosticsReport> {
    const abort = new LinkedAbort();
    const diagnostics = diagnosticsOf(this.parts(), () => []);
    return await diagnostics.run(() => abort.abort(new Error("cancelled")), abort.signal);
  }

  parts(): DiagnosedParts {
    const { settings } = parseSettings((name) => (name === "oauth.clientId" ? "client" : undefined));
    return {
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      redactor: this.redactor,
      environment: {},
      owner: { home: this.git.home, user: "ada" },
      paths: { state: this.stateFolder },
      trusted: () => true,
      folder: () => this.git.repo,
      settings: () => settings,
      settingProblems: () => [],
      network: () => ({ proxySetting: undefined, noProxySetting: undefined }),
      askSecret: (key) => this.secrets.get(key),
      lock: this.lock,
      configurations: this.configurations,
      consents: { isAllowed: () => Promise.resolve(false) },
      confinement: () => Promise.resolve(undefined),
      git: new GitClient(this.git.environment(), join(this.stateFolder, "git")),
      runtime: this.runtime,
      keeper: keeperProgram(),
      threadFile: this.#threadFile,
      state: () => initialState,
      sandboxRuns: () => false,
      connection: () => this.connection,
      withTool: (config) => config,
      ...this.change,
    };
  }

  async close(): Promise<void> {
    this.connection.dispose();
    await this.sandbox.close();
    await this.git.remove();
  }
}

async function bundleThread(outfile: string): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, "..", "..", "..", "src", "platform", "heartbeatThread.ts")],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    mainFields: ["module", "main"],
  });
}
