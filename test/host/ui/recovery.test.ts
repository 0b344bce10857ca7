import * as assert from "node:assert/strict";
import { waitUntil, type EditorUnderTest, type Sandbox } from "../harness/harness.mjs";
import {
  assertWholeReport,
  chooseScript,
  codexProcesses,
  extensionHosts,
  isUnderWay,
  launch,
  openGate,
  pictureFailures,
  queue,
  quitClean,
  sessionOf,
  signIn,
  untilInGroup,
  untilOnline,
  untilSession,
} from "./kit";

/** A killed tool is tried again, three times at most. */
const workflow = {
  "WORKFLOW.md":
    "---\npolling:\n  pollIntervalMs: 1000\nagent:\n  max_retry_attempts: 3\n---\nKeep changes small.\n",
};

/** What runs for a session, by its command line. */
const kinds = [
  { what: "codex", pattern: /\bcodex\b.*\bapp-server\b/, not: /processKeeper/ },
  { what: "the process keeper", pattern: /processKeeper\.js/, not: /^$/ },
] as const;

describe("a session whose neighbours are killed", () => {
  let editor: EditorUnderTest;
  let sandbox: Sandbox;
  pictureFailures(() => editor);

  before(async () => {
    editor = await launch({ name: "recovery", files: workflow });
    ({ sandbox } = editor.world);
    await signIn(editor);
  });
  after(async () => {
    await sandbox.stop();
    await quitClean(editor);
  });

  for (const { what, pattern, not } of kinds) {
    it(`goes on in its claim and its codex thread after a kill of ${what}`, async () => {
      await chooseScript(sandbox, "slow");
      const sessionId = await queue(sandbox, `Outlives a kill of ${what}`);
      const before = await untilSession(sandbox, sessionId, "is under way", isUnderWay);
      const victims = (await editor.processes()).filter(
        (one) => pattern.test(one.command) && !not.test(one.command),
      );
      assert.ok(victims.length > 0, `${what} runs`);
      for (const { pid } of victims) process.kill(pid, "SIGKILL");

      await untilSession(
        sandbox,
        sessionId,
        "has another codex process",
        (one) => one.metadata.providerProcessId !== before.metadata.providerProcessId,
      );
      await openGate(sandbox);
      const done = await untilSession(sandbox, sessionId, "is complete", (one) => one.status === "complete");
      assertWholeReport(done);
      assert.equal(done.claims.length, 1, "one claim in all");
      assert.equal(done.metadata.providerThreadId, before.metadata.providerThreadId);
      await waitUntil("codex has ended", async () => (await codexProcesses(editor)).length === 0);
    });
  }

  it("goes on when the platform is killed and comes back", async () => {
    await chooseScript(sandbox, "slow");
    const sessionId = await queue(sandbox, "Outlives the platform");
    const before = await untilSession(sandbox, sessionId, "is under way", isUnderWay);
    process.kill(-sandbox.pid, "SIGKILL");
    sandbox = await sandbox.again();
    assert.equal(sandbox.baseUrl, editor.world.sandbox.baseUrl, "it comes back where it was");
    await openGate(sandbox); // the model was killed too, and has forgotten its script
    const done = await untilSession(
      sandbox,
      sessionId,
      "is complete",
      (one) => one.status === "complete",
      90_000,
    );
    assertWholeReport(done);
    assert.equal(done.claims.length, 1, "one claim in all");
    assert.equal(done.metadata.providerThreadId, before.metadata.providerThreadId);
    await untilOnline(sandbox);
    await untilInGroup(editor.window, "Outlives the platform", "Done");
  });

  for (const when of ["before", "after"] as const) {
    it(`is finished once when the host is killed while the finish waits for its answer, ${when} it took effect`, async () => {
      await chooseScript(sandbox, "default");
      await sandbox.dashboard("POST", "faults", {
        operationId: "completeSession",
        action: { type: "delay", delayMs: 300_000, when },
      });
      const title = `Finishes ${when} the kill`;
      const sessionId = await queue(sandbox, title);
      await waitUntil("the finish is held", async () => (await faults(sandbox)).length === 0);
      const held = await sessionOf(sandbox, sessionId);
      assert.equal(held.activities.at(-1)?.type, "completion");
      const [host] = await extensionHosts(editor);
      assert.ok(host, "the window has an extension host");
      process.kill(host.pid, "SIGKILL");
      await editor.window.reload();
      await editor.window.openContainer("One Horizon");

      const done = await untilSession(sandbox, sessionId, "is complete", (one) => one.status === "complete");
      await untilInGroup(editor.window, title, "Done");
      assertWholeReport(done);
      assert.deepEqual(
        done.history.map((one) => one.status),
        ["queued", "active", "complete"],
      );
      assert.equal(done.claims.length, 1);
      assert.equal(done.metadata.providerProcessId, held.metadata.providerProcessId, "no other codex");
      assert.equal(await turnsOf(sandbox, done.metadata.providerThreadId ?? ""), 1, "one turn in all");
    });
  }
});

async function faults(sandbox: Sandbox): Promise<readonly unknown[]> {
  const answer = await sandbox.dashboard("GET", "faults");
  return (answer as { faults: unknown[] }).faults;
}

/** How many turns of a thread the model was asked for. */
async function turnsOf(sandbox: Sandbox, threadId: string): Promise<number | undefined> {
  const answer = await sandbox.dashboard("GET", "model");
  const { threads } = answer as { threads: { threadId: string; turns: unknown[] }[] };
  return threads.find((one) => one.threadId === threadId)?.turns.length;
}
