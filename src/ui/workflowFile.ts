import * as vscode from "vscode";
import { UserError } from "../core/actions";
import { starterWorkflow } from "./starterWorkflow";

/** Opens the workflow file. @throws UserError when there is none. */
export async function openWorkflow(path: string | undefined): Promise<void> {
  const uri = workflowUri(path);
  if (!(await exists(uri))) {
    throw new UserError(
      vscode.l10n.t("This folder has no {0}; the defaults hold. Create WORKFLOW.md makes one.", nameOf(uri)),
    );
  }
  await vscode.window.showTextDocument(uri);
}

/** Makes a starter file with every default as a comment, and opens it. An existing file is opened as it is. */
export async function createWorkflow(path: string | undefined): Promise<void> {
  const uri = workflowUri(path);
  if (!(await exists(uri))) {
    const edit = new vscode.WorkspaceEdit();
    // Neither flag lets an existing file be touched, even one that came into being since the look above.
    edit.createFile(uri, {
      overwrite: false,
      ignoreIfExists: false,
      contents: new TextEncoder().encode(starterWorkflow),
    });
    if (!(await vscode.workspace.applyEdit(edit))) {
      throw new UserError(vscode.l10n.t("{0} could not be created. Nothing was changed.", nameOf(uri)));
    }
  }
  await vscode.window.showTextDocument(uri);
}

function workflowUri(path: string | undefined): vscode.Uri {
  if (path === undefined) {
    throw new UserError(vscode.l10n.t("Open a folder first; WORKFLOW.md belongs to it."));
  }
  return vscode.Uri.file(path);
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch (error) {
    if (error instanceof vscode.FileSystemError && error.code === "FileNotFound") return false;
    throw error;
  }
}

function nameOf(uri: vscode.Uri): string {
  return uri.path.split("/").at(-1) ?? uri.path;
}
