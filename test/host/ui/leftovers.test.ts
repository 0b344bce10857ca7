import * as assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
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
  untilInGroup,
  untilSame,
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
    await waitUntil("codex has ended", async () => (await codexProcesses(editor)).length === 0);
    await untilSame("no temporary folder", () => scratchFolders(editor), []);
    await assertStillClaimed();
  });

  it("goes on in its claim, and tells, when the notes about it were damaged meanwhile", async () => {
    const damaged = await damageNotes(editor.world.folders.home, session.sessionId);
    const window = await editor.openWindow();
    const told = await window.answerNotification("notes about its sessions were damaged");
    assert.match(told, /What could be read is used, the platform and your repository are asked for the rest/);
    const before = session.metadata.providerProcessId;
    await untilSession(
      editor.world.sandbox,
      session.sessionId,
      "is under way again",
      (one) => one.metadata.providerProcessId !== before && isUnderWay(one),
    );
    assert.equal((await codexProcesses(editor)).length, 1);
    await assertStillClaimed();
    const [kept] = (await notesFiles(editor.world.folders.home)).filter((file) => told.includes(file));
    assert.ok(kept, `a file that is there is named in: ${told}`);
    assert.deepEqual(await readFile(kept), damaged, "the damaged notes are kept as they were");
    await window.openContainer("One Horizon");
    await untilInGroup(window, session.title, "Running");
  });

  it("leaves no process when the server is killed with all its hosts", async () => {
    assert.equal((await codexProcesses(editor)).length, 1);
    await editor.world.sandbox.stop();
    await editor.quit();
    const left = await editor.processes(30_000);
    assert.deepEqual(
      left.map((one) => one.command),
      [],
    );
  });
});

/** Flips a bit in each line about the session, in the one file of notes there is, and returns what it holds now. */
async function damageNotes(home: string, sessionId: string): Promise<Buffer> {
  const [file, ...more] = (await notesFiles(home)).filter((one) => one.endsWith(".journal"));
  assert.ok(file !== undefined && more.length === 0, "one file of notes");
  const bytes = await readFile(file);
  let found = bytes.indexOf(sessionId);
  assert.ok(found >= 0, "the notes name the session");
  while (found >= 0) {
    bytes.writeUInt8(bytes.readUInt8(found) ^ 1, found);
    found = bytes.indexOf(sessionId, found);
  }
  await writeFile(file, bytes);
  return bytes;
}

async function notesFiles(home: string): Promise<readonly string[]> {
  const state = join(home, ".one", "state", "vscode-worker");
  const entries = await readdir(state, { recursive: true, withFileTypes: true });
  return entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
}
