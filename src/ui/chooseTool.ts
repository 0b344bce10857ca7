import * as vscode from "vscode";
import { UserError } from "../core/actions";
import type { KnownTool } from "../core/providers";
import { messages } from "./messages";
import { namingOf, toolRows, worthOffering } from "./toolChoiceModel";
import { createWorkflow } from "./workflowFile";

export interface ToolChoiceDeps {
  readonly tools: () => Promise<readonly KnownTool[]>;
  /** Absolute path of the workflow file; undefined without an open folder. */
  readonly workflowPath: () => string | undefined;
}

/**
 * Asks for a coding tool and writes its name into the workflow file as it stands in the editor, where it takes effect once the
 * person has saved it. @throws UserError.
 */
export async function chooseTool(deps: ToolChoiceDeps): Promise<void> {
  const picked = await vscode.window.showQuickPick(toolRows(await deps.tools(), vscode.l10n), {
    title: vscode.l10n.t("Which coding tool shall do the work of this folder?"),
    matchOnDescription: true,
  });
  if (picked === undefined) return;
  const path = deps.workflowPath();
  await createWorkflow(path);
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path ?? ""));
  const naming = namingOf(document.getText(), picked.provider);
  if (naming === undefined) {
    throw new UserError(
      vscode.l10n.t(
        "The file has a choice of its own, so nothing was changed. Set runtime.provider to {0} there.",
        picked.provider,
      ),
    );
  }
  const edit = new vscode.WorkspaceEdit();
  edit.insert(document.uri, new vscode.Position(naming.line, 0), naming.text);
  if (!(await vscode.workspace.applyEdit(edit))) {
    throw new UserError(vscode.l10n.t("The file could not be changed. Nothing was written."));
  }
  void messages.info(
    vscode.l10n.t(
      "{0} is written into the file, which is not saved yet. Save it, and allow what it asks for.",
      picked.label,
    ),
  );
}

/** After a worker was configured: where Codex is missing and another tool is there, that one may be chosen. */
export async function offerTools(deps: ToolChoiceDeps): Promise<void> {
  const tools = await deps.tools();
  if (!worthOffering(tools, await textOf(deps.workflowPath()))) return;
  const names = tools.filter(({ path }) => path !== undefined).map(({ title }) => title);
  const choose = vscode.l10n.t("Choose Coding Tool…");
  void messages
    .info(
      vscode.l10n.t("Codex is not on the PATH, but there is another coding tool: {0}.", names.join(", ")),
      choose,
    )
    .then((picked) =>
      picked === choose ? vscode.commands.executeCommand("oneHorizon.workflow.chooseTool") : undefined,
    );
}

async function textOf(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(vscode.Uri.file(path)));
  } catch {
    return undefined; // none: the defaults hold
  }
}
