import * as assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { EditorUnderTest } from "../harness/harness.mjs";
import {
  codexProcesses,
  launch,
  pictureFailures,
  queue,
  quitClean,
  requests,
  signIn,
  untilSession,
  untilStatusBar,
  untilWelcome,
} from "./kit";

describe("a folder in Restricted Mode", () => {
  let editor: EditorUnderTest;
  pictureFailures(() => editor);

  before(async () => {
    editor = await launch({ name: "trust", trust: true });
    await editor.window.openContainer("One Horizon");
  });
  after(() => quitClean(editor));

  it("says so, and runs nothing", async () => {
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

  it("works once the folder is trusted", async () => {
    const { sandbox } = editor.world;
    await editor.window.trustFolder();
    await untilWelcome(editor.window, /Sign in to see your sessions/);
    await signIn(editor);
    const sessionId = await queue(sandbox, "Trusted now");
    await untilSession(sandbox, sessionId, "is complete", (one) => one.status === "complete");
  });

  async function assertIdle(): Promise<void> {
    const calls = (await requests(editor.world.sandbox)).filter((one) => one.operationId !== undefined);
    assert.deepEqual(calls, []);
    assert.deepEqual(await codexProcesses(editor), []);
    assert.equal(existsSync(join(editor.world.folders.home, ".one", "worktrees")), false);
  }
});
