import * as vscode from "vscode";
import type { Clock } from "../base/clock";
import { UserError } from "../core/actions";
import { DisposableStore, type Disposable } from "../base/disposable";
import type { SessionView } from "../core/state";
import { changePairs, pairOf, type ChangePair } from "./changesModel";
import { followSessions, ReviewFiles } from "./reviewFiles";
import type { ReviewSource } from "./reviewSource";
import type { StateSource } from "./stateSource";

/** Where the two sides of a diff come from. */
export type ChangesSource = Pick<ReviewSource, "changedFiles" | "fileAt" | "fileNow">;

/** What the session's files are compared with. */
export interface Other {
  readonly commit: string;
  /** For the title. */
  readonly name: string;
}

/** Shows a session's work in the editor's own multi-file diff. What is shown follows the session's work. */
export class ChangesView implements Disposable {
  readonly #store = new DisposableStore();
  readonly #source: ChangesSource;
  readonly #files: ReviewFiles;

  constructor(source: ChangesSource, sessions: StateSource, clock: Clock) {
    this.#source = source;
    this.#files = this.#store.add(new ReviewFiles({ files: source, sessions, clock }));
    this.#store.add(followSessions(this.#files, sessions));
  }

  /**
   * All files, against what they were when the session began, or against another commit.
   * @throws UserError when there is no worktree or nothing changed.
   */
  async show(session: SessionView, other?: Other): Promise<void> {
    const { root, pairs } = await this.#pairs(session, other);
    if (pairs.length === 0) throw nothing(session, other);
    // The first is what “Open File” means: the file itself.
    const resources = pairs.map((pair) => [
      vscode.Uri.joinPath(vscode.Uri.file(root), pair.path),
      this.#side(root, pair, pair.before),
      this.#side(root, pair, pair.now),
    ]);
    const title = other === undefined ? session.title : `${session.title} ↔ ${other.name}`;
    await vscode.commands.executeCommand("vscode.changes", title, resources);
  }

  /**
   * Opens the diff of one file, or the file itself where it has no other side.
   * @param path as the coding tool told it: from its folder in the worktree, or absolute.
   * @throws UserError when the session changed no such file.
   */
  async showFile(session: SessionView, path: string): Promise<void> {
    const { root, pairs } = await this.#pairs(session, undefined);
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
    const before = this.#side(root, pair, pair.before);
    const now = this.#side(root, pair, pair.now);
    if (before === undefined || now === undefined) {
      await vscode.commands.executeCommand("vscode.open", now ?? before);
    } else {
      await vscode.commands.executeCommand("vscode.diff", before, now, `${pair.path} (${session.title})`);
    }
  }

  dispose(): void {
    this.#store.dispose();
  }

  #side(root: string, pair: ChangePair, query: string | undefined): vscode.Uri | undefined {
    return query === undefined ? undefined : this.#files.address(root, pair.path, query);
  }

  async #pairs(
    session: SessionView,
    other: Other | undefined,
  ): Promise<{ readonly root: string; readonly pairs: readonly ChangePair[] }> {
    const { worktreePath: root, baseCommit } = session;
    if (root === undefined || baseCommit === undefined) {
      throw new UserError(
        vscode.l10n.t("“{0}” has no worktree yet, so there are no changes to show.", session.title),
      );
    }
    const commit = other?.commit ?? baseCommit;
    const files = await this.#source.changedFiles(root, commit);
    // What was read before may be shown still.
    this.#files.refresh(root);
    return { root, pairs: changePairs(files, root, commit) };
  }
}

function nothing(session: SessionView, other: Other | undefined): UserError {
  return new UserError(
    other === undefined
      ? vscode.l10n.t("“{0}” has changed no file so far.", session.title)
      : vscode.l10n.t("The files of “{0}” are those of {1}.", session.title, other.name),
  );
}
