import { homedir } from "node:os";
import { messageOf } from "../base/log";
import type { WorkerActions } from "../core/actions";
import { executingHere } from "../core/mirror";
import type { AttemptRecord } from "../core/ports/journal";
import { displayName } from "../core/registration";
import type { Store } from "../core/store";
import { forwarded, runWindowCommand } from "../core/windowCommands";
import { readAllJournals } from "../machine/journal/allJournals";
import { machinePaths } from "../machine/paths";
import { workerActions } from "./actions";
import type { Behind } from "./behind";
import { SessionReview } from "./changes";
import { worktreeCleanUp } from "./cleanUp";
import { compose, type Composition } from "./compose";
import { installedTools } from "./diagnostics/installedTools";
import { followEvents, type OutsideEvents } from "./events";
import type { Host } from "./host";
import { threadCommand } from "./threadCommand";

/** What the worker asks of the person and of this window. */
export interface Window {
  readonly events: OutsideEvents;
  /** Undefined when the person turned away. */
  readonly askClientId: () => Promise<string | undefined>;
  readonly saveClientId: (clientId: string) => Promise<void>;
  /** @param running how many sessions another configuration would end. */
  readonly askReleaseRunning: (running: number) => Promise<boolean>;
  readonly tellSandboxRuns: (scripted: boolean) => void;
  /** Whether the sandbox is to run again after a reload of this window. */
  readonly sandboxRan: () => boolean;
  readonly rememberSandbox: (running: boolean) => Promise<void>;
}

/** Builds what stands behind the views, all of it. Touches the disk and no network before it is brought up. */
export async function openWorker(host: Host, store: Store, window: Window): Promise<Behind> {
  const parts: Composition = await compose(host, store, (command) =>
    runWindowCommand(here, () => parts.controller.beginStop(), command),
  );
  const { controller, sandbox, worktrees, owner, diagnostics, timeline, artifacts } = parts;
  const here = actionsHere(host, store, window, parts);
  const records = (): Promise<readonly AttemptRecord[]> =>
    readAllJournals(machinePaths(homedir()).state, host);
  const { folder, life, random, log } = host;
  const common = {
    ...{ store, life, folder },
    requireTrust: () => controller.requireTrust(),
    workflow: () => owner.workflow(),
  };
  const events = followEvents(host, parts, window.events);
  return {
    actions: forwarded(
      here,
      () => controller.owner,
      () => store.state.phase,
    ),
    diagnostics,
    timeline,
    changes: new SessionReview({
      ...common,
      review: worktrees.review,
      baseBranchOf: async (sessionId) =>
        (await records()).find((one) => one.sessionId === sessionId)?.baseBranch,
    }),
    cleanUp: worktreeCleanUp({
      ...{ ...common, worktrees, random, log, records, hooks: parts.hooks },
      workerName: () => displayName(owner.settings()),
    }),
    artifactPath: (artifactId) => artifacts.pathOf(artifactId),
    threadCommand: (session) => threadCommand(session, host.environment),
    tools: () => installedTools(host.environment),
    sandboxRuns: () => sandbox.account !== undefined,
    dashboardUrl: () => sandbox.dashboardUrl,
    receive: async (query) => {
      await parts.accounts.handleUri(query);
    },
    bringUp: () => bringUp(host, parts, window.sandboxRan() && host.trusted()),
    shutDown: async () => {
      await controller.shutDown();
      await parts.flushTimeline();
      await sandbox.detach()?.end();
    },
    dispose: () => {
      events.dispose();
      parts.dispose();
    },
  };
}

/** What a person asked for in this window, carried out here. */
function actionsHere(host: Host, store: Store, window: Window, parts: Composition): WorkerActions {
  const { controller, accounts, owner, sandbox, worktrees, factory } = parts;
  const { log, life } = host;
  return workerActions({
    ...{ controller, store, log, worktrees, sandbox, life },
    archive: (sessionId) => factory.archive(sessionId),
    notePublishing: (sessionId, step) => factory.notePublishing(sessionId, step),
    workflow: () => owner.workflow(),
    askAgain: () => owner.askAgain(),
    ensureClientId: async () => {
      if (accounts.current().clientId !== "") return true;
      const clientId = await window.askClientId();
      if (clientId === undefined || clientId === "") return false;
      await window.saveClientId(clientId);
      return true;
    },
    confirmRelease: async () => {
      const running = executingHere(store.state);
      return running === 0 || (await window.askReleaseRunning(running));
    },
    onSandboxStarted: window.tellSandboxRuns,
    rememberSandbox: window.rememberSandbox,
  });
}

/** The sandbox that ran before a reload comes first, so that its worker is the one that goes on. */
function bringUp(host: Host, { sandbox, controller }: Composition, startSandbox: boolean): void {
  Promise.resolve(startSandbox ? sandbox.start(host.life) : undefined)
    .catch((error: unknown) => host.tellError("sandbox", error))
    .then(() => controller.refresh())
    .catch((error: unknown) =>
      host.log.error("the worker could not be brought up", { message: messageOf(error) }),
    );
}
