import * as assert from "node:assert/strict";
import { waitUntil, type EditorUnderTest, type Workbench } from "../harness/harness.mjs";
import {
  chooseScript,
  codexProcesses,
  extensionHosts,
  isUnderWay,
  openGate,
  openPanel,
  pictureFailures,
  queue,
  requests,
  untilInGroup,
  untilSession,
  untilStatusBar,
  untilWelcome,
} from "./kit";
import { shareEditor } from "./sharedEditor";

describe("two windows on one folder", () => {
  let editor: EditorUnderTest;
  let second: Workbench;
  pictureFailures(() => editor);

  shareEditor((lent) => (editor = lent), { unused: "online" });

  it("run one worker: the second window says that another one runs it", async () => {
    second = await editor.openWindow();
    await second.openContainer("One Horizon");
    await untilStatusBar(second, /other window/);
    await untilWelcome(second, /Another window runs this folder's worker/);
    const { sandbox } = editor.world;
    const sessionId = await queue(sandbox, "For one of two");
    const done = await untilSession(sandbox, sessionId, "is complete", (one) => one.status === "complete");
    assert.equal(done.claims.length, 1);
    const claims = (await requests(sandbox)).filter(
      (one) => one.operationId === "claimSession" && one.path.includes(sessionId),
    );
    assert.equal(claims.length, 1);
    assert.equal((await sandbox.state()).workers.length, 1);
    await untilStatusBar(second, /other window/);
    await untilInGroup(second, "For one of two", "Done");
  });

  it("show the same session live, and the second one's commands reach the worker", async () => {
    const { sandbox } = editor.world;
    await chooseScript(sandbox, "slow");
    const title = "Seen in both";
    const sessionId = await queue(sandbox, title);
    await untilSession(sandbox, sessionId, "is under way", isUnderWay);
    await untilInGroup(editor.window, title, "Running");
    await untilInGroup(second, title, "Running");
    await openPanel(second, title);
    const told = ["another window", "I am the sandbox's scripted model.", "sleep 1"];
    await second.panel.waitForText("what the first runs", (text) => told.every((one) => text.includes(one)));
    await second.treeAction(title, "Release Session");
    const released = await untilSession(
      sandbox,
      sessionId,
      "is queued again",
      (one) => one.status === "queued",
    );
    assert.equal(released.claims.length, 1);
    for (const window of [editor.window, second]) await untilInGroup(window, title, "Queued");
    await waitUntil("codex has ended", async () => (await codexProcesses(editor)).length === 0);
    await second.runCommandId("oneHorizon.worker.pause");
    await untilStatusBar(editor.window, /paused/);
    await untilStatusBar(second, /other window/);
    await second.runCommandId("oneHorizon.worker.resume");
    await untilStatusBar(editor.window, /^0\/\d$/);
    await second.treeAction(title, "Claim Session");
    await untilSession(
      sandbox,
      sessionId,
      "is claimed again",
      (one) => one.claims.length === 2 && isUnderWay(one),
    );
    await untilInGroup(second, title, "Running");
    await openGate(sandbox);
    await untilInGroup(second, title, "Done");
    await chooseScript(sandbox, "default");
    assert.equal((await sandbox.state()).workers.length, 1);
  });

  it("hand over within seconds when the first is closed", async () => {
    await editor.window.leave();
    await editor.window.close();
    editor.replaceWindow(second);
    await waitUntil("one host is left", async () => (await extensionHosts(editor)).length === 1);
    await untilStatusBar(second, /^0\/\d$/);
    await untilInGroup(second, "Seen in both", "Done");
    const { sandbox } = editor.world;
    const sessionId = await queue(sandbox, "For the second window");
    await untilSession(sandbox, sessionId, "is complete", (one) => one.status === "complete");
  });
});
