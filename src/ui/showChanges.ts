import * as vscode from "vscode";
import { UserError } from "../core/actions";
import { DisposableStore, type Disposable } from "../base/disposable";
import type { SessionView } from "../core/state";
import { changePairs, pairOf, parseBaseQuery, type ChangedFile, type ChangePair } from "./changesModel";

/** Where the two sides of a diff come from. */
export interface ChangesSource {
  /** Every file that differs between the commit and the worktree, committed or not. Safe in a tree that a tool wrote. */
  changedFiles(worktreePath: string, baseCommit: string): Promise<readonly ChangedFile[]>;
  /** A file's text at a commit; undefined when it is not there. */
  fileAt(worktreePath: string, commit: string, path: string): Promise<string | undefined>;
}

const scheme = "one-horizon-base";

/** Shows a session's work in the editor's own multi-file diff. */
export class ChangesView implements Disposable {
  readonly #store = new DisposableStore();
  readonly #source: ChangesSource;

  constructor(source: ChangesSource) {
    this.#source = source;
    this.#store.add(
      vscode.workspace.registerTextDocumentContentProvider(scheme, {
        provideTextDocumentContent: async (uri) => {
          const place = parseBaseQuery(uri.query);
          if (place === undefined) throw new Error("this address names no commit");
          return await this.#source.fileAt(place.worktreePath, place.commit, place.path);
        },
      }),
    );
  }

  /** @throws UserError when there is no worktree or nothing changed. */
  async show(session: SessionView): Promise<void> {
    const { root, pairs } = await this.#pairs(session);
    const resources = pairs.map((pair) => [
      place(root, pair),
      baseOf(root, pair),
      pair.deleted ? undefined : place(root, pair),
    ]);
    await vscode.commands.executeCommand("vscode.changes", session.title, resources);
  }

  /**
   * Opens the diff of one file, or the file itself where it has no other side.
   * @param path as the coding tool told it: from its folder in the worktree, or absolute.
   * @throws UserError when the session changed no such file.
   */
  async showFile(session: SessionView, path: string): Promise<void> {
    const { root, pairs } = await this.#pairs(session);
    const pair = pairOf(pairs, path);
    if (pair === undefined) {
      throw new UserError(
        vscode.l10n.t(
          "“{0}” is as it was before “{1}” began, so there is nothing to compare.",
          path,
          session.title,
        ),
      );
    }
    const modified = place(root, pair);
    const original = baseOf(root, pair);
    if (original === undefined) await vscode.commands.executeCommand("vscode.open", modified);
    else if (pair.deleted) await vscode.commands.executeCommand("vscode.open", original);
    else {
      await vscode.commands.executeCommand(
        "vscode.diff",
        original,
        modified,
        `${pair.path} (${session.title})`,
      );
    }
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #pairs(
    session: SessionView,
  ): Promise<{ readonly root: vscode.Uri; readonly pairs: readonly ChangePair[] }> {
    const { worktreePath, baseCommit } = session;
    if (worktreePath === undefined || baseCommit === undefined) {
      throw new UserError(
        vscode.l10n.t("“{0}” has no worktree yet, so there are no changes to show.", session.title),
      );
    }
    const files = await this.#source.changedFiles(worktreePath, baseCommit);
    const pairs = changePairs(files, worktreePath, baseCommit);
    if (pairs.length === 0) {
      throw new UserError(vscode.l10n.t("“{0}” has changed no file so far.", session.title));
    }
    return { root: vscode.Uri.file(worktreePath), pairs };
  }
}

function place(root: vscode.Uri, { path }: ChangePair): vscode.Uri {
  return vscode.Uri.joinPath(root, path);
}

/** The same path on both sides, or the editor would call it a rename. */
function baseOf(root: vscode.Uri, pair: ChangePair): vscode.Uri | undefined {
  if (pair.baseQuery === undefined) return undefined;
  return vscode.Uri.from({ scheme, path: place(root, pair).path, query: pair.baseQuery });
}
