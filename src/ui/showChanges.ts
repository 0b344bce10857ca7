import * as vscode from "vscode";
import { UserError } from "../core/actions";
import { DisposableStore, type Disposable } from "../base/disposable";
import type { SessionView } from "../core/state";
import { changePairs, parseBaseQuery, type ChangedFile } from "./changesModel";

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
    const root = vscode.Uri.file(worktreePath);
    const resources = pairs.map((pair) => {
      const modified = vscode.Uri.joinPath(root, pair.path);
      const original =
        pair.baseQuery === undefined
          ? undefined
          : // The same path on both sides, or the editor would call it a rename.
            vscode.Uri.from({ scheme, path: modified.path, query: pair.baseQuery });
      return [modified, original, pair.deleted ? undefined : modified];
    });
    await vscode.commands.executeCommand("vscode.changes", session.title, resources);
  }

  dispose(): void {
    this.#store.dispose();
  }
}
