import * as assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { waitUntil, type EditorUnderTest } from "../harness/harness.mjs";
import { pictureFailures, queue, untilInGroup } from "./kit";
import { picture, prepareForPictures } from "./pictures";
import { shareEditor } from "./sharedEditor";

const title = "Write a note to review";

describe("the review of a session's work", () => {
  let editor: EditorUnderTest;
  let branch: string;
  let worktree: string;
  let file: string;
  let home: string;
  pictureFailures(() => editor);

  // Before the editor is given back.
  after(async () => {
    await editor.git("checkout", "--quiet", home);
    await editor.window.runCommand("View: Close All Editors");
    await editor.window.openContainer("One Horizon");
  });
  shareEditor((lent) => (editor = lent));
  before(async () => {
    await prepareForPictures(editor);
    const earlier = await worktrees();
    home = await editor.git("symbolic-ref", "--short", "HEAD");
    await queue(editor.world.sandbox, title);
    await untilInGroup(editor.window, title, "Done");
    const made = (await worktrees()).find((one) => !earlier.some(({ path }) => path === one.path));
    assert.ok(made);
    ({ path: worktree, branch } = made);
    file = await editor.git("diff", "--name-only", `main..${branch}`);
  });
  it("shows all changes in one diff, and leaves the worktree out of Source Control", async () => {
    await editor.window.treeAction(title, "Show Session Changes");
    await untilEditorShows("A note from the sandbox");
    await picture(editor, "review-changes");
    assert.deepEqual(await inSourceControl(), []);
  });

  it("shows one file below the session's row, and what can be done with it", async () => {
    await editor.window.runCommand("View: Close All Editors");
    await showFileRow();
    await untilFileShownBy("Show Changes of a File");
    assert.deepEqual(await inSourceControl(), []);
  });

  it("has it back in its tab after the window is loaded anew", async () => {
    await editor.window.reload();
    await untilEditorShows("A note from the sandbox");
    await editor.window.openContainer("One Horizon");
    await untilInGroup(editor.window, title, "Done");
  });

  it("opens the file itself where a person asks for it", async () => {
    await editor.window.runCommand("View: Close All Editors");
    await showFileRow();
    await untilFileShownBy("Open File in Worktree");
    await editor.window.runCommand("View: Close All Editors");
  });

  it("copies a patch", async () => {
    await editor.window.treeMenu(title, "Copy Session Patch");
    await editor.window.answerNotification("is on the clipboard: 1 file");
  });

  it("reverts a file after asking once, and keeps what it held", async () => {
    const held = await readFile(join(worktree, file), "utf8");
    await showFileRow();
    await editor.window.treeMenu(basename(file), "Revert File");
    await editor.window.pick(`Revert ${file}`);
    const told = await editor.window.answerNotification("What it held is kept");
    assert.match(told, /not committed/);
    assert.equal(existsSync(join(worktree, file)), false);
    const backup = await editor.git("for-each-ref", "--format=%(refname)", "refs/one-horizon/backups");
    assert.equal(await editor.git("show", `${backup}:${file}`), held.trimEnd());
    await mkdir(dirname(join(worktree, file)), { recursive: true });
    await writeFile(join(worktree, file), held);
  });

  it("checks nothing out over changes that are not committed", async () => {
    const tracked = (await editor.git("ls-files")).split("\n")[0] ?? "";
    const place = join(editor.world.repository.folder, tracked);
    const before = await readFile(place, "utf8");
    await writeFile(place, `${before}mine\n`);
    await editor.window.treeMenu(title, "Check Out Session Branch Here");
    await editor.window.answerNotification("1 changed file that is not committed");
    assert.equal(await readFile(place, "utf8"), `${before}mine\n`);
    await writeFile(place, before);
  });

  it("shows the branch's commits here while its worktree has the branch", async () => {
    const ask = async (): Promise<void> => {
      await editor.window.treeMenu(title, "Check Out Session Branch Here");
      await waitUntil("the ways to have the branch", async () =>
        (await editor.window.quickPickRows()).some((row) => /Look.at.Its.Commits.Here/u.test(row)),
      );
    };
    await picture(editor, "review-check-out", ask);
    await ask();
    await editor.window.pick("Look at Its Commits Here");
    await editor.window.answerNotification(`The tip of ${branch} is checked out here`);
    assert.equal(await editor.git("rev-parse", "HEAD"), await editor.git("rev-parse", branch));
    assert.ok(existsSync(worktree));
    await editor.git("checkout", "--quiet", home);
  });

  it("has the branch here once its worktree is gone, with a snapshot of what it held", async () => {
    await writeFile(join(worktree, "unsaved.txt"), "unsaved\n");
    await editor.window.treeMenu(title, "Check Out Session Branch Here");
    await editor.window.pick("Remove the Worktree and Check Out the Branch");
    const told = await editor.window.answerNotification("and its worktree was removed");
    assert.equal(await editor.git("symbolic-ref", "--short", "HEAD"), branch);
    assert.equal(existsSync(worktree), false);
    const ref = /refs\/one-horizon\/snapshots\/\S+[^.\s]/u.exec(told)?.[0] ?? "";
    assert.equal(await editor.git("show", `${ref}:unsaved.txt`), "unsaved");
  });

  async function worktrees(): Promise<readonly { path: string; branch: string }[]> {
    const listed = await editor.git("worktree", "list", "--porcelain");
    return [...listed.matchAll(/^worktree (.+)\nHEAD .+\nbranch refs\/heads\/(.+)$/gm)].map((match) => ({
      path: match[1] ?? "",
      branch: match[2] ?? "",
    }));
  }

  async function untilEditorShows(text: string): Promise<void> {
    await waitUntil(`an editor that shows ${text}`, async () =>
      (await editor.window.editorText()).includes(text),
    );
  }

  /** Chooses the entry again as long as nothing came of it: a menu closes by itself when the tree is drawn anew. */
  async function untilFileShownBy(entry: string): Promise<void> {
    await waitUntil(`an editor that “${entry}” opened`, async () => {
      if ((await editor.window.editorText()).includes("A note from the sandbox")) return true;
      await editor.window.treeMenu(basename(file), entry);
      return false;
    });
  }

  /** Unfolds what lies between the session's row and its file. */
  async function showFileRow(): Promise<void> {
    await waitUntil("the row of the changed file", async () => {
      const rows = await editor.window.treeRows();
      const folded = ["Done", title, "Files changed"].find((name) =>
        rows.some((row) => row.label === name && row.expanded === "false"),
      );
      if (folded !== undefined) await editor.window.expandRow(folded);
      return rows.some((row) => row.label === basename(file));
    });
  }

  /** Rows of Source Control that are about the session's worktree. */
  async function inSourceControl(): Promise<readonly string[]> {
    await editor.window.openContainer("Source Control");
    const rows = await waitUntil("Source Control with the repository", async () => {
      const texts = (await editor.window.treeRows()).map((row) => `${row.text} ${row.spoken}`);
      return texts.length > 0 ? texts : undefined;
    });
    await editor.window.openContainer("One Horizon");
    return rows.filter((text) => text.includes(basename(worktree)));
  }
});
