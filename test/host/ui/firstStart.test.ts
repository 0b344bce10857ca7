import * as assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import type { EditorUnderTest } from "../harness/harness.mjs";
import {
  codexProcesses,
  pictureFailures,
  queue,
  requests,
  sessionOf,
  signIn,
  untilPolled,
  untilSession,
  untilStatusBar,
  untilWelcome,
} from "./kit";
import { shareEditor } from "./sharedEditor";

describe("a folder that is opened for the first time, in Restricted Mode and without codex", () => {
  let editor: EditorUnderTest;
  let codex: string;
  let sessionId: string;
  pictureFailures(() => editor);

  shareEditor((lent) => (editor = lent), { unused: "restricted" });
  before(async () => {
    codex = join(editor.world.folders.bin, "codex");
    await rename(codex, `${codex}.hidden`);
  });

  it("says that it is restricted, and runs nothing", async () => {
    const buttons = await untilWelcome(editor.window, /This folder is in Restricted Mode/);
    assert.deepEqual(buttons, ["Manage Trust"]);
    await untilStatusBar(editor.window, /restricted/);
    await assertIdle();
  });

  it("takes no sign-in and no sandbox", async () => {
    await editor.window.runCommandId("oneHorizon.auth.signIn");
    await editor.window.answerNotification("Trust the folder first");
    assert.deepEqual(await editor.window.paletteRows("One Horizon: Start Sandbox"), []);
    await assertIdle();
  });

  it("works once it is trusted", async () => {
    await editor.window.trustFolder();
    await untilWelcome(editor.window, /Sign in to see your sessions/);
    await signIn(editor);
  });

  it("says how to get the codex that is missing, and claims nothing", async () => {
    const { sandbox } = editor.world;
    const buttons = await untilWelcome(editor.window, /Codex was not found/);
    assert.deepEqual(buttons, ["How to Install"]);
    await untilStatusBar(editor.window, /not claiming/);
    sessionId = await queue(sandbox, "Waits for codex");
    await untilPolled(sandbox, 2);
    assert.equal((await sessionOf(sandbox, sessionId)).claims.length, 0);
  });

  it("is mended without a restart once codex is there: the session runs to its end", async () => {
    await rename(`${codex}.hidden`, codex);
    const done = await untilSession(
      editor.world.sandbox,
      sessionId,
      "is complete",
      (one) => one.status === "complete",
    );
    assert.equal(done.claims.length, 1);
    await untilStatusBar(editor.window, /^0\/\d$/);
  });

  it("is to be a repository: where it is none, the view offers to open another one", async () => {
    const plain = join(editor.world.folders.work, "plain folder");
    await mkdir(plain);
    const window = await editor.openWindow(plain);
    await window.openContainer("One Horizon");
    await untilWelcome(window, /This folder is in Restricted Mode/);
    await window.trustFolder();
    const buttons = await untilWelcome(window, /Open a git repository to work in/);
    assert.deepEqual(buttons, ["Open Folder"]);
    await untilStatusBar(window, /no repository/);
    await window.leave();
    await window.close();
  });

  async function assertIdle(): Promise<void> {
    const calls = (await requests(editor.world.sandbox)).filter((one) => one.operationId !== undefined);
    assert.deepEqual(calls, []);
    assert.deepEqual(await codexProcesses(editor), []);
    assert.equal(existsSync(join(editor.world.folders.home, ".one", "worktrees")), false);
  }
});
