import * as vscode from "vscode";
import { LinkedAbort } from "../base/abort";
import type { Clock } from "../base/clock";
import { DisposableStore, onDispose, type Disposable } from "../base/disposable";
import { translated } from "../base/words";
import { UserError } from "../core/actions";
import { WorktreeError } from "../core/ports/worktrees";
import { parseFilePlace, type FilePlace } from "./changesModel";
import { isKnownWorktree } from "./knownWorktree";
import type { ReviewSource } from "./reviewSource";
import type { StateSource } from "./stateSource";

/** The manifest names it too, so that the editor wakes us for a tab that it brings back. */
const scheme = "one-horizon-review";

export interface ReviewFilesDeps {
  readonly files: Pick<ReviewSource, "fileAt" | "fileNow">;
  readonly sessions: StateSource;
  readonly clock: Clock;
}

/**
 * The files of sessions' worktrees to read: as they are now, and as they were at a commit. They have addresses of their own,
 * because the editor's git extension opens the repository of every `file:` document that is shown, and sessions' worktrees
 * stay out of Source Control unless a person opens a file or a worktree itself.
 */
export class ReviewFiles implements vscode.FileSystemProvider, Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<vscode.FileChangeEvent[]>());
  readonly #life = new LinkedAbort();
  readonly #deps: ReviewFilesDeps;
  /** Addresses of files as they are now, which are or were shown, by worktree. */
  readonly #shown = new Map<string, Set<string>>();

  readonly onDidChangeFile = this.#changed.event;

  constructor(deps: ReviewFilesDeps) {
    this.#deps = deps;
    this.#store.add(onDispose(() => this.#life.abort(new Error("the views are closed"))));
    const isReadonly = new vscode.MarkdownString(
      vscode.l10n.t("This shows a session's file for review. Use “Open File in Worktree” to change it."),
    );
    isReadonly.isTrusted = false;
    isReadonly.supportHtml = false;
    this.#store.add(
      vscode.workspace.registerFileSystemProvider(scheme, this, { isReadonly, isCaseSensitive: true }),
    );
  }

  /** The address of one side of a diff. The same path on both sides, or the editor would call it a rename. */
  address(worktreePath: string, path: string, query: string): vscode.Uri {
    return vscode.Uri.joinPath(vscode.Uri.file(worktreePath), path).with({ scheme, query });
  }

  /** The worktree may have changed: what is shown of it is read again. */
  refresh(worktreePath: string): void {
    const shown = this.#shown.get(worktreePath);
    if (shown === undefined) return;
    const type = vscode.FileChangeType.Changed;
    this.#changed.fire([...shown].map((address) => ({ type, uri: vscode.Uri.parse(address, true) })));
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const { bytes, changedAt } = await this.#read(uri);
    return { type: vscode.FileType.File, ctime: 0, mtime: changedAt, size: bytes.byteLength };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return (await this.#read(uri)).bytes;
  }

  /** The worker tells of changes itself. */
  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  readDirectory(uri: vscode.Uri): [string, vscode.FileType][] {
    throw vscode.FileSystemError.FileNotADirectory(uri);
  }

  createDirectory(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  writeFile(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #read(uri: vscode.Uri): Promise<{ readonly bytes: Uint8Array; readonly changedAt: number }> {
    const place = parseFilePlace(uri.query);
    if (place === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    if (place.commit === undefined) this.#remember(place.worktreePath, uri);
    try {
      const found = await this.#find(place);
      if (found !== undefined) return found;
    } catch (error) {
      // Its words are for people, and stand in the tab: that it is too large, or that the worktree is gone.
      if (WorktreeError.is(error) || error instanceof UserError) {
        throw vscode.FileSystemError.Unavailable(translated(error.message));
      }
      throw error;
    }
    throw vscode.FileSystemError.FileNotFound(uri);
  }

  async #find({ worktreePath, commit, rawPath }: FilePlace) {
    const { files, sessions, clock } = this.#deps;
    if (!(await isKnownWorktree(worktreePath, { source: sessions, clock, signal: this.#life.signal }))) {
      throw new UserError(
        vscode.l10n.t(
          "No session that is known here now has this file's worktree, so the file is not shown. Nothing was changed. Open the changes again from the session's row once it is in the list.",
        ),
      );
    }
    if (commit === undefined) return await files.fileNow(worktreePath, rawPath);
    const bytes = await files.fileAt(worktreePath, commit, rawPath);
    return bytes === undefined ? undefined : { bytes, changedAt: 0 };
  }

  #remember(worktreePath: string, uri: vscode.Uri): void {
    const shown = this.#shown.get(worktreePath) ?? new Set<string>();
    shown.add(uri.toString());
    this.#shown.set(worktreePath, shown);
  }
}

/** Reads shown files again when their session's work goes on. */
export function followSessions(
  files: Pick<ReviewFiles, "refresh">,
  source: {
    onDidChange(listener: () => void): Disposable;
    readonly state: { readonly sessions: ReadonlyMap<string, Followed> };
  },
): Disposable {
  const seen = new Map<string, Followed>();
  const look = (): void => {
    for (const [sessionId, session] of source.state.sessions) {
      const before = seen.get(sessionId);
      seen.set(sessionId, session);
      if (before === undefined || session.worktreePath === undefined) continue;
      if (before.stat !== session.stat || before.phase !== session.phase) files.refresh(session.worktreePath);
    }
    for (const sessionId of seen.keys()) if (!source.state.sessions.has(sessionId)) seen.delete(sessionId);
  };
  look();
  const listening = source.onDidChange(look);
  return onDispose(() => listening.dispose());
}

interface Followed {
  readonly worktreePath: string | undefined;
  readonly stat: unknown;
  readonly phase: string;
}
