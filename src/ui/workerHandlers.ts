import type { Clock } from "../base/clock";
import type { Log } from "../base/log";
import type { WorkerActions } from "../core/actions";
import type { KnownTool } from "../core/providers";
import { chooseTool, offerTools } from "./chooseTool";
import { cleanUpWorktrees, type CleanUpSource } from "./cleanUp";
import type {
  ArtifactCommandId,
  FileCommandId,
  InternalCommandId,
  RowCommandId,
  WorkerCommandId,
} from "./commandIds";
import type { DiagnosticsView } from "./diagnosticsView";
import type { Handler } from "./sessionHandlers";
import { askEndRunning } from "./questions";
import { liveCount } from "./slots";
import type { StateSource } from "./stateSource";
import { createWorkflow, openWorkflow } from "./workflowFile";
import { leaveStatusBar, showWorkerMenu } from "./workerMenu";

export interface WorkerHandlerDeps {
  readonly source: StateSource;
  readonly actions: Pick<
    WorkerActions,
    | "signIn"
    | "configure"
    | "start"
    | "stop"
    | "pause"
    | "resume"
    | "restart"
    | "startSandbox"
    | "stopSandbox"
  >;
  readonly signOut: () => Promise<void>;
  readonly report: Pick<DiagnosticsView, "check" | "copy">;
  readonly clock: Clock;
  readonly showLog: () => void;
  readonly openExternal: (url: string) => Promise<boolean>;
  /** Address of the platform this worker is connected to. */
  readonly platformUrl: () => string;
  /** Absolute path of the workflow file; undefined without an open folder. */
  readonly workflowPath: () => string | undefined;
  /** Which known coding tools are on this machine. Starts none. */
  readonly tools: () => Promise<readonly KnownTool[]>;
  readonly sandboxRunning: () => boolean;
  readonly cleanUp: CleanUpSource;
  readonly log: Log;
}

/** The commands about the worker as a whole. */
export function workerHandlers(
  deps: WorkerHandlerDeps,
): Readonly<
  Record<
    WorkerCommandId | Exclude<InternalCommandId, ArtifactCommandId | FileCommandId | RowCommandId>,
    Handler
  >
> {
  const { actions } = deps;
  return {
    "oneHorizon.auth.signIn": () => actions.signIn(),
    "oneHorizon.auth.signOut": async () => {
      if (await mayEnd("signOut", deps.source)) await deps.signOut();
    },
    "oneHorizon.worker.configure": async () => {
      await actions.configure();
      await offerTools(deps);
    },
    "oneHorizon.worker.start": () => actions.start(),
    "oneHorizon.worker.stop": () => actions.stop(),
    "oneHorizon.worker.pause": () => actions.pause(),
    "oneHorizon.worker.resume": () => actions.resume(),
    "oneHorizon.worker.restart": () => actions.restart(),
    "oneHorizon.worker.menu": async (opener) => {
      await leaveStatusBar(opener);
      await showWorkerMenu(deps);
    },
    "oneHorizon.workflow.create": () => createWorkflow(deps.workflowPath()),
    "oneHorizon.workflow.chooseTool": () => chooseTool(deps),
    "oneHorizon.workflow.open": () => openWorkflow(deps.workflowPath()),
    "oneHorizon.worktrees.cleanUp": () => cleanUpWorktrees(deps.cleanUp, deps.clock, deps.log),
    "oneHorizon.diagnostics.check": () => deps.report.check(),
    "oneHorizon.diagnostics.copy": () => deps.report.copy(),
    "oneHorizon.sandbox.start": () => actions.startSandbox(),
    "oneHorizon.sandbox.stop": async () => {
      if (await mayEnd("stopSandbox", deps.source)) await actions.stopSandbox();
    },
    "oneHorizon.internal.openPlatform": async () => {
      await deps.openExternal(deps.platformUrl());
    },
    "oneHorizon.internal.showLog": () => {
      deps.showLog();
      return Promise.resolve();
    },
  };
}

/** Asks once before it ends what runs, whichever window of this folder runs it. */
async function mayEnd(what: "signOut" | "stopSandbox", { state }: StateSource): Promise<boolean> {
  const running = liveCount(state);
  return running === 0 || (await askEndRunning(what, running));
}
