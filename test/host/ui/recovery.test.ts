import * as assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { waitUntil, type EditorUnderTest, type Sandbox, type SandboxSession } from "../harness/harness.mjs";
import {
  assertWholeReport,
  chooseScript,
  codexProcesses,
  extensionHosts,
  isUnderWay,
  openGate,
  pictureFailures,
  queue,
  sessionOf,
  untilInGroup,
  untilOnline,
  untilSession,
} from "./kit";
import { shareEditor } from "./sharedEditor";

/** What runs for a session, by its command line, and how its process is found from the codex that the platform was told. */
const kinds = [
  { what: "codex", pattern: /\bcodex\b.*\bapp-server\b/, find: (codex: number) => Promise.resolve(codex) },
  { what: "the process keeper", pattern: /processKeeper\.js/, find: parentOf },
] as const;

const moments = ["before", "after"] as const;

describe("a session whose neighbours are killed", () => {
  let editor: EditorUnderTest;
  let sandbox: Sandbox;
  pictureFailures(() => editor);

  shareEditor((lent) => (editor = lent));
  before(() => ({ sandbox } = editor.world));

  describe("by the tools that run for it", () => {
    const sessions = new Map<string, SandboxSession>();

    // The wait for another try is the same ten seconds for both.
    before(async () => {
      await chooseScript(sandbox, "slow");
      const queued = new Map<string, string>();
      for (const { what } of kinds) queued.set(what, await queue(sandbox, `Outlives a kill of ${what}`));
      for (const { what, pattern, find } of kinds) {
        const session = await untilSession(sandbox, queued.get(what) ?? "", "is under way", isUnderWay);
        sessions.set(what, session);
        const victim = await find(Number(session.metadata.providerProcessId));
        const found = (await editor.processes()).find((one) => one.pid === victim);
        assert.match(found?.command ?? "no process", pattern);
        process.kill(victim, "SIGKILL");
      }
    });

    for (const { what } of kinds) {
      it(`goes on in its claim and its codex thread after a kill of ${what}`, async () => {
        const before = sessions.get(what);
        assert.ok(before);
        const { sessionId } = before;
        const { metadata } = await untilSession(
          sandbox,
          sessionId,
          "has another codex process",
          (one) => one.metadata.providerProcessId !== before.metadata.providerProcessId,
        );
        await openGate(sandbox);
        const done = await untilSession(
          sandbox,
          sessionId,
          "is complete",
          (one) => one.status === "complete",
        );
        assertWholeReport(done);
        assert.equal(done.claims.length, 1, "one claim in all");
        assert.equal(done.metadata.providerThreadId, before.metadata.providerThreadId);
        for (const { metadata: each } of [before, { metadata }]) {
          await waitUntil("codex has ended", async () =>
            (await codexProcesses(editor)).every((one) => String(one.pid) !== each.providerProcessId),
          );
        }
      });
    }
  });

  it("goes on when the platform is killed and comes back", async () => {
    await chooseScript(sandbox, "slow");
    const sessionId = await queue(sandbox, "Outlives the platform");
    const before = await untilSession(sandbox, sessionId, "is under way", isUnderWay);
    const { baseUrl } = sandbox;
    process.kill(-sandbox.pid, "SIGKILL");
    sandbox = await editor.world.restartSandbox();
    assert.equal(sandbox.baseUrl, baseUrl, "it comes back where it was");
    await openGate(sandbox); // the model was killed too, and has forgotten its script
    const done = await untilSession(sandbox, sessionId, "is complete", (one) => one.status === "complete");
    assertWholeReport(done);
    assert.equal(done.claims.length, 1, "one claim in all");
    assert.equal(done.metadata.providerThreadId, before.metadata.providerThreadId);
    await untilOnline(sandbox);
    await untilInGroup(editor.window, "Outlives the platform", "Done");
  });

  describe("by the host, while the finish waits for its answer", () => {
    const sessions = new Map<string, SandboxSession>();

    // One host holds both finishes, and dies once.
    before(async () => {
      await chooseScript(sandbox, "default");
      const queued: string[] = [];
      for (const when of moments) {
        const sessionId = await queue(sandbox, `Finishes ${when} the kill`);
        queued.push(sessionId);
        const action = { type: "delay", delayMs: 300_000, when };
        const fault = { operationId: "completeSession", pathIncludes: sessionId, action };
        await sandbox.dashboard("POST", "faults", fault);
        // A machine that is slow to get to the kill meets the second try held as well.
        await sandbox.dashboard("POST", "faults", { ...fault, times: 0 });
      }
      await waitUntil(
        "both finishes are held",
        async () => (await faults(sandbox)).length === moments.length,
      );
      for (const sessionId of queued) {
        const held = await sessionOf(sandbox, sessionId);
        assert.equal(held.activities.at(-1)?.type, "completion");
        sessions.set(sessionId, held);
      }
      const [host] = await extensionHosts(editor);
      assert.ok(host, "the window has an extension host");
      process.kill(host.pid, "SIGKILL");
      await sandbox.dashboard("DELETE", "faults");
      await editor.window.reload();
      await editor.window.openContainer("One Horizon");
    });

    for (const when of moments) {
      it(`is finished once when the host is killed while the finish waits for its answer, ${when} it took effect`, async () => {
        const title = `Finishes ${when} the kill`;
        const held = [...sessions.values()].find((one) => one.title === title);
        assert.ok(held);
        const { sessionId } = held;
        const done = await untilSession(
          sandbox,
          sessionId,
          "is complete",
          (one) => one.status === "complete",
        );
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
});

async function parentOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // The name before it stands in brackets and may hold anything.
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

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
