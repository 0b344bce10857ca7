import * as assert from "node:assert/strict";
import { waitUntil, type EditorUnderTest, type Workbench } from "../harness/harness.mjs";
import {
  extensionHosts,
  launch,
  pictureFailures,
  queue,
  quitClean,
  requests,
  signIn,
  untilInGroup,
  untilSession,
  untilStatusBar,
  untilWelcome,
} from "./kit";

describe("two windows on one folder", () => {
  let editor: EditorUnderTest;
  let second: Workbench;
  pictureFailures(() => editor);

  before(async () => {
    editor = await launch({ name: "windows" });
    await signIn(editor);
    await untilStatusBar(editor.window, /^0\/\d$/);
  });
  after(() => quitClean(editor));

  it("run one worker: the second window says that another one runs it", async () => {
    second = await editor.openWindow();
    await second.openContainer("One Horizon");
    await untilStatusBar(second, /other window/);
    await untilWelcome(second, /Another window runs this folder's worker/);
    const { sandbox } = editor.world;
    const sessionId = await queue(sandbox, "For one of two");
    const done = await untilSession(sandbox, sessionId, "is complete", (one) => one.status === "complete");
    assert.equal(done.claims.length, 1);
    const claims = (await requests(sandbox)).filter((one) => one.operationId === "claimSession");
    assert.equal(claims.length, 1);
    assert.equal((await sandbox.state()).workers.length, 1);
    await untilStatusBar(second, /other window/);
  });

  it("hand over within seconds when the first is closed", async () => {
    await editor.window.leave();
    await waitUntil("one host is left", async () => (await extensionHosts(editor)).length === 1);
    await untilStatusBar(second, /^0\/\d$/, 8000);
    await untilInGroup(second, "For one of two", "Done");
    const { sandbox } = editor.world;
    const sessionId = await queue(sandbox, "For the second window");
    await untilSession(sandbox, sessionId, "is complete", (one) => one.status === "complete");
  });
});
