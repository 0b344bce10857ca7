import * as vscode from "vscode";
import { LinkedAbort } from "../base/abort";
import { DisposableStore, type Disposable } from "../base/disposable";
import type { CheckedRow, Diagnostics } from "../core/diagnostics";
import { reportMarkdown } from "./diagnosticsModel";
import { messages } from "./messages";

const scheme = "one-horizon-diagnostics";

/** Runs the checks and shows what came of them as a page that nobody can edit. */
export class DiagnosticsView implements Disposable {
  readonly #store = new DisposableStore();
  readonly #life = new LinkedAbort();
  readonly #changed = this.#store.add(new vscode.EventEmitter<vscode.Uri>());
  readonly #diagnostics: Diagnostics;
  #report: string | undefined;
  #running: Promise<string> | undefined;

  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics;
    this.#store.add(
      vscode.workspace.registerTextDocumentContentProvider(scheme, {
        onDidChange: this.#changed.event,
        // After a reload of the window the tab is there, and the report is not.
        provideTextDocumentContent: () => this.#report ?? vscode.l10n.t("Run Diagnostics fills this page."),
      }),
    );
  }

  /** Checks anew and shows the page, focused. */
  async check(): Promise<void> {
    await this.#run();
    const uri = pageUri();
    this.#changed.fire(uri);
    await vscode.commands.executeCommand("markdown.showPreview", uri);
  }

  /** Copies the report that is shown; checks first where there is none. */
  async copy(): Promise<void> {
    await vscode.env.clipboard.writeText(this.#report ?? (await this.#run()));
    messages.info(vscode.l10n.t("The diagnostics were copied as Markdown, without secrets.")).then(
      undefined,
      () => undefined, // the window is closing
    );
  }

  dispose(): void {
    this.#life.abort(new Error("the views are closed"));
    this.#store.dispose();
  }

  #run(): Promise<string> {
    this.#running ??= this.#check().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #check(): Promise<string> {
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t("Running diagnostics"),
      cancellable: true,
    };
    return await vscode.window.withProgress(options, async (progress, token) => {
      const abort = new LinkedAbort(this.#life.signal);
      const listening = token.onCancellationRequested(() => abort.abort(new Error("cancelled")));
      const told = (row: CheckedRow, of: number): void =>
        progress.report({ message: row.name, increment: 100 / of });
      try {
        const report = await this.#diagnostics.run(told, abort.signal);
        this.#report = reportMarkdown(report, vscode.l10n);
        return this.#report;
      } finally {
        listening.dispose();
        abort.dispose();
      }
    });
  }
}

function pageUri(): vscode.Uri {
  return vscode.Uri.from({ scheme, path: `/${vscode.l10n.t("One Horizon Diagnostics")}.md` });
}
