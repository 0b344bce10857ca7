import * as vscode from "vscode";
import type { Clock } from "../base/clock";
import type { DisposableStore } from "../base/disposable";
import type { Log } from "../base/log";
import { UserError, type WorkerActions } from "../core/actions";
import type { SessionView } from "../core/state";
import type { FileCommandId, RowCommandId, ViewCommandId } from "./commandIds";
import { fileRows } from "./fileRows";
import type { Handler } from "./sessionHandlers";
import { givenFile } from "./sessionTargets";
import { SessionTree } from "./sessionTree";
import type { ChangesSource } from "./showChanges";
import type { StateSource } from "./stateSource";
import type { Row } from "./treeRow";
import { viewHandlers } from "./viewHandlers";
import { ViewMemory } from "./viewMemory";
import { WorkerNames } from "./workerNames";

export interface SessionsViewDeps {
  readonly source: StateSource;
  readonly actions: Pick<WorkerActions, "delegationTargets">;
  readonly clock: Clock;
  readonly log: Log;
  readonly changes: Pick<ChangesSource, "changedFiles">;
  /** Where order and marks of the view are kept for this folder. */
  readonly memento: vscode.Memento;
  /** Opens the diff of a file that the session changed. */
  readonly openFile: (session: SessionView, path: string) => Promise<void>;
}

/** Builds the sessions view with all that belongs to it, and the commands of its own. */
export function sessionsView(
  deps: SessionsViewDeps,
  store: DisposableStore,
): {
  readonly tree: SessionTree;
  readonly handlers: Readonly<Record<ViewCommandId | FileCommandId | RowCommandId, Handler>>;
} {
  const { source, actions, clock, log } = deps;
  const memory = new ViewMemory(deps.memento, clock.now(), log);
  const refresh = (): void => tree.refresh();
  const names = new WorkerNames(() => actions.delegationTargets(), refresh, clock, log);
  const tree = store.add(
    new SessionTree({
      ...{ source, clock, memory, nameOf: names.nameOf },
      fileRows: (sessionId) => changedFiles(deps, sessionId),
    }),
  );
  return {
    tree,
    handlers: {
      ...viewHandlers({ source, clock, memory, refresh }),
      "oneHorizon.internal.openRow": () => tree.openSelected(),
      "oneHorizon.internal.openFile": async (first) => {
        const given = givenFile(first);
        const session = given === undefined ? undefined : source.state.sessions.get(given.sessionId);
        if (given === undefined || session === undefined) {
          throw new UserError(vscode.l10n.t("This session is not in the list any more."));
        }
        await deps.openFile(session, given.path);
      },
    },
  };
}

/** The files as they differ now; none where the worktree cannot be read, which showing the changes tells about. */
async function changedFiles(
  { source, changes, log }: SessionsViewDeps,
  sessionId: string,
): Promise<readonly Row[]> {
  const session = source.state.sessions.get(sessionId);
  const { worktreePath, baseCommit } = session ?? {};
  if (session === undefined || worktreePath === undefined || baseCommit === undefined) return [];
  try {
    return fileRows(session, await changes.changedFiles(worktreePath, baseCommit), vscode.l10n);
  } catch (error) {
    log.info("the changed files could not be listed", { sessionId, error: String(error) });
    return [];
  }
}
