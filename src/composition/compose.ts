import { neverAborted } from "../base/abort";
import type { Clock } from "../base/clock";
import { withDeadline } from "../base/deadline";
import { DisposableStore, type Disposable } from "../base/disposable";
import { say } from "../base/words";
import { UserError } from "../core/actions";
import { Controller } from "../core/controller";
import type { Diagnostics } from "../core/diagnostics";
import type { HookRunner } from "../core/ports/hooks";
import type { TimelineSource } from "../core/ports/timeline";
import type { WindowService } from "../core/ports/windowLink";
import type { Store } from "../core/store";
import { redactedHooks, redactedRuntime } from "../core/redacted/redactedRuntime";
import { TimelineRecorder } from "../core/timelineRecorder";
import { runWorkerSession } from "../core/workerSession";
import { GitWorktrees } from "../git/gitWorktrees";
import { ArtifactShelf } from "../machine/artifacts/artifactShelf";
import { Timelines } from "../machine/timeline/timelines";
import { timelineDisk } from "../machine/timeline/realDisk";
import { extraCertificates } from "../platform/heartbeat/extraCertificates";
import { networkFacts } from "../platform/heartbeat/network";
import { ConfinedHooks } from "../runtime/confine/confinedHooks";
import { Confinement } from "../runtime/confine/confinement";
import { CodexHooks } from "../runtime/codex/codexHooks";
import { CodexRuntime } from "../runtime/codex/codexRuntime";
import { openAccounts, type Accounts } from "./accounts";
import type { openDiagnostics } from "./diagnostics/openDiagnostics";
import type { Host } from "./host";
import { openMachineServices } from "./machineServices";
import { withdrawWhenOver } from "./openQuestion";
import { ownerOf, type Owner } from "./owner";
import { acpRuntime, runtimesByProvider } from "./runtimes";
import { SandboxSession } from "./sandboxSession";
import { WorkerFactory } from "./workerFactory";

/** The worker with all its adapters, not yet started. */
export interface Composition extends Disposable {
  readonly controller: Controller;
  readonly accounts: Accounts;
  readonly owner: Owner;
  readonly sandbox: SandboxSession;
  readonly worktrees: GitWorktrees;
  readonly hooks: HookRunner;
  readonly artifacts: ArtifactShelf;
  readonly timeline: TimelineSource;
  /** Resolves when the disk has what was recorded, has refused it, or hangs. Never rejects. */
  readonly flushTimeline: () => Promise<void>;
  readonly factory: WorkerFactory;
  readonly diagnostics: Diagnostics;
}

function damagedNotes(keptFiles: readonly string[]): UserError {
  return new UserError(
    say(
      "The worker's notes about its sessions were damaged. What could be read is used, the platform and your repository are asked for the rest, and the damaged notes are kept in {0}. Check the sessions that were running, and add that file when you report this.",
      keptFiles.join(", "),
    ),
  );
}

/** The checks are loaded when somebody first runs them. */
function diagnosticsLater(...given: Parameters<typeof openDiagnostics>): Diagnostics {
  return {
    run: async (onRow, signal) => {
      const { openDiagnostics: open } = await import("./diagnostics/openDiagnostics");
      return await open(...given).run(onRow, signal);
    },
  };
}

/** A disk that hangs must not keep the host from ending in good order. */
const flushMs = 1000;

async function flushed(clock: Clock, recorder: TimelineRecorder, timeline: Timelines): Promise<void> {
  const late = new Error("the disk did not take the timelines in time");
  const flush = async (): Promise<void> => {
    await recorder.settled();
    await timeline.flush();
  };
  await withDeadline(clock, flushMs, late, neverAborted, flush).catch(() => undefined);
}

/**
 * Builds everything behind the views. Touches the disk and no network.
 * @param runCommand carries out what a person asked for in another window while this one runs the worker.
 */
