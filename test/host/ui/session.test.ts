import * as assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { waitUntil, type EditorUnderTest } from "../harness/harness.mjs";
import {
  assertWholeReport,
  chooseScript,
  openGate,
  pictureFailures,
  queue,
  sessionOf,
  untilInGroup,
  untilPolled,
  untilSession,
  untilStatusBar,
} from "./kit";
import { shareEditor } from "./sharedEditor";

const title = "Note the greeting";

/** All that must not move in the main checkout. */
async function checkout(editor: EditorUnderTest): Promise<Record<string, string>> {
  return {
    branch: await editor.git("symbolic-ref", "HEAD"),
    head: await editor.git("rev-parse", "HEAD"),
    index: await editor.git("ls-files", "--stage"),
    status: await editor.git("status", "--porcelain", "--untracked-files=all", "--ignored"),
    stash: await editor.git("stash", "list"),
  };
}

describe("a session", () => {
  let editor: EditorUnderTest;
  let sessionId: string;
  let branch: string;
  let untouched: Record<string, string>;
  let earlier: readonly string[];
  pictureFailures(() => editor);

  // Claimed by hand, so that the waiting row can be looked at.
  shareEditor((lent) => (editor = lent), { userSettings: { "oneHorizon.worker.autoClaim": false } });
  before(async () => {
    untouched = await checkout(editor);
    earlier = await branches();
  });

  it("waits under Queued where claiming is left to the person", async () => {
    const { sandbox } = editor.world;
    sessionId = await queue(sandbox, title);
    await untilInGroup(editor.window, title, "Queued");
    await untilPolled(sandbox, 2);
    assert.equal((await sessionOf(sandbox, sessionId)).claims.length, 0);
    await untilStatusBar(editor.window, /^0\/\d$/);
  });

  it("moves to Running with its plan's steps below it", async () => {
    await chooseScript(editor.world.sandbox, "slow"); // so that there is time to look
    await editor.window.treeAction(title, "Claim Session");
    await untilInGroup(editor.window, title, "Running");
    await editor.window.expandRow(title);
    const steps = ["Look around", "Write the note", "Check the result"];
    await waitUntil("the plan's steps are drawn", async () => {
      const labels = (await editor.window.treeRows()).map((row) => row.label);
      return steps.every((step) => labels.includes(step));
    });
    await untilStatusBar(editor.window, /^1\/\d$/);
  });

  it("ends under Done, and complete on the platform", async () => {
    const { sandbox, folders } = editor.world;
    await openGate(sandbox);
    const done = await untilSession(sandbox, sessionId, "is complete", (one) => one.status === "complete");
    await untilInGroup(editor.window, title, "Done");
    await untilStatusBar(editor.window, /^0\/\d$/);
    assertWholeReport(done);
    assert.equal(done.claims.length, 1);
    assert.match(done.plan ?? "", /Check the result/);
    assert.ok((done.summary ?? "") !== "");
    const { metadata, usage } = done;
    assert.match(metadata.providerThreadId ?? "", /^[\w-]{8,}$/);
    assert.match(metadata.providerTurnId ?? "", /^[\w-]+$/);
    assert.match(metadata.providerProcessId ?? "", /^\d+$/);
    assert.equal(metadata.model, "gpt-5.5");
    assert.equal(metadata.modelProvider, "scripted");
    assert.ok(metadata.worktreePath?.startsWith(`${folders.home}/.one/worktrees/`), metadata.worktreePath);
    assert.ok(existsSync(metadata.worktreePath ?? ""));
    assert.ok((usage.totalTokens ?? 0) > 0);
    assert.ok((usage.contextWindow ?? 0) > 0);
  });

  it("leaves one commit on a branch of its own and the main checkout as it was", async () => {
    const [found = "", ...more] = (await branches()).filter((one) => !earlier.includes(one));
    assert.deepEqual(more, []);
    assert.match(found, /^one-horizon\/[\w-]+$/);
    branch = found;
    assert.match(await editor.git("log", "--format=%s%n%b", `main..${branch}`), new RegExp(title));
    assert.equal(await editor.git("rev-list", "--count", `main..${branch}`), "1");
    assert.equal(
      await editor.git("diff", "--name-only", "--diff-filter=A", `main..${branch}`),
      await added(),
    );
    assert.deepEqual(await checkout(editor), untouched);
  });

  it("shows its changes in the editor's diff", async () => {
    await editor.window.treeAction(title, "Show Session Changes");
    const file = basename(await added());
    await waitUntil("an editor that shows the session's changes", async () => {
      const text = await editor.window.editorText();
      return text.includes(file) && text.includes("A note from the sandbox");
    });
  });

  it("is pushed by Publish Branch and not before", async () => {
    const { origin } = editor.world.repository;
    const pushed = (): Promise<string> => editor.git("ls-remote", "--heads", origin, branch);
    assert.equal(await pushed(), "");
    await editor.window.treeMenu(title, "Publish Session Branch");
    await editor.window.answerNotification(`${branch} is on origin now`);
    assert.equal((await pushed()).split(/\s/)[0], await editor.git("rev-parse", branch));
    assert.deepEqual(await checkout(editor), untouched);
  });

  it("stays under Done over a reload", async () => {
    await editor.window.reload();
    await editor.window.openContainer("One Horizon");
    await untilInGroup(editor.window, title, "Done");
    assert.equal((await sessionOf(editor.world.sandbox, sessionId)).claims.length, 1);
  });

  describe("whose model leaves files for people", () => {
    const left = "Draw the chart";

    it("puts them into one comment on its task", async () => {
      const { sandbox } = editor.world;
      await chooseScript(sandbox, "artifacts");
      await sandbox.dashboard("POST", "sessions", { title: left, prompt: "Draw it.", task: { title: left } });
      await untilInGroup(editor.window, left, "Queued");
      await editor.window.treeAction(left, "Claim Session");
      await untilInGroup(editor.window, left, "Done");
      const { files, comments, sessions } = await sandbox.state();
      assert.deepEqual(
        files.map((one) => [one.name, one.contentType]),
        [
          ["chart.png", "image/png"],
          ["report.md", "text/markdown"],
        ],
      );
      assert.deepEqual(
        comments.map((one) => one.fileIds),
        [files.map((one) => one.fileId)],
      );
      const session = sessions.find((one) => one.title === left);
      assert.ok(session);
      assertWholeReport(session);
      const policies = session.activities.filter((one) => one.type === "policy");
      assert.match(policies.map((one) => one.message).join(), /chart\.png/);
    });

    it("shows them below its row, and opens them", async () => {
      await showArtifacts();
      await openArtifact("chart.png", "chart.png");
      await openArtifact("report.md", "All five bars grew.");
    });

    it("opens them after a reload too", async () => {
      await editor.window.runCommand("View: Close All Editors");
      await editor.window.reload();
      await editor.window.openContainer("One Horizon");
      await untilInGroup(editor.window, left, "Done");
      await showArtifacts();
      await openArtifact("report.md", "All five bars grew.");
      await openArtifact("chart.png", "chart.png");
      await editor.window.waitForStatus("the picture's size", (item) => /240\s?[x×]\s?120/.test(item.text));
      await editor.window.screenshot("test-results/artifacts.png");
    });

    /** Unfolds what lies between the session's row and its files. */
    async function showArtifacts(): Promise<void> {
      await waitUntil("the rows of the artifacts", async () => {
        const rows = await editor.window.treeRows();
        const folded = [left, "Artifacts"].find((name) =>
          rows.some((row) => row.label === name && row.expanded === "false"),
        );
        if (folded !== undefined) await editor.window.expandRow(folded);
        return rows.some((row) => row.label === "chart.png" && row.description.endsWith("bytes"));
      });
    }

    /** Clicks again as long as nothing came of it: a row is drawn anew when the tree changes. */
    async function openArtifact(name: string, shows: string): Promise<void> {
      await waitUntil(`an editor that shows ${name}`, async () => {
        if ((await editor.window.editorText()).includes(shows)) return true;
        await editor.window.clickRow(name);
        return false;
      });
    }
  });

  async function branches(): Promise<readonly string[]> {
    const names = await editor.git("for-each-ref", "--format=%(refname:short)", "refs/heads/one-horizon/");
    return names.split("\n");
  }

  /** The file that the scripted model writes. */
  async function added(): Promise<string> {
    return editor.git("diff", "--name-only", `main..${branch}`);
  }
});
