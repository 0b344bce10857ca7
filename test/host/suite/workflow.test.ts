import * as assert from "node:assert/strict";
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as vscode from "vscode";
import { hostContext } from "./context";

const broken = "---\nclaim:\n  leaseSeconds: soon\nfuture: 1\n---\nBe kind.\n";
const fine = "---\nclaim:\n  leaseSeconds: 60\n---\nBe kind.\n";

describe("WORKFLOW.md in the editor", () => {
  const { folder } = hostContext();
  const path = join(folder, "WORKFLOW.md");
  const uri = vscode.Uri.file(path);
  const other = join(folder, "workflow-docs");

  before(async () => {
    await vscode.extensions.getExtension("one-horizon.one-horizon-worker")?.activate();
    await place(fine);
  });
  afterEach(async () => {
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    await untilMarked(() => marks().length === 0);
  });
  after(async () => {
    await rm(path, { force: true });
    await rm(other, { recursive: true, force: true });
  });

  const marks = (): readonly string[] =>
    vscode.languages
      .getDiagnostics(uri)
      .map(({ severity, range, message }) =>
        [vscode.DiagnosticSeverity[severity], `${range.start.line}:${range.start.character}`, message].join(
          " ",
        ),
      );
  const place = async (text: string): Promise<void> => {
    // As other programs write: a new file in the old one's place.
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path);
  };
  const type = async ({ document }: vscode.TextEditor, text: string): Promise<void> => {
    const edit = new vscode.WorkspaceEdit();
    const end = document.lineAt(document.lineCount - 1).range.end;
    edit.replace(uri, new vscode.Range(new vscode.Position(0, 0), end), text);
    assert.ok(await vscode.workspace.applyEdit(edit));
  };
  /** The text is written in the editor, which may still have an earlier one of the file. */
  const open = async (text: string): Promise<vscode.TextEditor> => {
    const editor = await vscode.window.showTextDocument(uri);
    await type(editor, text);
    return editor;
  };

  it("has a squiggle under a wrong value and a warning under an unknown key, until it is mended", async () => {
    const editor = await open(broken);
    await untilMarked(() => marks().length === 2);
    assert.match(marks()[0] ?? "", /^Error 2:16 claim\.leaseSeconds must be .*\. Without this key: 900\.$/);
    assert.match(marks()[1] ?? "", /^Warning 3:0 future is not a key/);
    await type(editor, fine);
    await untilMarked(() => marks().length === 0);
  });

  it("is checked while it is typed, and clean again once it is closed", async () => {
    const editor = await open(broken);
    await untilMarked(() => marks().length === 2);
    await type(editor, "---\nruntime:\n  sandbox: none\n---\n");
    await untilMarked(() => marks().length === 1);
    assert.match(marks()[0] ?? "", /^Error 2:11 runtime\.sandbox must be "read-only"/);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    await untilMarked(() => marks().length === 0);
  });

  it("completes keys and values, in its front matter only", async () => {
    await open("---\nclaim:\n  \nruntime:\n  sandbox: \n---\n\n");
    assert.deepEqual(await offered(uri, 2, 2), ["leaseSeconds"]);
    assert.deepEqual(await offered(uri, 4, 11), ["read-only", "workspace-write", "danger-full-access"]);
    assert.deepEqual(await offered(uri, 6, 0), []);
  });

  it("says on hover what a key takes, what holds without it and when it needs consent", async () => {
    await open("---\nruntime:\n  sandbox: read-only\n---\nruntime\n");
    const text = await hovered(uri, 2, 4);
    for (const part of ["runtime.sandbox", "Takes", "workspace-write", "Consent"]) {
      assert.ok(text.includes(part), `${part} in ${text}`);
    }
    assert.equal(await hovered(uri, 4, 2), "");
  });

  it("leaves other Markdown files alone", async () => {
    await mkdir(other);
    const file = join(other, "WORKFLOW.md");
    await writeFile(file, broken);
    const elsewhere = vscode.Uri.file(file);
    await vscode.window.showTextDocument(elsewhere);
    assert.deepEqual(await offered(elsewhere, 2, 2), []);
    assert.equal(await hovered(elsewhere, 1, 2), "");
    assert.deepEqual(vscode.languages.getDiagnostics(elsewhere), []);
  });

  it("is read again when another program replaces it, and has no squiggles once it is removed", async () => {
    const { document } = await open(`${fine}More.\n`);
    assert.ok(await document.save());
    await place(broken);
    await untilMarked(() => marks().length === 2);
    await rm(path);
    await untilMarked(() => marks().length === 0);
  });

  it("says why it is not read where it leads out of the folder", async () => {
    const outside = join(hostContext().home, "outside.md");
    await writeFile(outside, fine);
    await place(fine);
    await vscode.window.showTextDocument(uri);
    await rm(path);
    await symlink(outside, path);
    await untilMarked(() => /^Error 0:0 .* leads out of the opened folder/.test(marks().join()));
    await rm(path);
  });
});

/** Waits for what only this event of the editor can bring about. */
async function until<T>(event: vscode.Event<T>, holds: () => boolean): Promise<void> {
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (!holds()) return;
      listening.dispose();
      resolve();
    };
    const listening = event(look);
    look();
  });
}

async function untilMarked(holds: () => boolean): Promise<void> {
  await until(vscode.languages.onDidChangeDiagnostics, holds);
}

/** What we offer there; words of the text, which the editor offers by itself, are left out. */
async function offered(uri: vscode.Uri, line: number, character: number): Promise<readonly string[]> {
  const list = await vscode.commands.executeCommand<vscode.CompletionList>(
    "vscode.executeCompletionItemProvider",
    uri,
    new vscode.Position(line, character),
  );
  const ours = list.items.filter(({ kind }) => kind !== vscode.CompletionItemKind.Text && kind !== undefined);
  return ours
    .filter(({ documentation }) => documentation instanceof vscode.MarkdownString)
    .sort((a, b) => ((a.sortText ?? "") < (b.sortText ?? "") ? -1 : 1))
    .map(({ label }) => (typeof label === "string" ? label : label.label));
}

async function hovered(uri: vscode.Uri, line: number, character: number): Promise<string> {
  const hovers = await vscode.commands.executeCommand<readonly vscode.Hover[]>(
    "vscode.executeHoverProvider",
    uri,
    new vscode.Position(line, character),
  );
  const texts = hovers.flatMap(({ contents }) =>
    contents.map((one) => (one instanceof vscode.MarkdownString ? one.value : "")),
  );
  // Markdown escapes the marks of punctuation.
  return texts.join("\n").replaceAll("\\", "");
}
