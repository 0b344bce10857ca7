import { messageOf, type Log } from "../base/log";
import { say } from "../base/words";
import { UserError, type PublishOptions, type WorkerActions } from "../core/actions";
import type { Controller } from "../core/controller";
import type { Worktrees } from "../core/ports/worktrees";
import type { Store } from "../core/store";
import type { WorkflowConfig } from "../core/workflowConfig";
import type { SandboxSession } from "./sandboxSession";

export interface ActionsOptions {
  readonly controller: Controller;
  readonly store: Store;
  readonly log: Log;
  readonly worktrees: Worktrees;
  /** Notes for good that a session is no longer listed. */
  readonly archive: (sessionId: string) => Promise<void>;
  /** Rejects with UserError when it cannot be noted: then nothing is pushed. */
  readonly notePublishing: (sessionId: string, step: "publishing" | "ended") => Promise<void>;
  readonly workflow: () => Promise<WorkflowConfig>;
  /** A person wants to start: questions they turned away before are asked again. */
  readonly askAgain: () => void;
  /** Asks for the client id where the settings name none; false when the person turned away. */
  readonly ensureClientId: () => Promise<boolean>;
  readonly sandbox: SandboxSession;
  /** Asked before running sessions are released for another configuration; true where none runs. */
  readonly confirmRelease: () => Promise<boolean>;
  readonly onSandboxStarted: (scripted: boolean) => void;
  readonly rememberSandbox: (running: boolean) => Promise<void>;
  readonly life: AbortSignal;
}

const publishMs = 150_000;

/** What a person can ask for, carried out by the parts. */
export function workerActions(options: ActionsOptions): WorkerActions {
  const { controller, store } = options;
  return {
    signIn: async () => {
      if (await options.ensureClientId()) await controller.signIn();
    },
    signOut: () => controller.signOut(),
    configure: async () => {
      if (!(await options.confirmRelease())) return;
      options.askAgain();
      await controller.configure();
    },
    start: () => {
      options.askAgain();
      return controller.start();
    },
    stop: () => controller.stop(),
    pause: () => {
      controller.pause();
      return Promise.resolve();
    },
    resume: () => {
      options.askAgain();
      controller.resume();
      return Promise.resolve();
    },
    restart: () => {
      options.askAgain();
      return controller.restart();
    },
    claim: (sessionId) => {
      controller.claim(sessionId);
      return Promise.resolve();
    },
    release: (sessionId) => controller.release(sessionId),
    fail: (sessionId, reason) => controller.fail(sessionId, reason),
    answer: (sessionId, questionId, answer) => {
      controller.answer(sessionId, questionId, answer);
      return Promise.resolve();
    },
    delegate: (sessionId, work) => controller.delegate(sessionId, work),
    delegationTargets: () => controller.delegationTargets(),
    publishBranch: (sessionId, how) => publish(options, sessionId, how),
    archive: async (sessionId) => {
      await options.archive(sessionId);
      store.dispatch({ kind: "session", sessionId, change: { kind: "archived" } });
    },
    startSandbox: () => startSandbox(options),
    stopSandbox: () => stopSandbox(options),
  };
}

type Publishing = Pick<
  ActionsOptions,
  "store" | "log" | "worktrees" | "workflow" | "notePublishing" | "life"
>;

/** Pushes a session's branch, which is noted before; the name of the remote it went to. */
export async function publish(
  options: Publishing,
  sessionId: string,
  { signal, onProgress }: PublishOptions = {},
): Promise<string> {
  const view = options.store.state.sessions.get(sessionId);
  if (view?.worktreePath === undefined || view.branch === undefined) {
    throw new UserError(say("This session has no branch yet, so there is nothing to publish."));
  }
  const { gitHooks } = await options.workflow();
  const ends = [options.life, AbortSignal.timeout(publishMs), ...(signal === undefined ? [] : [signal])];
  const within = AbortSignal.any(ends);
  await options.notePublishing(sessionId, "publishing");
  try {
    const { worktreePath: path, branch } = view;
    const remote = await options.worktrees.publish({ path, branch }, { gitHooks, onProgress }, within);
    showPublished(options.store, sessionId);
    return remote;
  } finally {
    await options.notePublishing(sessionId, "ended").catch((error: unknown) => {
      options.log.warn("a record could not be stored", { sessionId, message: messageOf(error) });
    });
  }
}

/** A run whose push failed lacks only that the platform is told of it. */
function showPublished(store: Store, sessionId: string): void {
  const run = store.state.sessions.get(sessionId)?.workflow;
  if (run?.push !== "none") return;
  store.dispatch({ kind: "session", sessionId, change: { kind: "run", run: { ...run, push: "pushed" } } });
}

/** Launch, sign in, configure: a worker without any account, in one step. */
async function startSandbox(options: ActionsOptions): Promise<void> {
  const { controller, sandbox, life } = options;
  controller.requireTrust();
  if (!(await options.confirmRelease())) return;
  options.askAgain();
  const tool = await sandbox.start(life);
  await options.rememberSandbox(true);
  await controller.reconnect();
  if (options.store.state.phase.kind === "signedOut") await controller.signIn();
  else if (options.store.state.phase.kind === "notConfigured") await controller.configure();
  else if (options.store.state.phase.kind === "stopped") await controller.start();
  options.onSandboxStarted(tool.scripted);
}

/** The worker moves back to the platform of the settings first, so that what runs in the sandbox is still released there. */
async function stopSandbox(options: ActionsOptions): Promise<void> {
  const detached = options.sandbox.detach();
  await options.rememberSandbox(false);
  await options.controller.reconnect();
  await detached?.end();
}
