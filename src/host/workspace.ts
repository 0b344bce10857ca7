import * as vscode from "vscode";
import { DisposableStore, type Disposable } from "../base/disposable";
import { Emitter, type Event } from "../base/emitter";

interface OpenedFolder {
  readonly name: string;
  /** Absolute path on this machine. */
  readonly path: string;
  readonly uri: vscode.Uri;
}

/** The opened folders and whether they are trusted. */
interface WorkspaceFacts {
  /** Folders on this machine's disk, in the editor's order. */
  readonly folders: readonly OpenedFolder[];
  readonly trusted: boolean;
}

/** What is open in this window, and when that changes. */
export interface WorkspaceSource extends Disposable {
  readonly current: WorkspaceFacts;
  readonly onDidChange: Event<WorkspaceFacts>;
  /** Fires with the path of a file of the workspace that was saved in this editor. */
  readonly onDidSave: Event<string>;
}

export function watchWorkspace(): WorkspaceSource {
  const store = new DisposableStore();
  const changed = store.add(new Emitter<WorkspaceFacts>());
  const fire = (): void => changed.fire(facts());
  store.add(vscode.workspace.onDidChangeWorkspaceFolders(fire));
  store.add(vscode.workspace.onDidGrantWorkspaceTrust(fire));
  const saved = store.add(new Emitter<string>());
  store.add(
    vscode.workspace.onDidSaveTextDocument(({ uri }) => {
      if (uri.scheme === "file") saved.fire(uri.fsPath);
    }),
  );
  return {
    get current() {
      return facts();
    },
    onDidChange: changed.event,
    onDidSave: saved.event,
    dispose: () => store.dispose(),
  };
}

function facts(): WorkspaceFacts {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return {
    folders: folders
      .filter(({ uri }) => uri.scheme === "file")
      .map(({ name, uri }) => ({ name, path: uri.fsPath, uri })),
    trusted: vscode.workspace.isTrusted,
  };
}
