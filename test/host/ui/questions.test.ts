import * as assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitUntil, type Dashboard, type EditorUnderTest, type SandboxSession } from "../harness/harness.mjs";
import {
  assertWholeReport,
  chooseScript,
  pictureFailures,
  queue,
  sessionOf,
  untilInGroup,
  untilRow,
  untilSession,
  untilStatusBar,
} from "./kit";
import { picture, pictureOfDashboard, prepareForPictures } from "./pictures";
import { shareEditor } from "./sharedEditor";

const tone = "Which tone should the note have?";

describe("a session that asks", () => {
  let editor: EditorUnderTest;
  let workflow: string;
  let original: string;
  pictureFailures(() => editor);

  // First, since the editor is closed behind it where something failed.
  after(async () => {
    await writeFile(workflow, original);
    await chooseScript(editor.world.sandbox, "default");
  });
  shareEditor((lent) => (editor = lent));
  before(async () => {
    await prepareForPictures(editor);
    workflow = join(editor.world.repository.folder, "WORKFLOW.md");
    original = await readFile(workflow, "utf8");
    await writeFile(workflow, original.replace("---\n", "---\nruntime:\n  approvals: on-request\n"));
  });

  describe("from its claim to the comment on its task", () => {
    const title = "Look back and draw the chart";
    let dashboard: Dashboard;
    let sessionId: string;
    before(async () => {
      dashboard = await editor.openDashboard();
    });
    after(() => dashboard.page.close());

    it("waits for an approval below its row, and goes on once it is given there", async () => {
      const { sandbox } = editor.world;
      await chooseScript(sandbox, "story");
      await sandbox.dashboard("POST", "sessions", { title, prompt: "Draw it.", task: { title } });
      await untilInGroup(editor.window, title, "Needs you");
      const session = (await sandbox.state()).sessions.find((one) => one.title === title);
      sessionId = session?.sessionId ?? "";
      await untilAsked();
      const row = await editor.window.waitForTreeRow(
        "the command that asks",
        (one) => one.label.startsWith("$ git log") && one.description === "asks for approval",
      );
      await untilStatusBar(editor.window, /^1$/);
      await editor.window.answerNotification("May I read the last commit outside the sandbox?");
      await dashboard.page.waitForSelector(".session.awaiting_input");
      await picture(editor, "approval");
      await pictureOfDashboard(dashboard, "dashboard-approval");
      // From the palette nobody has the command before their eyes.
      const approve = async (): Promise<void> => {
        await editor.window.runCommandId("oneHorizon.session.approve");
        await waitUntil("the approval is asked once more", async () =>
          (await editor.window.quickPickRows()).includes("Not now"),
        );
      };
      await picture(editor, "approve-unseen", approve);
      await approve();
      await editor.window.pick("Not now");
      await untilAsked();
      await editor.window.treeAction(row.label, "Approve");
    });

    it("waits for the answer to a question, and takes it from the platform", async () => {
      await untilRow(editor.window, tone, { description: /^asks$/u });
      const { inputRequest } = await untilAsked(tone);
      assert.equal(inputRequest, `${tone}\n- Plain\n- Friendly`);
      await picture(editor, "question");
      await pictureOfDashboard(dashboard, "dashboard-question");
      await dashboard.page.fill(".question input", "Friendly");
      await dashboard.page.click(".question button");
    });

    it("leaves its files below its row and in one comment on its task", async () => {
      const { sandbox } = editor.world;
      const done = await untilSession(sandbox, sessionId, "is complete", (one) => one.status === "complete");
      assertWholeReport(done);
      assertTold(done, "policy", "Approved in the editor: to run `");
      assertTold(done, "progress", `Answered on One Horizon: ${tone}\nFriendly`);
      const { comments, files } = await sandbox.state();
      const names = comments.flatMap((comment) =>
        comment.taskId === done.taskId
          ? [comment.fileIds.map((id) => files.find((file) => file.fileId === id)?.name)]
          : [],
      );
      assert.deepEqual(names, [["chart.png", "report.md"]]);
      await untilInGroup(editor.window, title, "Done");
      await waitUntil("the rows of the files", async () => {
        const rows = await editor.window.treeRows();
        const folded = [title, "Artifacts"].find((name) =>
          rows.some((row) => row.label === name && row.expanded === "false"),
        );
        if (folded !== undefined) await editor.window.expandRow(folded);
        return rows.some((row) => row.label === "report.md");
      });
      await dashboard.page.waitForSelector(".comment button");
      await picture(editor, "artifacts");
      await pictureOfDashboard(dashboard, "dashboard-comment");
    });

    it("opens its worktree in a window of its own", async () => {
      const { worktreePath } = (await sessionOf(editor.world.sandbox, sessionId)).metadata;
      const opened = await editor.windowOpenedBy(() =>
        editor.window.treeAction(title, "Open Session Worktree"),
      );
      assert.equal(opened.folder(), worktreePath);
      await opened.waitForTreeRow("the folder that the session made", (row) => row.label === "notes");
      await opened.leave();
      await opened.close();
    });

    /** The platform shows what is asked. */
    async function untilAsked(request = ""): Promise<{ readonly inputRequest: string | null }> {
      return untilSession(
        editor.world.sandbox,
        sessionId,
        "awaits input",
        (one) => one.status === "awaiting_input" && (one.inputRequest ?? "").includes(request),
      );
    }
  });

  it("asks from its notification, and again from its row where nobody answered", async () => {
    const { sandbox } = editor.world;
    await chooseScript(sandbox, "question");
    const sessionId = await queue(sandbox, "Ask for the tone");
    await editor.window.answerNotification(tone, "Answer…");
    await untilOptions();
    await editor.window.press("Escape");
    // Once more where the click is lost: the row may be drawn anew meanwhile.
    const open = async (): Promise<void> => {
      await waitUntil("the row leads to the options", async () => {
        await editor.window.clickRow(tone);
        return untilOptions(10_000).then(
          () => true,
          () => false,
        );
      });
    };
    await picture(editor, "answer", open);
    await open();
    await editor.window.pick("Friendly");
    const done = await untilSession(sandbox, sessionId, "is complete", (one) => one.status === "complete");
    assertWholeReport(done);
    assertTold(done, "progress", `Answered in the editor: ${tone}\nFriendly`);
  });

  it("takes a person's own words as input", async () => {
    const { sandbox } = editor.world;
    const title = "Ask once more";
    const sessionId = await queue(sandbox, title);
    await untilInGroup(editor.window, title, "Needs you");
    const resume = () => editor.window.treeMenu(title, "Resume Session with Input…");
    await picture(editor, "resume", resume);
    await resume();
    await editor.window.answerInput("Like a letter", title);
    const done = await untilSession(sandbox, sessionId, "is complete", (one) => one.status === "complete");
    assertWholeReport(done);
    assertTold(done, "progress", `Answered in the editor: ${tone}\nLike a letter`);
  });

  async function untilOptions(timeoutMs?: number): Promise<void> {
    const probe = async (): Promise<boolean> => (await editor.window.quickPickRows()).includes("Friendly");
    await waitUntil("the options", probe, timeoutMs);
  }

  /** Reports of one second are told together, so the words may be anywhere in one. */
  function assertTold({ activities }: SandboxSession, type: string, words: string): void {
    const told = activities.flatMap((one) => (one.type === type ? [one.message] : []));
    assert.ok(
      told.some((one) => one.includes(words)),
      `“${words}” in: ${told.join(" | ")}`,
    );
  }
});
