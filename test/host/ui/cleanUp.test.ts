import * as assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitUntil, type EditorUnderTest } from "../harness/harness.mjs";
import {
  chooseScript,
  isUnderWay,
  openGate,
  pictureFailures,
  queue,
  untilInGroup,
  untilSame,
  untilSession,
} from "./kit";
import { shareEditor } from "./sharedEditor";

const done = "Leave a worktree behind";
const running = "Take your time";

describe("cleaning up worktrees", () => {
  let editor: EditorUnderTest;
  let worktree: string;
  pictureFailures(() => editor);

  shareEditor((lent) => (editor = lent), { unused: "online" });

  /** Path of the worktree whose branch ends so. */
  async function worktreePaths(): Promise<string[]> {
    const listed = await editor.git("worktree", "list", "--porcelain");
    return [...listed.matchAll(/^worktree (.+)$/gm)].map((match) => match[1] ?? "").slice(1);
  }

  it("says so where there is none", async () => {
    await editor.window.runCommandId("oneHorizon.worktrees.cleanUp");
    await editor.window.answerNotification("No worktrees to clean up.");
  });

  it("lists the worktree of each session, and ticks nothing that holds unsaved work", async () => {
    const { sandbox } = editor.world;
    await queue(sandbox, done);
    await untilInGroup(editor.window, done, "Done");
    [worktree = ""] = await worktreePaths();
    await writeFile(join(worktree, "by hand.txt"), "written by hand\n");
    await chooseScript(sandbox, "slow");
    const slow = await queue(sandbox, running);
    await untilSession(sandbox, slow, "is under way", isUnderWay);
    await editor.window.runCommandId("oneHorizon.worktrees.cleanUp");
    const wanted = [`${done}.*1 new file · 1 unpushed commit`, `${running}.*session not finished, stays`];
    await untilSame(
      "both rows, none ticked",
      async () =>
        (await editor.window.pickBoxes()).map(({ text, ticked }, at) =>
          new RegExp(wanted[at] ?? "none").test(text) && !ticked ? wanted[at] : text,
        ),
      wanted,
    );
  });

  it("does not let a running session's worktree be chosen", async () => {
    await editor.window.pick(done);
    await editor.window.pick(running);
    await waitUntil("only the finished one is ticked", async () => {
      const boxes = await editor.window.pickBoxes();
      return boxes.length === 2 && boxes[0]?.ticked === true && !boxes[1]?.ticked;
    });
  });

  it("removes the chosen one after a snapshot, and offers the way back", async () => {
    await editor.window.acceptPicks();
    await editor.window.pick("Remove 1 worktree");
    const told = await editor.window.answerNotification("Removed 1 worktree", "Copy Restore Command");
    assert.equal(existsSync(worktree), false);
    const ref = /refs\/one-horizon\/snapshots\/\S+[^.]/.exec(told)?.[0] ?? "";
    assert.equal(await editor.git("show", `${ref}:by hand.txt`), "written by hand");
    const [left, ...more] = await worktreePaths();
    assert.deepEqual(more, []);
    assert.ok(left !== undefined && existsSync(left));
    await openGate(editor.world.sandbox);
    await untilInGroup(editor.window, running, "Done");
  });
});
