import * as assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitUntil, type EditorUnderTest, type PanelPage } from "../harness/harness.mjs";
import {
  assertWholeReport,
  chooseScript,
  openPanel,
  pictureFailures,
  queue,
  signIn,
  untilInGroup,
  untilSession,
  untilStatusBar,
} from "./kit";
import { picture, prepareForPictures } from "./pictures";
import { shareEditor } from "./sharedEditor";

const tone = "Which tone should the note have?";

describe("a session's panel", () => {
  let editor: EditorUnderTest;
  let panel: PanelPage;
  let workflow: string;
  let original: string;
  pictureFailures(() => editor);

  // First, since the editor is closed behind it where something failed.
  after(async () => {
    await writeFile(workflow, original);
    await chooseScript(editor.world.sandbox, "default");
    await editor.window.runCommand("View: Close All Editors");
  });
  shareEditor((lent) => (editor = lent));
  before(async () => {
    panel = editor.window.panel;
    await prepareForPictures(editor);
    workflow = join(editor.world.repository.folder, "WORKFLOW.md");
    original = await readFile(workflow, "utf8");
    await writeFile(workflow, original.replace("---\n", "---\nruntime:\n  approvals: on-request\n"));
  });

  describe("of a session that runs", () => {
    const title = "Keep [order](command:x) of $(error) columns";
    let sessionId: string;

    it("opens from its row, and shows what happens as it happens", async () => {
      const { sandbox } = editor.world;
      await chooseScript(sandbox, "slow");
      sessionId = await queue(sandbox, title);
      await untilInGroup(editor.window, title, "Running");
      await openPanel(editor.window, title);
      const told = [
        title,
        "this window",
        "one-horizon/",
        "Look around",
        "I am the sandbox's scripted model.",
        "git status --short --branch",
        "sleep 1",
      ];
      await panel.waitForText("all that happened", (text) => told.every((one) => text.includes(one)));
      await panel.waitForText("a lease", (one) => /\d+m left/.test(one));
      await picture(editor, "panel-running");
    });

    it("is fit for everybody", async () => {
      assert.deepEqual(await panel.axe(), []);
    });

    it("is used by the keyboard alone, down to the end of the session", async () => {
      await untilFocused("More actions");
      await editor.window.press("Enter");
      await untilFocused("Stop and Mark Failed…", "ArrowDown");
      await editor.window.press("Enter");
      await editor.window.answerInput("The columns are in order already.", title);
      const { sandbox } = editor.world;
      await untilSession(sandbox, sessionId, "has failed", (one) => one.status === "error");
      await panel.waitForText(
        "why",
        (text) => text.includes("failed") && text.includes("The columns are in order already."),
      );
      await picture(editor, "panel-failed");
      assert.deepEqual(await panel.axe(), []);
    });
  });

  describe("of a session that asks", () => {
    const title = `Look back from the panel, ${"say what there is to say, ".repeat(2)}and no more`;
    let sessionId: string;

    it("opens from the palette, and approves the very command that it shows", async () => {
      const { sandbox } = editor.world;
      await chooseScript(sandbox, "story");
      sessionId = await queue(sandbox, title);
      await untilInGroup(editor.window, title, "Needs you");
      await editor.window.runCommandId("oneHorizon.session.show");
      await editor.window.pick(title);
      const asked = ["Run this command?", "git log -1 --format=%s", "May I read the last commit"];
      await panel.waitForText("the question", (text) => asked.every((one) => text.includes(one)));
      await picture(editor, "panel-approval");
      assert.deepEqual(await panel.axe(), []);
      await editor.window.clearNotifications(); // they may lie over it
      await panel.press("Approve");
    });

    it("sends words that answer its question", async () => {
      await panel.waitForText("the question", (text) => text.includes(tone) && text.includes("Friendly"));
      await picture(editor, "panel-question");
      assert.deepEqual(await panel.axe(), []);
      await panel.write("Like a letter");
      await editor.window.press("Control+Enter");
      const { sandbox } = editor.world;
      const done = await untilSession(sandbox, sessionId, "is complete", (one) => one.status === "complete");
      assertWholeReport(done);
      const told = done.activities.map((one) => one.message).join("\n");
      assert.ok(told.includes("Approved in the editor: to run `"), told);
      assert.ok(told.includes(`Answered in the editor: ${tone}\nLike a letter`), told);
      await panel.waitForText(
        "its end",
        (text) => text.includes("complete") && text.includes("Show Changes"),
      );
      await picture(editor, "panel-complete");
      assert.deepEqual(await panel.axe(), []);
    });

    it("opens the diff of a file that it changed", async () => {
      await panel.press("Show Changes");
      await waitUntil("the changes", async () =>
        (await editor.window.editorText()).includes("A note from the sandbox"),
      );
      await editor.window.runCommand("View: Close Editor");
      await panel.waitForText("itself again", (text) => text.includes(title));
    });

    it("opens a file that it changed by a click on its name", async () => {
      const name = await waitUntil("the file among what happened", async () => {
        const names = (await panel.buttons()).map((one) => one.replaceAll(/\s/gu, ""));
        return names.find((one) => one.endsWith(".md"));
      });
      await panel.press(`${name}, added`);
      await waitUntil("the file", async () =>
        (await editor.window.editorText()).includes("A note from the sandbox"),
      );
      await editor.window.runCommand("View: Close Editor");
      await panel.waitForText("itself again", (text) => text.includes(title));
    });

    it("is back with its timeline after the window is loaded anew", async () => {
      await editor.window.reload();
      const told = [title, "complete", "I am the sandbox's scripted model.", "cat ", tone];
      await panel.waitForText("all that happened", (text) => told.every((one) => text.includes(one)));
    });

    it("says so when the session is not known any more, and shows it again when it is", async () => {
      await editor.window.runCommandId("oneHorizon.auth.signOut");
      await untilStatusBar(editor.window, /sign in/);
      await editor.window.reload();
      await panel.waitForText("what to do", (text) => text.includes("Sign in to see how it stands."));
      assert.deepEqual(await panel.axe(), []);
      await picture(editor, "panel-gone");
      await signIn(editor);
      await untilStatusBar(editor.window, /^0\/\d$/);
      await panel.waitForText(
        "the session",
        (text) => text.includes("complete") && text.includes("Show Changes"),
      );
    });
  });

  /** Goes on with a key until the keyboard is in the element of this name. */
  async function untilFocused(name: string, key = "Tab"): Promise<void> {
    const passed: (string | undefined)[] = [];
    await waitUntil(`the keyboard in “${name}”`, async () => {
      const focused = await panel.focused();
      if (focused === name) return true;
      passed.push(focused);
      await editor.window.press(key);
      return false;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}; it was in: ${passed.join(", ")}`, { cause: error });
    });
  }
});
