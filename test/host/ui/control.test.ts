import * as assert from "node:assert/strict";
import { waitUntil, type EditorUnderTest, type Sandbox } from "../harness/harness.mjs";
import {
  assertWholeReport,
  chooseScript,
  codexProcesses,
  isUnderWay,
  openGate,
  pictureFailures,
  queue,
  requests,
  sessionOf,
  signal,
  untilInGroup,
  untilPolled,
  untilRow,
  untilSession,
  untilStatusBar,
  untilOnline,
  untilWorker,
} from "./kit";
import { shareEditor } from "./sharedEditor";

describe("control of running work", () => {
  let editor: EditorUnderTest;
  let sandbox: Sandbox;
  let workerId: string;
  /** The one that is given back, claimed again and failed. */
  let givenBack: string;
  pictureFailures(() => editor);

  shareEditor((lent) => (editor = lent));
  before(async () => {
    ({ sandbox } = editor.world);
    ({ workerId } = await untilOnline(sandbox));
    await chooseScript(sandbox, "slow");
  });

  /** Queues a session that goes on until the gate opens, and waits until it is under way. */
  async function startSlow(title: string): Promise<string> {
    const sessionId = await queue(sandbox, title);
    await untilSession(sandbox, sessionId, "is under way", isUnderWay);
    await untilInGroup(editor.window, title, "Running");
    return sessionId;
  }

  async function acknowledged(signalId: string): Promise<boolean> {
    const { workers } = await sandbox.state();
    return workers.some((one) => one.acknowledged.includes(signalId) && one.signal === null);
  }

  it("releases a session to the queue, and leaves it there until a person claims it", async () => {
    const title = "Given back";
    const sessionId = await startSlow(title);
    givenBack = sessionId;
    await editor.window.treeAction(title, "Release Session");
    await untilSession(sandbox, sessionId, "is queued again", (one) => one.status === "queued");
    await waitUntil("codex has ended", async () => (await codexProcesses(editor)).length === 0);
    await untilPolled(sandbox, 2);
    const left = await sessionOf(sandbox, sessionId);
    assert.equal(left.status, "queued");
    assert.equal(left.claims.length, 1);
    assert.deepEqual(left.remarks, []);
    await untilInGroup(editor.window, title, "Queued");
    await editor.window.treeAction(title, "Claim Session");
    const again = await untilSession(
      sandbox,
      sessionId,
      "is claimed again",
      (one) => one.claims.length === 2 && isUnderWay(one),
    );
    assert.equal(again.status, "active");
  });

  it("fails a session with the reason that the person gives", async () => {
    const title = "Given back";
    const reason = "The greeting is fine as it is.";
    await untilInGroup(editor.window, title, "Running");
    await editor.window.treeMenu(title, "Stop and Mark Session Failed");
    await editor.window.answerInput(reason, "The reason");
    const failed = await untilSession(sandbox, givenBack, "is failed", (one) => one.status === "error");
    assert.match(failed.errorMessage ?? "", new RegExp(reason));
    assert.equal(failed.activities.at(-1)?.type, "failure");
    assert.deepEqual(failed.remarks, []);
    await untilInGroup(editor.window, title, "Failed");
    await waitUntil("codex has ended", async () => (await codexProcesses(editor)).length === 0);
  });

  it("stops when a session is cancelled, and sends nothing more of it", async () => {
    const title = "Called off";
    const sessionId = await startSlow(title);
    await sandbox.dashboard("POST", `sessions/${sessionId}/cancel`, {});
    const { activities, patches } = await sessionOf(sandbox, sessionId);
    await waitUntil("codex has ended", async () => (await codexProcesses(editor)).length === 0);
    const sent = async (): Promise<number> =>
      (await requests(sandbox)).filter((one) => one.method !== "GET" && one.path.includes(sessionId)).length;
    const before = await sent();
    await untilPolled(sandbox, 3);
    assert.equal(await sent(), before);
    const after = await sessionOf(sandbox, sessionId);
    assert.equal(after.status, "cancelled");
    assert.deepEqual(after.activities, activities);
    assert.deepEqual(after.patches, patches);
    await untilInGroup(editor.window, title, "Done");
    await untilRow(editor.window, title, { description: /cancelled in One Horizon/ });
  });

  it("pauses and resumes by signal: beats say so, and nothing is claimed meanwhile", async () => {
    const pause = await signal(sandbox, workerId, "pause");
    await waitUntil("the pause is acknowledged", () => acknowledged(pause));
    await untilStatusBar(editor.window, /paused/);
    const sessionId = await queue(sandbox, "Waits for the resume");
    await untilPolled(sandbox, 2);
    await untilWorker(sandbox, "beats as paused", (one) => one.lastBeat?.["state"] === "paused");
    assert.equal((await sessionOf(sandbox, sessionId)).status, "queued");
    const resume = await signal(sandbox, workerId, "resume");
    await waitUntil("the resume is acknowledged", () => acknowledged(resume));
    await untilSession(sandbox, sessionId, "is under way", isUnderWay);
  });

  it("restarts by signal when its turns are done, and the fresh worker acknowledges", async () => {
    const restart = await signal(sandbox, workerId, "restart");
    await untilWorker(sandbox, "beats as stopping", (one) => one.lastBeat?.["state"] === "stopping");
    assert.equal(await acknowledged(restart), false);
    await openGate(sandbox);
    await waitUntil("the restart is acknowledged", () => acknowledged(restart));
    const { sessions, workers } = await sandbox.state();
    const last = sessions.at(-1);
    assert.equal(last?.status, "complete");
    assertWholeReport(last);
    assert.equal(workers.length, 1);
    await untilStatusBar(editor.window, /^0\/\d$/);
  });

  it("stops by signal when its turns are done, and stays stopped over a reload until it is started", async () => {
    await chooseScript(sandbox, "slow");
    const sessionId = await startSlow("Ends before the stop");
    const stop = await signal(sandbox, workerId, "stop");
    await untilStatusBar(editor.window, /stopping/);
    assert.equal(await acknowledged(stop), false);
    await openGate(sandbox);
    const done = await untilSession(sandbox, sessionId, "is complete", (one) => one.status === "complete");
    assertWholeReport(done);
    await waitUntil("the stop is acknowledged", () => acknowledged(stop));
    await untilStatusBar(editor.window, /stopped/);
    await editor.window.reload();
    await editor.window.openContainer("One Horizon");
    await untilStatusBar(editor.window, /stopped/);
    // What it did before stays within reach.
    await editor.window.waitForTreeRow("Done", (one) => one.label.startsWith("Done"));
    const { beats } = await untilWorker(sandbox, "is there", () => true);
    await editor.window.runCommandId("oneHorizon.worker.start");
    await untilStatusBar(editor.window, /^0\/\d$/);
    await untilWorker(sandbox, "beats again", (one) => one.beats > beats);
  });
});
