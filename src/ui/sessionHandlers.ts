import * as vscode from "vscode";
import type { Clock } from "../base/clock";
import { messageOf, type Log } from "../base/log";
import { UserError, type WorkerActions } from "../core/actions";
import { toolTitle } from "../core/providers";
import type { SessionView } from "../core/state";
import { answerHandlers } from "./answerHandlers";
import type { CleanUpSource } from "./cleanUp";
import { sessionCommandId, type SessionCommandId, type SessionVerb } from "./commandIds";
import { delegateByHand } from "./delegateHandler";
import { joinErrors } from "./errorText";
import { messages } from "./messages";
import { askArchive, askFailReason, askReleaseAll, askSession } from "./questions";
import { cancelledPublish } from "./publishWords";
import { percentTeller, withCancel } from "./progress";
import { reviewHandlers } from "./reviewHandlers";
import type { ReviewSource } from "./reviewSource";
import { isPossible } from "./sessionAbilities";
import { escapeLinks } from "./safeText";
import { givenReason, givenSessions, isForSelection } from "./sessionTargets";
import type { Other } from "./showChanges";
import { visibleSessions } from "./sessionTreeModel";
import type { StateSource } from "./stateSource";
import { whyNot } from "./whyNot";

/** What a command runs with: what the editor or a script passed. */
export type Handler = (first: unknown, second: unknown) => Promise<void>;

export interface SessionHandlerDeps {
  readonly source: StateSource;
  readonly actions: Pick<
    WorkerActions,
    "claim" | "release" | "fail" | "answer" | "delegate" | "delegationTargets" | "publishBranch" | "archive"
  >;
  readonly clock: Clock;
  readonly log: Log;
  readonly showLog: () => void;
  /** Opens an address in the browser; false when the person turned away. */
  readonly openExternal: (url: string) => Promise<boolean>;
  /** The argv that opens a recorded thread of the coding tool; empty when there is none. */
  readonly threadCommand: (session: SessionView) => readonly string[] | Promise<readonly string[]>;
  /** Opens the session's panel. */
  readonly show: (session: SessionView) => Promise<void>;
  readonly showChanges: (session: SessionView, other?: Other) => Promise<void>;
  /** Opens the diff of one file. */
  readonly showFile: (session: SessionView, path: string) => Promise<void>;
  readonly review: ReviewSource;
  readonly cleanUp: CleanUpSource;
  /** The sessions' rows that are selected in the view, as a menu hands them over. */
  readonly selected: () => readonly unknown[];
}

/** The session commands: each resolves its sessions, checks that the verb is possible, and acts. */
export function sessionHandlers(deps: SessionHandlerDeps): Readonly<Record<SessionCommandId, Handler>> {
  const each =
    (verb: SessionVerb, act: (session: SessionView) => Promise<void>): Handler =>
    async (first, second) =>
      forEachSession(await resolve(deps, verb, first, second), act);
  return {
    ...answerHandlers({
      actions: deps.actions,
      resolve: (verb, first, second) => resolve(deps, verb, first, second),
    }),
    ...reviewHandlers({ ...deps, openWorktree }, (verb, first, second) => resolve(deps, verb, first, second)),
    [sessionCommandId("claim")]: each("claim", (one) => deps.actions.claim(one.sessionId)),
    [sessionCommandId("delegate")]: (first, second) =>
      delegateByHand(
        {
          actions: deps.actions,
          resolve: (one, many) => resolve(deps, "delegate", one, many),
          tell: (text) => tell(text, deps.log),
        },
        first,
        second,
      ),
    [sessionCommandId("publishBranch")]: each("publishBranch", (one) => publish(deps, one)),
    [sessionCommandId("archive")]: async (first, second) => {
      const sessions = await resolve(deps, "archive", first, second);
      // A key is pressed more easily than an entry is chosen, and may mean another row than the one that is looked at.
      const asks = sessions.length > 1 || (isForSelection(first) && sessions.length === 1);
      if (asks && !(await askArchive(sessions))) return;
      await forEachSession(sessions, (one) => deps.actions.archive(one.sessionId));
    },
    [sessionCommandId("show")]: each("show", deps.show),
    [sessionCommandId("showChanges")]: each("showChanges", (one) => deps.showChanges(one)),
    [sessionCommandId("openWorktree")]: each("openWorktree", openWorktree),
    [sessionCommandId("openThread")]: each("openThread", (one) => openThread(deps, one)),
    [sessionCommandId("openUrl")]: each("openUrl", (one) => openUrl(deps, one)),
    [sessionCommandId("openLog")]: () => {
      deps.showLog();
      return Promise.resolve();
    },
    [sessionCommandId("copyId")]: async (first, second) => {
      const sessions = await resolve(deps, "copyId", first, second);
      if (sessions.length === 0) return;
      await vscode.env.clipboard.writeText(sessions.map((one) => one.sessionId).join("\n"));
    },
    [sessionCommandId("release")]: async (first, second) => {
      const sessions = await resolve(deps, "release", first, second);
      if (sessions.length > 1 && !(await askReleaseAll(sessions.length))) return;
      await forEachSession(sessions, (one) => deps.actions.release(one.sessionId));
    },
    [sessionCommandId("fail")]: async (first, second) => {
      const sessions = await resolve(deps, "fail", first, second);
      if (sessions.length === 0) return;
      const reason = givenReason(first) ?? (await askFailReason(sessions));
      if (reason === undefined || reason === "") return;
      await forEachSession(sessions, (one) => deps.actions.fail(one.sessionId, reason));
    },
  };
}

