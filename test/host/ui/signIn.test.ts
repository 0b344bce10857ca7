import * as assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import {
  allowSignIn,
  denySignIn,
  launchEditor,
  type EditorUnderTest,
  type SandboxWorker,
  waitUntil,
} from "../harness/harness.mjs";
import {
  chooseScript,
  codexProcesses,
  pictureFailures,
  isUnderWay,
  queue,
  quickPoll,
  quitClean,
  untilOnline,
  untilSession,
  untilStatusBar,
  untilWelcome,
  untilWorker,
} from "./kit";

/** Access and refresh tokens of the sandbox platform. */
const token = /s[ar]t_[\w-]{40,}/;

describe("sign-in", () => {
  let editor: EditorUnderTest;
  let decide = denySignIn;
  let worker: SandboxWorker;

  before(async () => {
    // The usual callback port, which the other suites leave free.
    editor = await launchEditor({
      name: "sign-in",
      files: quickPoll,
      onPopup: (page) => decide(page),
    });
    await editor.window.openContainer("One Horizon");
  });
  pictureFailures(() => editor);
  after(() => quitClean(editor));

  it("is offered in the side bar and the status bar", async () => {
    assert.deepEqual(await untilWelcome(editor.window, /Sign in to see your sessions/), ["Sign In"]);
    await untilStatusBar(editor.window, /sign in/);
    assert.equal((await editor.world.sandbox.state()).workers.length, 0);
  });

  it("says so when the person refuses, and stays signed out", async () => {
    await editor.window.pressWelcome("Sign In");
    const text = await editor.window.answerNotification("sign-in was declined");
    assert.match(text, /Nothing was changed/);
    await untilStatusBar(editor.window, /sign in/);
    assert.equal((await editor.world.sandbox.state()).workers.length, 0);
    await editor.window.clearNotifications();
  });

  it("brings the worker online without a question where there is one workspace and one agent", async () => {
    decide = allowSignIn;
    await editor.window.pressWelcome("Sign In");
    worker = await untilOnline(editor.world.sandbox);
    await untilStatusBar(editor.window, /^0\/\d$/);
    await untilWelcome(editor.window, /Nothing queued/);
    assert.deepEqual(await editor.window.notifications(), []);
  });

  it("registers its policy and the codex that is installed, and no name of machine or user", () => {
    const { facts } = worker;
    assert.equal(facts.name, "VS Code worker");
    assert.deepEqual(facts.policy, { sandbox: "workspace-write", approvals: "never", network: false });
    assert.equal(facts.runtime.provider, "codex");
    assert.match(facts.runtime.version ?? "", /^\d+\.\d+\.\d+/);
    assert.equal(facts.worktreeMode, "task");
    assertNoPrivateWords(JSON.stringify(facts));
  });

  it("beats with the allowed fields only", () => {
    const beat = worker.lastBeat ?? {};
    assert.equal(beat["state"], "idle");
    assert.equal(beat["activeSessions"], 0);
    const allowed = [
      "state",
      "activeSessions",
      "awaitingInputSessions",
      "maxConcurrentSessions",
      "runtime",
      "workerVersion",
      "platform",
      "uptimeSeconds",
    ];
    assert.deepEqual(
      Object.keys(beat).filter((name) => !allowed.includes(name)),
      [],
    );
    assertNoPrivateWords(JSON.stringify(beat));
  });

  it("survives a reload of the window without another sign-in", async () => {
    await editor.window.reload();
    await editor.window.openContainer("One Horizon");
    await untilStatusBar(editor.window, /^0\/\d$/);
    assert.equal((await editor.world.sandbox.state()).workers.length, 1);
  });

  it("says that the stored sign-in cannot be read while the secret storage does not answer, and goes on once it does", async () => {
    await whileSecretsAreSilent(() => Promise.resolve());
    await untilStatusBar(editor.window, /^0\/\d$/);
    assert.equal((await editor.world.sandbox.state()).workers.length, 1);
  });

  it("works on with a new sign-in that the secret storage does not take, and says so", async () => {
    await whileSecretsAreSilent(async () => {
      await editor.window.runCommandId("oneHorizon.auth.signIn");
      const text = await editor.window.answerNotification("did not keep the sign-in");
      assert.match(text, /the worker goes on with it.*stored as soon as it can be/);
      await untilStatusBar(editor.window, /^0\/\d$/);
    });
    await editor.window.reload();
    await editor.window.openContainer("One Horizon");
    await untilStatusBar(editor.window, /^0\/\d$/);
    assert.equal((await editor.world.sandbox.state()).workers.length, 1);
  });

  it("leaves no token in a file", () => {
    const { home, userData, tmp, work } = editor.world.folders;
    const files = [home, userData, tmp, work].flatMap((folder) => filesUnder(folder));
    const ours = files.filter((file) => /One Horizon Worker\.log$|\.one\/logs\//.test(file));
    assert.ok(
      ours.some((file) => readFileSync(file, "utf8").includes("activated")),
      "the channel and the log are among the files",
    );
    assert.deepEqual(files.filter(holdsToken), []);
  });

  it("signs out: what runs is released and stops, and no beat follows", async () => {
    const { sandbox } = editor.world;
    await chooseScript(sandbox, "slow");
    const sessionId = await queue(sandbox, "Runs at the sign-out");
    await untilSession(sandbox, sessionId, "is under way", isUnderWay);
    await editor.window.runCommandId("oneHorizon.auth.signOut");
    await waitUntil("it is asked whether to end what runs", async () =>
      (await editor.window.quickPick()).title.includes("Sign out of One Horizon?"),
    );
    await editor.window.pick("Sign Out");
    await untilSession(sandbox, sessionId, "is queued again", (one) => one.status === "queued");
    await untilStatusBar(editor.window, /sign in/);
    await waitUntil("codex has ended", async () => (await codexProcesses(editor)).length === 0);
    const { beats } = await untilWorker(sandbox, "is there", () => true);
    await editor.window.reload();
    await editor.window.openContainer("One Horizon");
    await untilWelcome(editor.window, /Sign in to see your sessions/);
    const silent = await untilWorker(sandbox, "is stale", (one) => one.status === "stale");
    assert.equal(silent.beats, beats);
    await untilStatusBar(editor.window, /sign in/);
  });

  /** Reloads the window and runs `work` in it while the editor answers no question about a secret. */
  async function whileSecretsAreSilent(work: () => Promise<void>): Promise<void> {
    const answer = await editor.holdSecrets();
    try {
      await editor.window.reload();
      await editor.window.openContainer("One Horizon");
      const text = await editor.window.answerNotification("secret storage does not answer");
      assert.match(text, /could not be read\. Nothing was changed, and it is tried again by itself/);
      await editor.window.clearNotifications();
      await work();
    } finally {
      await answer();
    }
  }

  function assertNoPrivateWords(text: string): void {
    const { home, work } = editor.world.folders;
    for (const word of [home, work, "demo project", "127.0.0.1", hostname(), process.env["USER"]]) {
      assert.ok(word === undefined || word === "" || !text.includes(word), `“${String(word)}” in ${text}`);
    }
  }
});

/** Sockets and pipes are left out; so are git's packed objects, which hold nothing of ours. What ends meanwhile holds nothing. */
function filesUnder(folder: string): string[] {
  return orNone(() => readdirSync(folder, { withFileTypes: true })).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesUnder(path);
    const small = (statSync(path, { throwIfNoEntry: false })?.size ?? Infinity) < 20_000_000;
    return entry.isFile() && small ? [path] : [];
  });
}

/** A running codex and the editor remove folders of their own while they are being read. */
function orNone<Entry>(read: () => Entry[]): Entry[] {
  try {
    return read();
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

function holdsToken(file: string): boolean {
  return orNone(() => [readFileSync(file, "latin1")]).some((text) => token.test(text));
}

function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
