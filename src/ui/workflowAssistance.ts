import * as vscode from "vscode";
import { DisposableStore, type Disposable } from "../base/disposable";
import type { WorkflowLanguage, WorkflowProposal } from "./workflowLanguage";
import { keyCard } from "./workflowWords";

/**
 * Completion and hover in the front matter of the workflow file. The editor applies JSON schemas to JSON alone, and a YAML
 * extension's to YAML files, so Markdown's front matter needs providers of its own; they read the table that the schema
 * in `schemas/` is made from.
 */
export class WorkflowAssistance implements vscode.CompletionItemProvider, vscode.HoverProvider, Disposable {
  readonly #store = new DisposableStore();
  readonly #language: WorkflowLanguage;
  #path: string | undefined;
  #registered: Disposable | undefined;

  constructor(language: WorkflowLanguage) {
    this.#language = language;
    this.#store.add(language.onDidChange(() => this.#register()));
    this.#register();
  }

  async provideCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<vscode.CompletionItem[] | undefined> {
    if (!this.#isOurs(document)) return undefined;
    const place = { line: position.line + 1, column: position.character + 1 };
    const found = await this.#language.completionsAt(document.getText(), place);
    return found.map((one, index) => toItem(one, index, position.line));
  }

  async provideHover(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<vscode.Hover | undefined> {
    if (!this.#isOurs(document)) return undefined;
    const place = { line: position.line + 1, column: position.character + 1 };
    const found = await this.#language.keyAt(document.getText(), place);
    if (found === undefined) return undefined;
    const { start, end } = found;
    const range = new vscode.Range(start.line - 1, start.column - 1, end.line - 1, end.column - 1);
    return new vscode.Hover(markdown(keyCard(found.key, found.facts, vscode.l10n)), range);
  }

  dispose(): void {
    this.#registered?.dispose();
    this.#store.dispose();
  }

  /** For the one file only: elsewhere a space must not ask us anything. */
  #register(): void {
    const path = this.#language.path();
    if (path === this.#path) return;
    this.#path = path;
    this.#registered?.dispose();
    this.#registered = undefined;
    if (path === undefined) return;
    const registered = new DisposableStore();
    const selector = { scheme: "file", pattern: path };
    registered.add(vscode.languages.registerCompletionItemProvider(selector, this, " "));
    registered.add(vscode.languages.registerHoverProvider(selector, this));
    this.#registered = registered;
  }

  #isOurs({ uri }: vscode.TextDocument): boolean {
    return uri.fsPath === this.#language.path();
  }
}

const kinds: Readonly<Record<WorkflowProposal["kind"], vscode.CompletionItemKind>> = {
  group: vscode.CompletionItemKind.Module,
  key: vscode.CompletionItemKind.Property,
  value: vscode.CompletionItemKind.EnumMember,
};

function toItem(one: WorkflowProposal, index: number, line: number): vscode.CompletionItem {
  const item = new vscode.CompletionItem(one.label, kinds[one.kind]);
  item.insertText = one.text;
  item.range = new vscode.Range(line, one.from - 1, line, one.to - 1);
  // In the order of the table, which goes from what is changed often to what is not.
  item.sortText = String(index).padStart(3, "0");
  // The lines are indented as they are to stand.
  item.keepWhitespace = true;
  item.preselect = one.isDefault;
  item.detail = one.isDefault ? vscode.l10n.t("default") : one.facts.byDefault;
  item.documentation = markdown(keyCard(one.label, one.facts, vscode.l10n));
  if (one.kind !== "value") {
    item.command = { command: "editor.action.triggerSuggest", title: vscode.l10n.t("Suggest Values") };
  }
  return item;
}

function markdown(text: string): vscode.MarkdownString {
  const result = new vscode.MarkdownString(text, false);
  result.isTrusted = false;
  result.supportHtml = false;
  return result;
}
