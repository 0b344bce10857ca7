import * as assert from "node:assert/strict";
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
  requests,
  sessionOf,
  untilInGroup,
  untilSession,
} from "./kit";
import { shareEditor } from "./sharedEditor";

/** What ends the extension host of a window while a session runs in it. */
const ends: readonly { readonly what: string; readonly end: (editor: EditorUnderTest) => Promise<void> }[] = [
  { what: "a reload of the window", end: async (editor) => editor.window.reload() },
  {
    what: "a kill of the extension host and a reload",
    end: async (editor) => {
      const [host] = await extensionHosts(editor);
      assert.ok(host, "the window has an extension host");
      process.kill(host.pid, "SIGKILL");
      await editor.window.reload();
    },
  },
];

describe("a session that runs while its extension host ends", () => {
  let editor: EditorUnderTest;
  let sandbox: Sandbox;
  let earlier: readonly string[];
  pictureFailures(() => editor);

  shareEditor((lent) => (editor = lent));
  before(async () => {
    ({ sandbox } = editor.world);
    earlier = await branches();
  });

  async function branches(): Promise<readonly string[]> {
    const names = await editor.git("for-each-ref", "--format=%(refname:short)", "refs/heads/one-horizon/");
    return names.split("\n");
  }

  for (const { what, end } of ends) {
    it(`goes on with its claim and its codex thread after ${what}`, async () => {
      await chooseScript(sandbox, "slow");
      const title = `Outlives ${what}`;
      const sessionId = await queue(sandbox, title);
      const before = await untilSession(sandbox, sessionId, "is under way", isUnderWay);
      await untilInGroup(editor.window, title, "Running");

      await end(editor);
      await editor.window.openContainer("One Horizon");
      const resumed = await untilSession(
        sandbox,
        sessionId,
        "has another codex process",
        (one) => one.metadata.providerProcessId !== before.metadata.providerProcessId && grew(before, one),
      );
      assertSameClaimAndThread(before, resumed);
      await untilInGroup(editor.window, title, "Running");
      // What shows as running is running: exactly the process that the platform was told.
      const running = (await codexProcesses(editor)).map((one) => String(one.pid));
      assert.ok(running.includes(resumed.metadata.providerProcessId ?? ""), running.join());

      await openGate(sandbox);
      const done = await untilSession(sandbox, sessionId, "is complete", (one) => one.status === "complete");
      assertSameClaimAndThread(before, done);
      assertWholeReport(done);
      assert.deepEqual(
        done.history.map((one) => one.status),
        ["queued", "active", "complete"],
      );
      const finishes = (await requests(sandbox)).filter(
        (one) =>
          one.path.includes(sessionId) && /^(complete|fail|release)Session$/.test(one.operationId ?? ""),
      );
      assert.deepEqual(
        finishes.map((one) => one.operationId),
        ["completeSession"],
      );
      await untilInGroup(editor.window, title, "Done");
      await waitUntil("codex has ended", async () => (await codexProcesses(editor)).length === 0);
      assert.equal((await sessionOf(sandbox, sessionId)).status, "complete");
    });
  }

  it("leaves one commit for each session", async () => {
    const made = (await branches()).filter((one) => !earlier.includes(one));
    assert.equal(made.length, ends.length);
    for (const branch of made) {
      assert.equal(await editor.git("rev-list", "--count", `main..${branch}`), "1");
    }
  });
});

function grew(before: SandboxSession, after: SandboxSession): boolean {
  return after.activities.length > before.activities.length;
}

function assertSameClaimAndThread(before: SandboxSession, after: SandboxSession): void {
  assert.equal(after.claims.length, 1, "one claim in all");
  assert.equal(after.metadata.providerThreadId, before.metadata.providerThreadId, "the same codex thread");
  assert.equal(after.metadata.worktreePath, before.metadata.worktreePath, "the same worktree");
}
