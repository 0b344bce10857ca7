import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import { systemClock as clock } from "../../../src/base/clock";
import { Emitter } from "../../../src/base/emitter";
import { silentLog as log } from "../../../src/base/log";
import { systemRandom as random } from "../../../src/base/random";
import { WakeSense } from "../../../src/base/wakeSense";
import { acpRuntime, runtimesByProvider } from "../../../src/composition/runtimes";
import { redactedHooks, redactedRuntime } from "../../../src/core/redacted/redactedRuntime";
import type { WorkerIdentity } from "../../../src/core/session";
import { Store } from "../../../src/core/store";
import { Worker } from "../../../src/core/worker";
import type { RuntimeChoice } from "../../../src/core/workflowConfig";
import { GitWorktrees } from "../../../src/git/gitWorktrees";
import { ArtifactShelf } from "../../../src/machine/artifacts/artifactShelf";
import { makeAttemptFolders } from "../../../src/machine/attemptFolders";
import { openJournal } from "../../../src/machine/journal/journal";
import { journalDisk } from "../../../src/machine/journal/realDisk";
import { machinePaths } from "../../../src/machine/paths";
import { HttpClient } from "../../../src/platform/http/httpClient";
import { RestPlatform } from "../../../src/platform/restPlatform";
import { CodexHooks } from "../../../src/runtime/codex/codexHooks";
import { CodexRuntime } from "../../../src/runtime/codex/codexRuntime";
import { Confinement } from "../../../src/runtime/confine/confinement";
import type { Sandbox } from "../../../src/sandbox/server";
import { defaultWorkflowConfig } from "../../../src/workflow/parseWorkflow";
import { buildPrompt } from "../../../src/workflow/prompt";
import { acpPrograms } from "../../fakes/acpPrograms";
import { pathWithBubblewrap } from "../../fakes/bubblewrap";
import { codexBinary } from "../../fakes/codexBinary";
import { FakeHeartbeat } from "../../fakes/fakeHeartbeat";
import { FakeSlots } from "../../fakes/fakeMachine";
import { exec, items, plan, say } from "../../fakes/fakeModel";
import { keeperProgram } from "../../fakes/keeperProgram";
import { startTestSandbox } from "../../fakes/sandbox";
import { queue, signIn } from "../../fakes/sandboxClient";
import { codexAcpProgram } from "../runtime/contract/codexBench";
import { CodexLab, git, until } from "../runtime/codexLab";

/** What the people of the demo ask for. */
const asked = [
  { title: "Greet by first name", prompt: "The greeting should use the first name only. Add a test for it." },
  { title: "Document the greeting", prompt: "Describe the greeting function in the README." },
  { title: "Fix the empty greeting", prompt: "An empty name prints “Hello, !”. Print “Hello!” instead." },
];
const script = "echo done > made.txt";
const agentInfo = { userId: "", workspaceId: "ws_sandbox", agentId: "agent_sandbox" };
const longMs = 300_000;