export async function compose(
  host: Host,
  store: Store,
  runCommand: WindowService["run"],
): Promise<Composition> {
  const { clock, random, log, redactor, environment, version, life } = host;
  const owned = new DisposableStore();
  const machine = await openMachineServices(clock, log);
  const { state, tmp: scratchFolder, unreadable: privateFolders } = machine.paths;
  const keeper = { execPath: process.execPath, bundlePath: host.bundle("processKeeper.js") };
  const folders = { scratchFolder, privateFolders };
  const tool = { clock, random, log, redactor, environment, clientVersion: version, keeper, ...folders };
  const toolPipe = host.bundle("toolPipe.js");
  const confinement = new Confinement({ ...tool, ownPrograms: [toolPipe] });
  const held = (): Promise<string | undefined> => confinement.kind(life);
  const acp = acpRuntime({ ...tool, toolPipe, confinement });
  const runtime = redactedRuntime(runtimesByProvider({ clock, log }, new CodexRuntime(tool), acp), redactor);
  const hooks = redactedHooks(new ConfinedHooks(new CodexHooks(tool), { ...tool, confinement }), redactor);
  const worktrees = new GitWorktrees({ stateFolder: state, environment, clock, log });
  const sandbox = owned.add(
    new SandboxSession({
      runtime,
      log,
      environment,
      bundlePath: host.bundle("sandbox.js"),
      dataFolder: state,
      externalAddress: (address) => host.browser.externalAddress(address),
      callback: `${host.uriScheme}://${host.extensionId}/oauth/callback`,
    }),
  );
  const accounts = owned.add(openAccounts(host, machine, sandbox));
  const owner = ownerOf(host, machine, { runtime, sandbox, confinement: held }, () => {
    controller.pollNow();
    controller.refresh().catch((error: unknown) => host.tellError("worker", error));
  });
  const artifacts = new ArtifactShelf({
    clock,
    random,
    log,
    folder: machine.paths.artifacts,
    redact: (text) => redactor.redact(text),
  });
  owned.add(withdrawWhenOver(store, () => owner.withdrawQuestion()));
  const disk = timelineDisk(machine.paths.timelines, clock);
  const timeline = owned.add(new Timelines({ clock, log, disk }));
  const recorder = owned.add(new TimelineRecorder({ clock, random, log, redactor, store, book: timeline }));
  const factory = new WorkerFactory({
    clock,
    random,
    log,
    redactor,
    store,
    machine,
    runtime,
    worktrees,
    hooks,
    artifacts,
    version,
    life,
    threadFile: host.bundle("heartbeatThread.js"),
    settings: () => owner.settings(),
    workflow: (origin) => owner.workflowFor(origin),
    network: async () =>
      networkFacts({ ...host.network(), environment, ca: await extraCertificates(environment, log) }),
    onDamaged: ({ keptFiles }) => host.tellError("journal", damagedNotes(keptFiles)),
  });
  const { configurations, workerLock: lock } = machine;
  const controller: Controller = new Controller({
    clock,
    log,
    store,
    configurations,
    surroundings: () => ({ trusted: host.trusted(), folder: host.folder() }),
    connection: () => accounts.connection(),
    autoStart: () => host.settings().worker.autoStart,
    checkFolder: (path, signal) => worktrees.check(path, signal),
    configure: {
      random,
      registration: (key, signal) => owner.registration(accounts.current().origin, key, signal),
      questions: host.questions,
    },
    records: (configuration) => factory.records(configuration),
    runSession: (_connection, configuration, onWorker, signal, onOwner) => {
      const { origin, clientId } = configuration;
      const connection = accounts.connectionOf({ origin, clientId });
      const makeWorker = factory.make.bind(factory, connection);
      const registration = owner.registration.bind(owner, origin);
      const deps = {
        clock,
        random,
        log,
        store,
        connection,
        onWorker,
        registration,
        lock,
        configurations,
        makeWorker,
        windows: { link: machine.windows, run: runCommand, onOwner },
      };
      return runWorkerSession(deps, configuration, signal);
    },
  });
  return {
    controller,
    accounts,
    owner,
    sandbox,
    worktrees,
    hooks,
    artifacts,
    timeline,
    flushTimeline: () => flushed(clock, recorder, timeline),
    factory,
    diagnostics: diagnosticsLater(host, machine, {
      ...{ store, runtime, accounts, sandbox, keeper },
      confinement: held,
    }),
    dispose: () => owned.dispose(),
  };
}
