import * as assert from "node:assert/strict";
import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitUntil, type EditorUnderTest } from "../harness/harness.mjs";
import { pictureFailures, untilStatusBar } from "./kit";
import { picture } from "./pictures";
import { shareEditor } from "./sharedEditor";

describe("choosing a coding tool", () => {
  let editor: EditorUnderTest;
  let program: string;
  let started: string;
  let workflow: string;
  let original: string;
  pictureFailures(() => editor);

  // First, since the editor is closed behind it where something failed.
  after(async () => {
    await writeFile(workflow, original);
    await rm(program);
    await editor.window.runCommand("File: Revert File");
    await editor.window.runCommand("View: Close All Editors");
  });
  shareEditor((lent) => (editor = lent), { userSettings: { "files.autoSave": "off" } });
  before(async () => {
    const { folders, repository } = editor.world;
    workflow = join(repository.folder, "WORKFLOW.md");
    original = await readFile(workflow, "utf8");
    program = join(folders.bin, "opencode");
    started = join(folders.work, "opencode-was-started");
    await writeFile(program, `#!/bin/sh\ntouch '${started}'\n`);
    await chmod(program, 0o755);
  });

  it("shows first what is there, and how to get what is not", async () => {
    await editor.window.runCommandId("oneHorizon.workflow.chooseTool");
    const rows = await waitUntil("the coding tools", async () => {
      const pick = await editor.window.quickPick();
      return pick.title.includes("Which coding tool") && pick.rows.length > 3 ? pick.rows : undefined;
    });
    assert.deepEqual(rows.slice(0, 2).toSorted(), ["Codex", "OpenCode"]);
    assert.ok(rows.includes("Gemini CLI") && rows.includes("Claude Code"), rows.join());
    await picture(editor, "choose-tool");
  });

  it("writes the chosen one into the file for the person to save, and starts nothing", async () => {
    await editor.window.pick("OpenCode");
    await editor.window.answerNotification("OpenCode is written into the file, which is not saved yet.");
    await waitUntil("it stands in the file", async () =>
      (await editor.window.editorText()).includes("provider: opencode"),
    );
    assert.equal(await readFile(workflow, "utf8"), original);
  });

  it("asks for consent once it is saved, with the sandbox that the tool has not", async () => {
    await editor.window.runCommand("File: Save");
    await waitUntil("it is saved", async () =>
      (await readFile(workflow, "utf8")).includes("runtime:\n  provider: opencode\n"),
    );
    const question = await editor.window.answerNotification("goes beyond the defaults", "Not now");
    assert.match(question, /opencode/);
    await assert.rejects(readFile(started), { code: "ENOENT" });
    await writeFile(workflow, original);
    await untilStatusBar(editor.window, /^0\/\d$/);
  });
});
