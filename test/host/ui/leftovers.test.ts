import * as assert from "node:assert/strict";
import { waitUntil, type EditorUnderTest, type SandboxSession } from "../harness/harness.mjs";
import {
  chooseScript,
  codexProcesses,
  extensionHosts,
  isUnderWay,
  launch,
  pictureFailures,
  queue,
  scratchFolders,
  sessionOf,
  signIn,
  untilSession,
} from "./kit";

describe("an editor that is closed while a session runs", () => {
  let editor: EditorUnderTest;
  let session: SandboxSession;
  pictureFailures(() => editor);

  before(async () => {
    editor = await launch({ name: "quit" });
    await signIn(editor);
    await chooseScript(editor.world.sandbox, "slow");
    const sessionId = await queue(editor.world.sandbox, "Runs at the end");
    session = await untilSession(editor.world.sandbox, sessionId, "is under way", isUnderWay);
  });
  after(() => editor.close());

  /** Nobody has given the session up: whoever comes back goes on with the claim. */
  async function assertStillClaimed(): Promise<void> {
    const now = await sessionOf(editor.world.sandbox, session.sessionId);
    assert.equal(now.status, "active");
    assert.equal(now.claim?.claimId, session.claim?.claimId);
    assert.deepEqual(now.remarks, []);
  }

  it("leaves no process and no temporary file when the window is closed", async () => {
    assert.equal((await codexProcesses(editor)).length, 1);
    assert.equal((await scratchFolders(editor)).length, 1);
    await editor.window.leave();
    await waitUntil("the extension host has ended", async () => (await extensionHosts(editor)).length === 0);
    await waitUntil("codex has ended", async () => (await codexProcesses(editor)).length === 0, 2000);
    assert.deepEqual(await scratchFolders(editor), []);
    await assertStillClaimed();
  });

  it("leaves no process when the server is killed with all its hosts", async () => {
    await editor.openWindow();
    const before = session.metadata.providerProcessId;
    await untilSession(
      editor.world.sandbox,
      session.sessionId,
      "is under way again",
      (one) => one.metadata.providerProcessId !== before && isUnderWay(one),
    );
    assert.equal((await codexProcesses(editor)).length, 1);
    await assertStillClaimed();
    await editor.world.sandbox.stop();
    await editor.quit();
    const left = await editor.processes(8000);
    assert.deepEqual(
      left.map((one) => one.command),
      [],
    );
  });
});
