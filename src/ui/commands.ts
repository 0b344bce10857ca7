import * as vscode from "vscode";
import { DisposableStore, type Disposable } from "../base/disposable";
import { messageOf, type Log } from "../base/log";
import type { CommandId, InternalCommandId } from "./commandIds";
import { errorText } from "./errorText";
import { messages } from "./messages";
import type { Handler } from "./sessionHandlers";

/** Every command with its handler; the compiler sees to it that none is missing. */
export type CommandTable = Readonly<Record<CommandId | InternalCommandId, Handler>>;

/** Registers all commands. What a handler throws is told to the person and never reaches the editor. */
export function registerCommands(table: CommandTable, log: Log, showLog: () => void): Disposable {
  const store = new DisposableStore();
  for (const [id, handler] of Object.entries(table)) {
    store.add(
      vscode.commands.registerCommand(id, async (first: unknown, second: unknown) => {
        try {
          await handler(first, second);
        } catch (error) {
          tellError(id, error, log, showLog);
        }
      }),
    );
  }
  return store;
}

/** Shows an error to the person. Not awaited: a command is over when its work is, not when somebody has closed the notification. */
export function tellError(what: string, error: unknown, log: Log, showLog: () => void): void {
  const { message, seeLog } = errorText(error, vscode.l10n);
  log[seeLog ? "error" : "info"]("ended with an error", { what, error: messageOf(error) });
  const button = vscode.l10n.t("Show Log");
  messages.error(message, ...(seeLog ? [button] : [])).then(
    (picked) => {
      if (picked === button) showLog();
    },
    (cause: unknown) => log.warn("an error could not be shown", { what, error: messageOf(cause) }),
  );
}
