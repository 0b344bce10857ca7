import { basename, dirname } from "node:path";
import * as vscode from "vscode";
import { DisposableStore, type Disposable } from "../base/disposable";

/** Tells when the file at a path is made, changed, replaced or removed, by whomever. The path is absolute and on this machine. */
export function watchFile(path: string, onChange: () => void): Disposable {
  const store = new DisposableStore();
  // All of the folder, since a name may have characters that a pattern reads otherwise; only this file is told of.
  const pattern = new vscode.RelativePattern(vscode.Uri.file(dirname(path)), "*");
  const watcher = store.add(vscode.workspace.createFileSystemWatcher(pattern));
  const hear = (uri: vscode.Uri): void => {
    if (basename(uri.fsPath) === basename(path)) onChange();
  };
  store.add(watcher.onDidCreate(hear));
  store.add(watcher.onDidChange(hear));
  store.add(watcher.onDidDelete(hear));
  return store;
}
