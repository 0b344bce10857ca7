import type { Memento, Uri } from "vscode";
import { LinkedAbort } from "../base/abort";
import type { Clock } from "../base/clock";
import { DisposableStore, onDispose, type Disposable } from "../base/disposable";
import { messageOf, type Log } from "../base/log";
import type { Random } from "../base/random";
import type { WorkerActions } from "../core/actions";
import type { Diagnostics } from "../core/diagnostics";
import type { TimelineSource } from "../core/ports/timeline";
import type { KnownTool } from "../core/providers";
import type { SessionView } from "../core/state";
import { timeSpent } from "../core/timeSpent";
import { artifactHandlers } from "./artifacts";
import { Attention } from "./attention";
import type { CleanUpSource } from "./cleanUp";
import { registerCommands, tellError } from "./commands";
import { ContextKeys } from "./contextKeys";
import { DiagnosticsView } from "./diagnosticsView";
import type { NotificationLevel } from "./notificationModel";
import { Notifications } from "./notifications";
import { SessionPanels } from "./panel/sessionPanels";
import { sessionHandlers } from "./sessionHandlers";
import { sessionsView } from "./sessionsView";
import type { ReviewSource } from "./reviewSource";
import { ChangesView } from "./showChanges";
import type { StateSource } from "./stateSource";
import { StatusBar } from "./statusBar";
import { tickLoop } from "./throttle";
import { workerHandlers } from "./workerHandlers";
import { WorkflowAssistance } from "./workflowAssistance";
import { WorkflowDiagnostics } from "./workflowDiagnostics";
import type { WorkflowLanguage } from "./workflowLanguage";

export interface UiDeps {
  readonly source: StateSource;
  readonly actions: WorkerActions;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The extension's own folder. */
  readonly extensionUri: Uri;
  readonly showLog: () => void;
  readonly diagnostics: Diagnostics;
  /** Opens an http(s) address in the browser; false when the person turned away. */
  readonly openExternal: (url: string) => Promise<boolean>;
  readonly changes: ReviewSource;
  /** What the views remember of this folder. */
  readonly memento: Memento;
  readonly timeline: TimelineSource;
  readonly cleanUp: CleanUpSource;
  /** Where the copy of an artifact lies on this machine; undefined when it is gone. */
  readonly artifactPath: (artifactId: string) => Promise<string | undefined>;
  /** The argv that opens a session's recorded thread; its program is an absolute path. Empty when there is none. */
  readonly threadCommand: (session: SessionView) => readonly string[] | Promise<readonly string[]>;
  /** Address of the platform this worker is connected to. */
  readonly platformUrl: () => string;
  /** Absolute path of the workflow file; undefined without an open folder. */
  readonly workflowPath: () => string | undefined;
  /** Which known coding tools are on this machine. Starts none. */
  readonly tools: () => Promise<readonly KnownTool[]>;
  readonly workflow: WorkflowLanguage;
  /** Read on every change of the state and once a second. */
  readonly sandboxRunning: () => boolean;
  readonly notificationLevel: () => NotificationLevel;
  /** True only where the person has switched reduced motion off. */
  readonly motionAllowed: () => boolean;
}

const tickMs = 1_000;

/** Builds and registers everything a person sees. Disposing removes it. */
export function registerUi(deps: UiDeps): Disposable {
  const { source, clock, log } = deps;
  const store = new DisposableStore();
  const { tree, handlers } = sessionsView(
    { ...deps, openFile: (session, path) => changes.showFile(session, path) },
    store,
  );
  const statusBar = store.add(new StatusBar(deps));
  const keys = store.add(new ContextKeys(source, clock, log, deps.sandboxRunning));
  const attention = store.add(new Attention(tree, clock));
  const notifications = store.add(new Notifications({ ...deps, onTold: (notes) => attention.told(notes) }));
  const changes = store.add(new ChangesView(deps.changes, source, clock));
  const panels = store.add(
    new SessionPanels({
      ...deps,
      timeSpent,
      openFile: (session, path) => changes.showFile(session, path),
      onSeen: (sessionId) => tree.see([sessionId]),
      tellError: (what, error) => tellError(what, error, log, deps.showLog),
    }),
  );
  const report = store.add(new DiagnosticsView(deps.diagnostics));
  store.add(new WorkflowDiagnostics(deps.workflow, clock, log));
  store.add(new WorkflowAssistance(deps.workflow));
  const table = {
    ...workerHandlers({
      ...deps,
      report,
      signOut: () => notifications.whileSigningOut(() => deps.actions.signOut()),
    }),
    ...artifactHandlers(deps),
    ...handlers,
    ...sessionHandlers({
      ...deps,
      show: async (session) => {
        panels.show(session);
        await tree.select(session.sessionId);
      },
      showChanges: (session, other) => changes.show(session, other),
      showFile: (session, path) => changes.showFile(session, path),
      review: deps.changes,
      selected: () => tree.selected(),
    }),
  };
  store.add(registerCommands(table, log, deps.showLog));
  startTicking([tree, statusBar, keys, panels], clock, log, store);
  return store;
}

function startTicking(
  parts: readonly { tick(): void }[],
  clock: Clock,
  log: Log,
  store: DisposableStore,
): void {
  const ticking = new LinkedAbort();
  store.add(onDispose(() => ticking.abort(new Error("the views are closed"))));
  const tick = (): void => parts.forEach((part) => part.tick());
  tickLoop(tick, tickMs, clock, ticking.signal).catch((error: unknown) => {
    log.error("the views stopped following the clock", { error: messageOf(error) });
  });
}
