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
import { BehindLater } from "./composition/behindLater";
import type { Host } from "./composition/host";
import { joinedLog } from "./composition/joinedLog";
import type { Window } from "./composition/worker";
import { workflowEditing } from "./composition/workflowEditing";
import { workflowPath } from "./composition/workflowPath";
import type { Questions } from "./core/ports/connection";
import { Store } from "./core/store";
import { asExternalUrl, openExternal } from "./host/external";
import { watchFile } from "./host/fileWatch";
import { createLogChannel, type LogChannel } from "./host/logChannel";
import { secretTokens } from "./host/secretTokens";
import { watchSettings, type SettingsSource } from "./host/settings";
import { registerUriCallback } from "./host/uriCallback";
import { watchWorkspace, type WorkspaceSource } from "./host/workspace";
import { createDailyLog, type DailyLog } from "./machine/dailyLog";
import { machinePaths } from "./machine/paths";
import { tellError } from "./ui/commands";
import { askConsent } from "./ui/consent";
import { hideInMessages } from "./ui/messages";
import * as questions from "./ui/questions";
import { registerUi } from "./ui/registerUi";
import { tellSandboxRuns } from "./ui/sandboxMessage";
import { openWorkflow } from "./ui/workflowFile";
import type { WorkflowLanguage } from "./ui/workflowLanguage";

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

/** Registers everything; the worker is loaded and brought up in the background, once the editor was answered. */
export function activate(context: vscode.ExtensionContext): TestHandle | undefined {
  const owned = new DisposableStore();
  context.subscriptions.push(owned);
  owned.add(onDispose(translateBy(vscode.l10n.t, vscode.l10n.bundle)));
  const life = new LinkedAbort();
  setMaxListeners(0, life.signal);
  owned.add(onDispose(() => life.abort(new Error("the extension host ends"))));
  const editor = openEditor(context, owned, life.signal);
  const { host, store, file } = editor;
  const behind = register(context, owned, editor);
  end = async () => {
    await behind.shutDown();
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

/** Registers everything that a person or the editor can touch at once, and lets what stands behind it come after. */
function register(context: vscode.ExtensionContext, owned: DisposableStore, editor: Editor): BehindLater {
  const { host, channel, store, settings, workspace } = editor;
  const { log, random, settings: current } = host;
  const workflow = owned.add(workflowEditing(host, homedir()));
  const behind = owned.add(
    new BehindLater({
      clock,
      load: async () => {
        const { openWorker } = await import("./composition/worker");
        return await openWorker(host, store, windowOf(context, editor, workflow.language, platformUrl));
      },
      onError: (error) => {
        // Nothing can run without the machine's part, for example where its state folder cannot be written.
        host.tellError("activation", error);
        const message = vscode.l10n.t(
          "The worker could not be loaded: {0}. Nothing was deleted. Reload the window when this is mended.",
          messageOf(error),
        );
        store.dispatch({ kind: "phaseChanged", phase: { kind: "rejected", message } });
      },
    }),
  );
  const platformUrl = (): string => behind.now?.dashboardUrl() ?? current().platform.baseUrl;
  const { actions, diagnostics, changes, cleanUp, timeline } = behind;
  owned.add(
    registerUi({
      ...{ actions, diagnostics, changes, cleanUp, timeline, clock, random, log, openExternal, platformUrl },
      extensionUri: context.extensionUri,
      source: store,
      showLog: () => channel.show(),
      memento: context.workspaceState,
      artifactPath: async (artifactId) => await (await behind.loaded).artifactPath(artifactId),
      threadCommand: async (session) => await (await behind.loaded).threadCommand(session),
      tools: async () => await (await behind.loaded).tools(),
      workflowPath: () => workflowPath(host),
      workflow: workflow.language,
      sandboxRunning: () => behind.now?.sandboxRuns() === true,
      notificationLevel: () => current().notifications.level,
      motionAllowed: () => settings.motionAllowed,
    }),
  );
  owned.add(workspace.onDidChange(() => workflow.renew()));
  owned.add(settings.onDidChange(() => workflow.renew()));
  const callbacks = owned.add(registerUriCallback(log));
  owned.add(
    callbacks.onDidReceive((query) => {
      behind.loaded
        .then((parts) => parts.receive(query))
        .catch((error: unknown) => host.tellError("sign-in", error));
    }),
  );
  return behind;
}

/** This window, as the worker knows it. */
function windowOf(
  context: vscode.ExtensionContext,
  { host, settings, workspace }: Editor,
  { onDidChange }: Pick<WorkflowLanguage, "onDidChange">,
  platformUrl: () => string,
): Window {
  return {
    events: {
      onDidChangeWorkspace: workspace.onDidChange,
      onDidChangeSettings: settings.onDidChange,
      onDidSave: workspace.onDidSave,
      onDidChangeWorkflow: onDidChange,
    },
    askClientId: questions.askClientId,
    saveClientId: (clientId) => settings.saveClientId(clientId),
    askReleaseRunning: questions.askReleaseRunning,
    tellSandboxRuns: (scripted) => tellSandboxRuns(scripted, () => openExternal(platformUrl()), host.log),
    sandboxRan: () => context.workspaceState.get<unknown>(sandboxKey) === true,
    rememberSandbox: async (running) => {
      await context.workspaceState.update(sandboxKey, running);
    },
  };
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
