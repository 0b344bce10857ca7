import * as vscode from "vscode";
import { onDispose, type Disposable } from "../base/disposable";

type Hide = (text: string) => string;

const asItIs: Hide = (text) => text;
let hide = asItIs;

/** From now on no message shows what is secret; said once, before the first message, by who knows the secrets. */
export function hideInMessages(by: Hide): Disposable {
  hide = by;
  return onDispose(() => (hide = asItIs));
}

/** The editor's messages, without secrets. Each resolves with the button that was picked. */
export const messages = {
  info: (text: string, ...buttons: readonly string[]): Thenable<string | undefined> =>
    vscode.window.showInformationMessage(hide(text), ...buttons),
  warning: (text: string, ...buttons: readonly string[]): Thenable<string | undefined> =>
    vscode.window.showWarningMessage(hide(text), ...buttons),
  error: (text: string, ...buttons: readonly string[]): Thenable<string | undefined> =>
    vscode.window.showErrorMessage(hide(text), ...buttons),
  /** A dialog, for what cannot be undone. */
  dialog: (text: string, detail: string, ...buttons: readonly string[]): Thenable<string | undefined> =>
    vscode.window.showWarningMessage(hide(text), { modal: true, detail: hide(detail) }, ...buttons),
};
