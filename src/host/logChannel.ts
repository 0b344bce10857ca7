import * as vscode from "vscode";
import type { Disposable } from "../base/disposable";
import type { Log } from "../base/log";
import { logLine } from "./logLine";

/** The output channel "One Horizon Worker" as a log. */
export interface LogChannel extends Log, Disposable {
  /** Brings the channel into view without taking the focus. */
  show(): void;
}

export function createLogChannel(): LogChannel {
  const channel = vscode.window.createOutputChannel("One Horizon Worker", { log: true });
  return {
    debug: (message, fields) => channel.debug(logLine(message, fields)),
    info: (message, fields) => channel.info(logLine(message, fields)),
    warn: (message, fields) => channel.warn(logLine(message, fields)),
    error: (message, fields) => channel.error(logLine(message, fields)),
    show: () => channel.show(true),
    dispose: () => channel.dispose(),
  };
}
