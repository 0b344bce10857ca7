import * as assert from "node:assert/strict";
import * as vscode from "vscode";
import { hostContext } from "./context";

const id = "one-horizon.one-horizon-worker";

function declaredCommands(manifest: unknown): string[] {
  const { contributes } = manifest as { contributes?: { commands?: { command: string }[] } };
  return (contributes?.commands ?? []).map((one) => one.command);
}

describe("extension", () => {
  it("is present", () => {
    assert.ok(vscode.extensions.getExtension(id));
  });

  it("sees the folder that the run prepared", () => {
    assert.deepEqual(
      vscode.workspace.workspaceFolders?.map((one) => one.uri.fsPath),
      [hostContext().folder],
    );
  });

  it("activates", async () => {
    const extension = vscode.extensions.getExtension(id);
    await extension?.activate();
    assert.equal(extension?.isActive, true);
  });

  it("registers every command that its manifest declares", async () => {
    const declared = declaredCommands(vscode.extensions.getExtension(id)?.packageJSON);
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.ok(declared.length > 0);
    assert.deepEqual(
      declared.filter((one) => !registered.has(one)),
      [],
    );
  });
});
