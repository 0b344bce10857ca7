import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { Sandbox } from "../../../src/sandbox/server";
import { startTestSandbox } from "../../fakes/sandbox";
import { activity, queue, workerAt, type Answer, type Api } from "../../fakes/sandboxClient";

describe("a session that the sandbox sees running", () => {
  let sandbox: Sandbox;
  let api: Api;
  let at: string;
  let claimId: string;
  let sessionId: string;
  beforeEach(async () => {
    sandbox = await startTestSandbox();
    const worker = await workerAt(sandbox);
    api = worker.api;
    sessionId = await queue(sandbox);
    at = `${worker.path}/sessions/${sessionId}`;
    claimId = (await api("POST", `${at}/claim`, {})).text("claim", "claimId");
  });
  afterEach(() => sandbox.close());

  const patch = (fields: object): Promise<Answer> => api("PATCH", at, { claimId, ...fields });
  const report = async (sequence: number, more: object = {}): Promise<number> =>
    (await api("POST", `${at}/activities`, activity(claimId, sequence, more))).status;
  const session = () => sandbox.state().sessions[0];

  it("takes activities in order, each once", async () => {
    const activityId = randomUUID();
    assert.equal(await report(1, { activityId }), 201);
    assert.equal(await report(1, { activityId: activityId.toUpperCase() }), 200);
    assert.equal(await report(3), 400);
    assert.equal(await report(1), 400);
    assert.equal(await report(2, { message: "" }), 400);
    assert.equal(await report(2, { type: "gossip" }), 400);
    assert.equal(await report(2, { occurredAt: "yesterday" }), 400);
    assert.equal(await report(2), 201);
    assert.deepEqual(
      session()?.activities.map((one) => one.sequence),
      [1, 2],
    );
  });

  it("starts the sequence anew with each claim", async () => {
    assert.equal(await report(1), 201);
    await api("POST", `${at}/release`, { claimId });
    claimId = (await api("POST", `${at}/claim`, {})).text("claim", "claimId");
    assert.equal(await report(2), 400);
    assert.equal(await report(1), 201);
  });

  it("answers a call without its claim with 409, as one with a wrong claim", async () => {
    for (const body of [{}, { claimId: "claim_other" }]) {
      const answer = await api("POST", `${at}/complete`, body);
      assert.deepEqual([answer.status, answer.get("reason")], [409, "claim_inactive"]);
    }
  });

  it("keeps what a patch tells and adds up the parts of the usage", async () => {
    await patch({ providerThreadId: "t1", usage: { inputTokens: 10, totalTokens: 12 }, model: "m" });
    await patch({ usage: { outputTokens: 2 }, plan: "1. a", externalUrl: "https://example.com/x" });
    assert.deepEqual(session()?.usage, { inputTokens: 10, totalTokens: 12, outputTokens: 2 });
    assert.deepEqual(session()?.metadata, { providerThreadId: "t1", model: "m" });
    assert.equal(session()?.patches.length, 2);
  });

  const unfit: readonly (readonly [string, object])[] = [
    ["a field that is not listed", { projectRoot: "/home/me" }],
    ["a negative count", { usage: { inputTokens: -1 } }],
    ["an unknown count", { usage: { money: 1 } }],
    ["a status it may not set", { status: "complete" }],
    ["waiting without a question", { status: "awaiting_input" }],
    ["a question without waiting", { inputRequest: "Which?" }],
    ["input that nobody gave", { status: "active", consumedResumeInputId: "input_x" }],
    ["an unknown verdict", { reviewVerdict: "maybe" }],
  ];
  for (const [what, fields] of unfit) {
    it(`refuses a patch with ${what}, whole`, async () => {
      assert.equal((await patch({ plan: "never", ...fields })).status, 400);
      assert.equal(session()?.plan, null);
    });
  }

  it("waits for input and goes on with it, under the same claim", async () => {
    await patch({ status: "awaiting_input", inputRequest: "Which one?" });
    assert.deepEqual([session()?.status, session()?.inputRequest], ["awaiting_input", "Which one?"]);
    await assert.rejects(sandbox.dashboard("POST", `sessions/${sessionId}/answer`, { text: "" }), /400/);
    await sandbox.dashboard("POST", `sessions/${sessionId}/answer`, { text: "The left one" });
    await assert.rejects(sandbox.dashboard("POST", `sessions/${sessionId}/answer`, { text: "again" }), /400/);
    const polled = await api("GET", at.replace(/\/[^/]+$/, ""));
    assert.equal(polled.get("sessions", 0, "pendingResumeInput", "text"), "The left one");
    assert.equal(polled.get("sessions", 0, "claim", "claimId"), claimId);
    const consumedResumeInputId = polled.text("sessions", 0, "pendingResumeInput", "inputId");
    assert.equal((await patch({ status: "active" })).status, 400);
    assert.equal((await patch({ consumedResumeInputId })).status, 400);
    assert.equal((await patch({ status: "active", consumedResumeInputId })).status, 200);
    assert.equal(
      (await patch({ status: "active", consumedResumeInputId })).status,
      200,
      "a repeated patch is harmless",
    );
    assert.deepEqual([session()?.status, session()?.input, session()?.inputRequest], ["active", null, null]);
  });

  it("goes on without an answer of the dashboard where the user answered elsewhere", async () => {
    await patch({ status: "awaiting_input", inputRequest: "Which one?" });
    assert.equal((await patch({ status: "active" })).status, 200);
    await assert.rejects(sandbox.dashboard("POST", `sessions/${sessionId}/answer`, { text: "late" }), /400/);
  });

  it("goes stale while it waits when the lease runs out", async () => {
    await patch({ status: "awaiting_input", inputRequest: "Which one?" });
    sandbox.advance(900_000);
    assert.equal(session()?.status, "stale");
  });

  it("completes once, and remarks what the prose of the contract forbids", async () => {
    await report(1);
    assert.equal(
      (await api("POST", `${at}/complete`, { claimId, summary: "Done." })).get("session", "status"),
      "complete",
    );
    assert.equal((await api("POST", `${at}/complete`, { claimId })).status, 409);
    assert.deepEqual(session()?.remarks, ["The last activity was not the completion activity."]);
  });

  it("has nothing to remark on a finish by the book", async () => {
    await report(1);
    await report(2, { type: "completion", message: "Done." });
    await api("POST", `${at}/complete`, { claimId, summary: "Done." });
    assert.deepEqual(session()?.remarks, []);
  });

  it("fails with a message", async () => {
    await report(1, { type: "failure", message: "It broke." });
    assert.equal((await api("POST", `${at}/fail`, { claimId })).status, 400);
    const answer = await api("POST", `${at}/fail`, {
      claimId,
      errorMessage: "It broke.",
      errorReason: "tool",
    });
    assert.deepEqual(
      [answer.get("session", "status"), answer.get("session", "errorMessage")],
      ["error", "It broke."],
    );
  });

  it("goes back to the queue when it is released", async () => {
    const answer = await api("POST", `${at}/release`, { claimId, reason: "enough" });
    assert.deepEqual([answer.get("session", "status"), answer.get("session", "claim")], ["queued", null]);
  });
});
