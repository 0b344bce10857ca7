import { setMaxListeners } from "node:events";
import { homedir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import * as z from "zod/mini";
import { LinkedAbort } from "./base/abort";
import { systemClock as clock } from "./base/clock";
import { DisposableStore, onDispose } from "./base/disposable";
import { messageOf } from "./base/log";
import { systemRandom as random } from "./base/random";
import { Redactor } from "./base/redaction/redactor";
import { translateBy } from "./base/words";
import { installedTools } from "./composition/diagnostics/installedTools";
import { workerActions } from "./composition/actions";
import { SessionReview } from "./composition/changes";
import { worktreeCleanUp } from "./composition/cleanUp";
import { compose, type Composition } from "./composition/compose";
import { followEvents } from "./composition/events";
import type { Host } from "./composition/host";
import { joinedLog } from "./composition/joinedLog";
import { threadCommand } from "./composition/threadCommand";
import { workflowEditing } from "./composition/workflowEditing";
import type { WorkerActions } from "./core/actions";
import type { AttemptRecord } from "./core/ports/journal";
import { executingHere } from "./core/mirror";
import type { Questions } from "./core/ports/connection";
import { displayName } from "./core/registration";
import { Store } from "./core/store";
import { forwarded, runWindowCommand } from "./core/windowCommands";
import { asExternalUrl, openExternal } from "./host/external";
import { watchFile } from "./host/fileWatch";
import { createLogChannel, type LogChannel } from "./host/logChannel";
import { secretTokens } from "./host/secretTokens";
import { watchSettings, type SettingsSource } from "./host/settings";
import { registerUriCallback } from "./host/uriCallback";
import { watchWorkspace, type WorkspaceSource } from "./host/workspace";
import { createDailyLog, type DailyLog } from "./machine/dailyLog";
import { readAllJournals } from "./machine/journal/allJournals";
import { machinePaths } from "./machine/paths";
import { tellError } from "./ui/commands";
import { askConsent } from "./ui/consent";
import { hideInMessages } from "./ui/messages";
import * as questions from "./ui/questions";
import { registerUi } from "./ui/registerUi";
import { tellSandboxRuns } from "./ui/sandboxMessage";
import { openWorkflow } from "./ui/workflowFile";

/** What a test in the extension host may look at. */
interface TestHandle {
  readonly store: Store;
}

/** The editor's side, opened before anything else. */
interface Editor {
  readonly host: Host;
  readonly channel: LogChannel;
  readonly file: DailyLog;
  readonly workspace: WorkspaceSource;
  readonly settings: SettingsSource;
  readonly store: Store;
}

/** Whether the sandbox is to run again after a reload of this window. */
const sandboxKey = "oneHorizon.sandbox.running";

const manifest = z.object({ version: z.string() });

let end: (() => Promise<void>) | undefined;

/** Builds and registers everything, then brings the worker up in the background. */
export async function activate(context: vscode.ExtensionContext): Promise<TestHandle | undefined> {
  const owned = new DisposableStore();
  context.subscriptions.push(owned);
  owned.add(onDispose(translateBy(vscode.l10n.t)));
  const life = new LinkedAbort();
  setMaxListeners(0, life.signal);
  owned.add(onDispose(() => life.abort(new Error("the extension host ends"))));
  const editor = openEditor(context, owned, life.signal);
  const { host, store, file } = editor;
  const stop = await start(context, owned, editor).catch((error: unknown) => {
    // Nothing can run without the machine's part, for example where its state folder cannot be written.
    host.tellError("activation", error);
    throw error;
  });
  end = async () => {
    await stop();
    life.abort(new Error("the extension host ends"));
    await file.flush();
  };
  host.log.info("activated", { version: host.version });
  return context.extensionMode === vscode.ExtensionMode.Test ? { store } : undefined;
}

/** Has five seconds at most, and may never run: everything that matters is on disk before. */
export async function deactivate(): Promise<void> {
  await end?.();
  end = undefined;
}

function openEditor(context: vscode.ExtensionContext, owned: DisposableStore, life: AbortSignal): Editor {
  const channel = owned.add(createLogChannel());
  const file = createDailyLog(machinePaths(homedir()).logs, clock);
  const redactor = new Redactor();
  const log = joinedLog(redactor, channel, file);
  owned.add(hideInMessages((text) => redactor.redact(text)));
  const workspace = owned.add(watchWorkspace());
  const settings = owned.add(watchSettings(workspace.current.folders[0]?.uri, log));
  const store = owned.add(
    new Store((error) => log.error("a listener of the state failed", { message: messageOf(error) })),
  );
  const folder = (): string | undefined => workspace.current.folders[0]?.path;
  const host: Host = {
    clock,
    random,
    log,
    redactor,
    life,
    folder,
    secrets: secretTokens(context, clock),
    version: z.parse(manifest, context.extension.packageJSON).version,
    extensionId: context.extension.id,
    uriScheme: vscode.env.uriScheme,
    environment: process.env,
    bundle: (name) => context.asAbsolutePath(join("dist", name)),
    trusted: () => workspace.current.trusted,
    watchFile,
    settings: () => settings.current,
    settingProblems: () => settings.problems,
    editorFacts,
    network: () => settings.network,
    browser: {
      open: openExternal,
      externalAddress: (address) => asExternalUrl(address, clock),
      askForAddress: questions.askPastedCallback,
    },
    signInProgress: questions.whileSigningIn,
    questions: choices,
    askConsent: (request, path, signal) => askConsent(request.items, () => openWorkflow(path), signal),
    tellError: (what, error) => tellError(what, error, log, () => channel.show()),
  };
  return { host, channel, file, workspace, settings, store };
}

function editorFacts(): readonly { readonly name: string; readonly value: string }[] {
  const { appName, remoteName, uiKind, language } = vscode.env;
  const kind = uiKind === vscode.UIKind.Web ? "browser" : "desktop";
  return [
    { name: "Editor", value: `${appName} ${vscode.version} (${kind}, ${language})` },
    { name: "Remote", value: remoteName ?? "none" },
  ];
}

/** Builds and registers what stands behind the views; the result ends the worker. */
async function start(
  context: vscode.ExtensionContext,
  owned: DisposableStore,
  editor: Editor,
): Promise<() => Promise<void>> {
  const { host, channel, store, settings, workspace } = editor;
  const { log, life } = host;
  const parts: Composition = owned.add(
    await compose(host, store, (command) =>
      runWindowCommand(here, () => parts.controller.beginStop(), command),
    ),
  );
  const { controller, accounts, owner, sandbox, worktrees, artifacts, factory } = parts;
  const platformUrl = (): string => sandbox.dashboardUrl ?? settings.current.platform.baseUrl;
  const here: WorkerActions = workerActions({
    controller,
    store,
    log,
    worktrees,
    sandbox,
    life,
    archive: (sessionId) => factory.archive(sessionId),
    notePublishing: (sessionId, step) => factory.notePublishing(sessionId, step),
    workflow: () => owner.workflow(),
    askAgain: () => owner.askAgain(),
    ensureClientId: async () => {
      if (accounts.current().clientId !== "") return true;
      const clientId = await questions.askClientId();
      if (clientId === undefined || clientId === "") return false;
      await settings.saveClientId(clientId);
      return true;
    },
    confirmRelease: async () => {
      const running = executingHere(store.state);
      return running === 0 || (await questions.askReleaseRunning(running));
    },
    onSandboxStarted: (scripted) => tellSandboxRuns(scripted, () => openExternal(platformUrl()), log),
    rememberSandbox: async (running) => {
      await context.workspaceState.update(sandboxKey, running);
    },
  });
  const workflow = owned.add(workflowEditing(host, owner, homedir()));
  const actions = forwarded(
    here,
    () => controller.owner,
    () => store.state.phase,
  );
  const records = (): Promise<readonly AttemptRecord[]> =>
    readAllJournals(machinePaths(homedir()).state, { clock, log });
  owned.add(
    registerUi({
      actions,
      clock,
      random,
      log,
      extensionUri: context.extensionUri,
      openExternal,
      platformUrl,
      source: store,
      showLog: () => channel.show(),
      diagnostics: parts.diagnostics,
      changes: new SessionReview({
        ...{ review: worktrees.review, store, life },
        folder: host.folder,
        requireTrust: () => controller.requireTrust(),
        workflow: () => owner.workflow(),
        baseBranchOf: async (sessionId) =>
          (await records()).find((one) => one.sessionId === sessionId)?.baseBranch,
      }),
      memento: context.workspaceState,
      timeline: parts.timeline,
      artifactPath: (artifactId) => artifacts.pathOf(artifactId),
      cleanUp: worktreeCleanUp({
        ...{ worktrees, store, random, log, hooks: parts.hooks },
        workflow: () => owner.workflow(),
        workerName: () => displayName(owner.settings()),
        life,
        folder: host.folder,
        requireTrust: () => controller.requireTrust(),
        records,
      }),
      threadCommand: (session) => threadCommand(session, process.env),
      workflowPath: () => owner.workflowPath(),
      tools: () => installedTools(process.env),
      workflow: workflow.language,
      sandboxRunning: () => sandbox.account !== undefined,
      notificationLevel: () => settings.current.notifications.level,
      motionAllowed: () => settings.motionAllowed,
    }),
  );
  owned.add(workspace.onDidChange(() => workflow.renew()));
  owned.add(settings.onDidChange(() => workflow.renew()));
  const callbacks = owned.add(registerUriCallback(log));
  owned.add(
    followEvents(host, parts, {
      onDidChangeWorkspace: workspace.onDidChange,
      onDidChangeSettings: settings.onDidChange,
      onDidSave: workspace.onDidSave,
      onDidChangeWorkflow: workflow.language.onDidChange,
      onDidReceiveCallback: callbacks.onDidReceive,
    }),
  );
  const again = context.workspaceState.get<unknown>(sandboxKey) === true && host.trusted();
  bringUp(host, again ? () => sandbox.start(life) : undefined, () => controller.refresh());
  return async () => {
    await controller.shutDown();
    await parts.flushTimeline();
    await sandbox.detach()?.end();
  };
}

/** The sandbox that ran before a reload comes first, so that its worker is the one that goes on. */
function bringUp(
  host: Host,
  startSandbox: (() => Promise<unknown>) | undefined,
  refresh: () => Promise<void>,
): void {
  Promise.resolve(startSandbox?.())
    .catch((error: unknown) => host.tellError("sandbox", error))
    .then(refresh)
    .catch((error: unknown) =>
      host.log.error("the worker could not be brought up", { message: messageOf(error) }),
    );
}

const choices: Questions = {
  pickWorkspace: async (workspaces) => {
    const id = await questions.askWorkspace(
      workspaces.map((one) => ({ id: one.workspaceId, name: one.name })),
    );
    return workspaces.find((one) => one.workspaceId === id);
  },
  pickAgent: async (agents) => {
    const id = await questions.askAgent(agents.map((one) => ({ id: one.agentId, name: one.name })));
    return agents.find((one) => one.agentId === id);
  },
};