/** The sessions a command is about: those given, of several only those that can; else the one a person picks. */
async function resolve(
  deps: SessionHandlerDeps,
  verb: SessionVerb,
  first: unknown,
  second: unknown,
): Promise<readonly SessionView[]> {
  const state = deps.source.state;
  const ids = isForSelection(first)
    ? givenSessions(undefined, deps.selected())
    : givenSessions(first, second);
  if (ids.length === 0) {
    const possible = visibleSessions(state, deps.clock.now()).filter((one) => isPossible(verb, one, state));
    if (possible.length === 0) {
      throw new UserError(vscode.l10n.t("There is no session for which this is possible now."));
    }
    const picked = await askSession(possible, deps.clock);
    return picked === undefined ? [] : [picked];
  }
  const known = ids.flatMap((id) => state.sessions.get(id) ?? []);
  const [only] = known;
  if (only === undefined) throw new UserError(vscode.l10n.t("This session is not in the list any more."));
  const possible = known.filter((one) => isPossible(verb, one, state));
  if (possible.length === 0) throw new UserError(whyNot(verb, only, state, vscode.l10n));
  return possible;
}

/** One after another; a failure does not keep the rest from being tried. */
async function forEachSession(
  sessions: readonly SessionView[],
  act: (session: SessionView) => Promise<void>,
): Promise<void> {
  const errors: unknown[] = [];
  for (const session of sessions) {
    try {
      await act(session);
    } catch (error) {
      errors.push(error);
    }
  }
  const joined = joinErrors(errors, vscode.l10n);
  if (joined !== undefined) throw joined;
}

async function publish(deps: SessionHandlerDeps, session: SessionView): Promise<void> {
  const remote = await withCancel(
    vscode.l10n.t("Publishing {0}", session.branch ?? ""),
    cancelledPublish(session.branch ?? "", deps.source.state, vscode.l10n),
    (signal, tell) =>
      deps.actions.publishBranch(session.sessionId, { signal, onProgress: percentTeller(tell) }),
  );
  tell(vscode.l10n.t("{0} is on {1} now.", session.branch ?? "", remote), deps.log);
}

async function openWorktree(session: SessionView): Promise<void> {
  if (session.worktreePath === undefined) return;
  const uri = vscode.Uri.file(session.worktreePath);
  try {
    await vscode.workspace.fs.stat(uri);
  } catch (cause) {
    throw new UserError(
      vscode.l10n.t(
        "The worktree of “{0}” is not there any more. Its branch {1} is kept.",
        session.title,
        session.branch ?? "",
      ),
      { cause },
    );
  }
  await vscode.commands.executeCommand("vscode.openFolder", uri, { forceNewWindow: true });
}

async function openThread(deps: SessionHandlerDeps, session: SessionView): Promise<void> {
  // The id comes from the coding tool and becomes an argument, so it must not look like an option.
  if (session.threadId === undefined || !/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/.test(session.threadId)) {
    throw new UserError(vscode.l10n.t("“{0}” recorded no thread that can be opened.", session.title));
  }
  const [shellPath, ...shellArgs] = await deps.threadCommand(session);
  if (shellPath === undefined) {
    throw new UserError(vscode.l10n.t("This coding tool cannot open a recorded thread."));
  }
  const cwd = session.worktreePath;
  vscode.window
    .createTerminal({
      name: `${toolTitle(session.provider)}: ${session.title}`,
      shellPath,
      shellArgs,
      ...(cwd === undefined ? {} : { cwd }),
    })
    .show();
}

async function openUrl(deps: SessionHandlerDeps, session: SessionView): Promise<void> {
  if (session.externalUrl === undefined || !/^https?:\/\//i.test(session.externalUrl)) {
    throw new UserError(vscode.l10n.t("“{0}” has no web address.", session.title));
  }
  await deps.openExternal(session.externalUrl);
}

/** A message that needs no answer; nobody waits for it. */
function tell(text: string, log: Log): void {
  // Names of remotes and branches are other people's words.
  messages.info(escapeLinks(text)).then(
    () => undefined,
    (error: unknown) => log.warn("a message could not be shown", { message: messageOf(error) }),
  );
}
