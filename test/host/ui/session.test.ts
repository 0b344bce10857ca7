import * as assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { waitUntil, type EditorUnderTest } from "../harness/harness.mjs";
import {
  assertWholeReport,
  groupOf,
  launch,
  pictureFailures,
  queue,
  quitClean,
  sessionOf,
  signIn,
  untilInGroup,
  untilPolled,
  untilSession,
  untilStatusBar,
} from "./kit";

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
  pictureFailures(() => editor);

  before(async () => {
    // Claimed by hand, so that the waiting row can be looked at.
    editor = await launch({ name: "session", userSettings: { "oneHorizon.worker.autoClaim": false } });
    await signIn(editor);
    untouched = await checkout(editor);
  });
  after(() => quitClean(editor));

  it("waits under Queued where claiming is left to the person", async () => {
    const { sandbox } = editor.world;
    sessionId = await queue(sandbox, title);
    await untilInGroup(editor.window, title, "Queued");
    await untilPolled(sandbox, 2);
    assert.equal((await sessionOf(sandbox, sessionId)).claims.length, 0);
    await untilStatusBar(editor.window, /^0\/\d$/);
  });

  it("moves to Running with its plan's steps below it", async () => {
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
    const branches = await editor.git("for-each-ref", "--format=%(refname:short)", "refs/heads/one-horizon/");
    assert.match(branches, /^one-horizon\/[\w-]+$/);
    branch = branches;
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
    assert.equal(groupOf(await editor.window.treeRows(), title), "Done");
    assert.equal((await sessionOf(editor.world.sandbox, sessionId)).claims.length, 1);
  });

  /** The file that the scripted model writes. */
  async function added(): Promise<string> {
    return editor.git("diff", "--name-only", `main..${branch}`);
  }
});
