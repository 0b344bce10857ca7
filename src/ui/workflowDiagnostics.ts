import * as vscode from "vscode";
import { translated } from "../base/words";
import type { Clock } from "../base/clock";
import { Debounce } from "../base/debounce";
import { DisposableStore, type Disposable } from "../base/disposable";
import { messageOf, type Log } from "../base/log";
import type { WorkflowLanguage, WorkflowMark } from "./workflowLanguage";
import { markRange } from "./workflowWords";

/** After the last keystroke. */
const quietMs = 300;

/** Draws what is wrong under the text of the workflow file, while it is open. */
export class WorkflowDiagnostics implements Disposable {
  readonly #store = new DisposableStore();
  readonly #collection = this.#store.add(vscode.languages.createDiagnosticCollection("oneHorizon.workflow"));
  readonly #language: WorkflowLanguage;
  readonly #log: Log;
  /** Counts the looks: what an earlier one found late is not drawn. */
  #look = 0;
  #shown = false;

  constructor(language: WorkflowLanguage, clock: Clock, log: Log) {
    this.#language = language;
    this.#log = log;
    const typed = this.#store.add(new Debounce(() => this.#check(), quietMs, clock));
    const atOnce = (document: vscode.TextDocument): void => {
      if (this.#isOurs(document)) this.#check();
    };
    this.#store.add(vscode.workspace.onDidOpenTextDocument(atOnce));
    this.#store.add(vscode.workspace.onDidSaveTextDocument(atOnce));
    this.#store.add(vscode.workspace.onDidCloseTextDocument(atOnce));
    this.#store.add(
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (this.#isOurs(document)) typed.request();
      }),
    );
    this.#store.add(
      vscode.window.tabGroups.onDidChangeTabs(() => {
        if (isShown(language.path()) !== this.#shown) this.#check();
      }),
    );
    this.#store.add(language.onDidChange(() => this.#check()));
    this.#check();
  }

  dispose(): void {
    this.#look += 1;
    this.#store.dispose();
  }

  #isOurs({ uri }: vscode.TextDocument): boolean {
    return uri.scheme === "file" && uri.fsPath === this.#language.path();
  }

  #check(): void {
    const look = (this.#look += 1);
    this.#shown = isShown(this.#language.path());
    this.#draw(look).catch((error: unknown) => {
      this.#log.error("the workflow file could not be checked", { message: messageOf(error) });
    });
  }

  async #draw(look: number): Promise<void> {
    const document = this.#shown
      ? vscode.workspace.textDocuments.find((one) => this.#isOurs(one))
      : undefined;
    const marks =
      document === undefined ? [] : await this.#language.marks(document.getText(), !document.isDirty);
    if (look !== this.#look) return;
    this.#collection.clear();
    if (document !== undefined && marks.length > 0) this.#collection.set(document.uri, marks.map(diagnostic));
  }
}

/** A tab has the file. The editor keeps a document that was opened by an extension for minutes after its last tab is closed. */
function isShown(path: string | undefined): boolean {
  return vscode.window.tabGroups.all.some(({ tabs }) =>
    tabs.some(({ input }) => {
      if (input instanceof vscode.TabInputText) return input.uri.fsPath === path;
      return input instanceof vscode.TabInputTextDiff && input.modified.fsPath === path;
    }),
  );
}

function diagnostic(mark: WorkflowMark): vscode.Diagnostic {
  const { start, end } = markRange(mark);
  const range = new vscode.Range(start.line, start.character, end.line, end.character);
  const { Error: error, Warning: warning } = vscode.DiagnosticSeverity;
  const result = new vscode.Diagnostic(
    range,
    translated(mark.message),
    mark.severity === "error" ? error : warning,
  );
  result.source = "One Horizon";
  return result;
}