describe("the three sessions of the demo", function () {
  this.timeout(400_000);
  let lab: CodexLab;
  let sandbox: Sandbox;
  let life: AbortController;
  let ended: Promise<unknown>;
  let errors: string[];

  beforeEach(async () => {
    [life, ended, errors] = [new AbortController(), Promise.resolve(), []];
    const steps = asked.flatMap(() => [
      items(plan("", [["Write it", "in_progress"]]), exec(script)),
      items(say("It is made.")),
    ]);
    lab = await CodexLab.open(...steps);
    lab.model.aside("generate a very short title", items(say('{"title":"A title"}')));
    Object.assign(lab.environment, { CODEX_PATH: codexBinary(), NO_BROWSER: "1" });
    writeFileSync(join(lab.home, ".gitconfig"), "[user]\n\tname = Ada\n\temail = ada@example.com\n");
    sandbox = await startTestSandbox();
  });
  afterEach(async () => {
    life.abort(new Error("the test is over"));
    await ended;
    await sandbox.close();
    await lab.close();
  });

  const agentCommand = (): readonly string[] => {
    const scenario = join(lab.root, "scenario.json");
    const entries = [{ content: "Write it", priority: "medium", status: "in_progress" }];
    const prompts = [
      [
        { do: "update", update: { sessionUpdate: "plan", entries } },
        { do: "shell", script, toolCallId: "call-1" },
        { do: "say", text: "It is made." },
      ],
    ];
    writeFileSync(scenario, JSON.stringify({ log: "/dev/null", prompts }));
    return [process.execPath, acpPrograms().agent, scenario];
  };
  const tools: Readonly<Record<string, () => Pick<RuntimeChoice, "provider" | "command">>> = {
    codex: () => ({ provider: "codex", command: [codexBinary(), "app-server"] }),
    "the real codex-acp": () => ({ provider: "codex-acp", command: [process.execPath, codexAcpProgram] }),
    "a scripted agent": () => ({ provider: "acp", command: agentCommand() }),
  };

  /** The whole worker with all that is real around it, but for the editor. */
  async function start(tool: Pick<RuntimeChoice, "provider" | "command">, store: Store): Promise<Worker> {
    const { environment, redactor, home } = lab;
    const paths = machinePaths(home);
    const { accessToken } = await signIn(sandbox);
    const tokens = {
      onDidChangeToken: new Emitter<string>().event,
      get: () => Promise.resolve(accessToken),
      renew: () => Promise.reject(new Error("no renewal is due")),
    };
    const platform = new RestPlatform(
      new HttpClient({ origin: sandbox.baseUrl, tokens, clock, random, log }),
      log,
    );
    const usual = defaultWorkflowConfig(home);
    const names = ["CODEX_PATH", "NO_BROWSER"];
    const config = {
      ...usual,
      maxActiveExecutions: 1,
      pollIntervalMs: 1000,
      runtime: { ...usual.runtime, ...tool, environment: names },
    };
    const registration = {
      ...{ name: "VS Code worker", runtime: { provider: tool.provider, version: "0.0.0" } },
      ...{ policy: config.policy, worktreeMode: "task" as const, maxConcurrentSessions: 3 },
      ...{ instructions: undefined, groupId: undefined, idempotencyKey: random.uuid() },
    };
    const { workerId } = await platform.registerWorker(agentInfo, registration, neverAborted);
    const { userId } = await platform.getCurrentUser(neverAborted);
    const identity: WorkerIdentity = { ...agentInfo, workerId, userId };
    const options = {
      ...{ clock, random, log, redactor, environment, clientVersion: "0.0.0", keeper: keeperProgram() },
      ...{ scratchFolder: paths.tmp, privateFolders: paths.unreadable },
    };
    const { toolPipe } = acpPrograms();
    const confinement = new Confinement({
      ...options,
      environment: { ...environment, PATH: pathWithBubblewrap },
      ownPrograms: [toolPipe],
    });
    const runtimes = runtimesByProvider(
      { clock, log },
      new CodexRuntime(options),
      acpRuntime({ ...options, toolPipe, confinement }),
    );
    const disk = journalDisk(paths.state, { origin: sandbox.baseUrl, workerId }, clock);
    const worker = new Worker(
      {
        ...{ clock, random, log, store, platform, identity, folder: lab.project },
        ...{ sense: new WakeSense(clock), heartbeat: new FakeHeartbeat(), slots: new FakeSlots() },
        runtime: redactedRuntime(runtimes, redactor),
        hooks: redactedHooks(new CodexHooks(options), redactor),
        worktrees: new GitWorktrees({ stateFolder: paths.state, environment, clock, log }),
        journal: await openJournal(disk, { clock, log }),
        workerName: "VS Code worker",
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
      { provider: tool.provider, version: "0.0.0" },
    );
    ended = worker.run(undefined, life.signal).catch((error: unknown) => errors.push(String(error)));
    return worker;
  }

  for (const [name, tool] of Object.entries(tools)) {
    it(`complete with ${name}, each on a branch of its own`, async () => {
      const store = new Store((error) => errors.push(String(error)));
      const worker = await start(tool(), store);
      for (const one of asked) await queue(sandbox, one);
      worker.pollNow();
      const over = (): boolean => {
        const { sessions } = sandbox.state();
        return sessions.length === 3 && sessions.every((one) => ["complete", "error"].includes(one.status));
      };
      await until("three ends", over, longMs);
      const ends = sandbox.state().sessions.map((one) => one.status);
      assert.deepEqual(ends, ["complete", "complete", "complete"], JSON.stringify(errors));
      const views = (): number =>
        [...store.state.sessions.values()].filter((one) => one.branch !== undefined).length;
      await until("the worker knows", () => views() === 3);
      const branches = new Set([...store.state.sessions.values()].map((one) => one.branch ?? ""));
      assert.equal(branches.size, 3);
      for (const branch of branches) {
        assert.equal(git(lab.project, "show", `${branch}:made.txt`), "done\n");
      }
      assert.equal(git(lab.project, "status", "--porcelain"), "");
      assert.equal(existsSync(join(lab.project, "made.txt")), false);
      assert.equal(readFileSync(join(lab.project, "README.md"), "utf8"), "a project\n");
      assert.deepEqual(errors, []);
      life.abort(new Error("done"));
      await ended;
      assert.deepEqual(lab.survivors(), []);
    });
  }
});
