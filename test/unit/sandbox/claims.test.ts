import assert from "node:assert/strict";
import type { Sandbox } from "../../../src/sandbox/server";
import { startTestSandbox } from "../../fakes/sandbox";
import { activity, agentPath, beat, queue, workerAt, type Answer, type Api } from "../../fakes/sandboxClient";

describe("the sandbox's claims", () => {
  let sandbox: Sandbox;
  let api: Api;
  let path: string;
  let workerId: string;
  beforeEach(async () => {
    sandbox = await startTestSandbox();
    ({ api, path, workerId } = await workerAt(sandbox));
  });
  afterEach(() => sandbox.close());

  const claim = (sessionId: string, body: object = {}, at = path): Promise<Answer> =>
    api("POST", `${at}/sessions/${sessionId}/claim`, body);
  const polled = async (at = path, limit = 50): Promise<unknown> =>
    (await api("GET", `${at}/sessions?limit=${limit}`)).get("sessions");
  const ids = (sessions: unknown): readonly string[] =>
    [...JSON.stringify(sessions).matchAll(/"sessionId":"([^"]+)"/g)].map((one) => one[1] ?? "");
  const refusal = (answer: Answer): readonly unknown[] => [answer.status, answer.get("reason")];

  it("offers what is queued, oldest first, and no more than asked for", async () => {
    const first = await queue(sandbox);
    sandbox.advance(1000);
    const second = await queue(sandbox);
    assert.deepEqual(ids(await polled()), [first, second]);
    assert.deepEqual(ids(await polled(path, 1)), [first]);
    assert.equal((await api("GET", `${path}/sessions?limit=101`)).status, 400);
    assert.equal((await api("GET", `${path}/sessions?limit=many`)).status, 400);
  });

  it("gives a lease of 900 s or of what was asked for", async () => {
    const before = sandbox.clock.now();
    const usual = await claim(await queue(sandbox));
    const short = await claim(await queue(sandbox), { leaseSeconds: 60 });
    const lasts = (answer: Answer): number =>
      Math.round((Date.parse(answer.text("claim", "expiresAt")) - before) / 10_000) * 10;
    assert.deepEqual([lasts(usual), lasts(short)], [900, 60]);
    assert.equal((await claim(await queue(sandbox), { leaseSeconds: 29 })).status, 400);
  });

  it("shows the claim to the worker that holds it and to no other", async () => {
    const sessionId = await queue(sandbox);
    const claimId = (await claim(sessionId)).text("claim", "claimId");
    const other = await workerAt(sandbox);
    const seenBy = async (at: string): Promise<unknown> =>
      (await api("GET", `${at}/sessions/${sessionId}`)).get("session", "claim");
    assert.ok(JSON.stringify(await seenBy(path)).includes(claimId));
    assert.equal(await seenBy(other.path), null);
    assert.ok(JSON.stringify(await polled()).includes(claimId));
    assert.deepEqual(await polled(other.path), []);
    assert.deepEqual(refusal(await claim(sessionId, {}, other.path)), [409, "already_claimed"]);
    assert.deepEqual(refusal(await claim(sessionId)), [409, "already_claimed"]);
  });

  it("renews with the active claim and the same claimId", async () => {
    const sessionId = await queue(sandbox);
    const claimId = (await claim(sessionId, { leaseSeconds: 60 })).text("claim", "claimId");
    sandbox.advance(50_000);
    await api("POST", `${path}/heartbeat`, beat);
    const renewed = await claim(sessionId, { claimId });
    assert.equal(renewed.text("claim", "claimId"), claimId);
    sandbox.advance(50_000);
    assert.equal(sandbox.state().sessions[0]?.status, "active");
    sandbox.advance(10_000);
    assert.equal(sandbox.state().sessions[0]?.status, "stale");
    assert.deepEqual(refusal(await claim(sessionId, { claimId })), [409, "claim_inactive"]);
  });

  for (const [renewal, expected] of [
    ["405", [405, undefined]],
    ["409", [409, "renewal_unsupported"]],
  ] as const) {
    it(`can be a platform that answers a renewal with ${renewal}`, async () => {
      await sandbox.dashboard("POST", "settings", { renewal });
      const sessionId = await queue(sandbox);
      const claimId = (await claim(sessionId)).text("claim", "claimId");
      assert.deepEqual(refusal(await claim(sessionId, { claimId })), expected);
    });
  }

  it("lets only the last owner claim a stale session again, under a new claimId", async () => {
    const sessionId = await queue(sandbox);
    const old = (await claim(sessionId, { leaseSeconds: 30 })).text("claim", "claimId");
    sandbox.advance(30_000);
    const other = await workerAt(sandbox);
    assert.deepEqual(ids(await polled(other.path)), []);
    assert.deepEqual(refusal(await claim(sessionId, {}, other.path)), [409, "not_eligible"]);
    assert.deepEqual(ids(await polled()), [sessionId]);
    const again = await claim(sessionId);
    assert.equal(again.status, 200);
    assert.notEqual(again.text("claim", "claimId"), old);
    assert.equal(
      (await api("POST", `${path}/sessions/${sessionId}/activities`, activity(old, 1))).get("reason"),
      "claim_inactive",
    );
  });

  it("refuses a worker that is offline", async () => {
    const sessionId = await queue(sandbox);
    sandbox.advance(300_000);
    assert.deepEqual(refusal(await claim(sessionId)), [409, "not_eligible"]);
    await api("POST", `${path}/heartbeat`, beat);
    assert.equal((await claim(sessionId)).status, 200);
  });

  const notOurs: readonly (readonly [string, object, readonly unknown[]])[] = [
    ["another owner", { ownerUserId: "user_other" }, [403, undefined]],
    ["no owner", { ownerUserId: null }, [403, undefined]],
    ["another execution mode", { executionMode: "cloud" }, [409, "not_eligible"]],
    ["another group", { targetGroupId: "group_b" }, [409, "not_eligible"]],
    ["another worker", { targetWorkerId: "worker_other" }, [409, "not_eligible"]],
    ["pending", { status: "pending" }, [409, "not_claimable"]],
  ];
  for (const [what, more, expected] of notOurs) {
    it(`neither offers nor gives a session with: ${what}`, async () => {
      const sessionId = await queue(sandbox, more);
      assert.deepEqual(ids(await polled()), []);
      assert.deepEqual(refusal(await claim(sessionId)), expected);
    });
  }

  it("can offer a session to a worker it is not for, so that the worker's own refusal is seen", async () => {
    const sessionId = await queue(sandbox, { executionMode: "cloud", offeredToAll: true });
    assert.deepEqual(ids(await polled()), [sessionId]);
  });

  it("routes to a worker and to a group", async () => {
    const grouped = await workerAt(sandbox, { groupId: "group_a" });
    const forGroup = await queue(sandbox, { targetGroupId: "group_a" });
    const forWorker = await queue(sandbox, { targetWorkerId: workerId });
    assert.deepEqual(ids(await polled()), [forWorker]);
    assert.deepEqual(ids(await polled(grouped.path)), [forGroup]);
  });

  it("shows a cancellation and refuses the claim from there on", async () => {
    const sessionId = await queue(sandbox);
    const claimId = (await claim(sessionId)).text("claim", "claimId");
    await sandbox.dashboard("POST", `sessions/${sessionId}/cancel`);
    const at = `${path}/sessions/${sessionId}`;
    assert.equal((await api("GET", at)).get("session", "status"), "cancelled");
    assert.deepEqual(refusal(await api("PATCH", at, { claimId, plan: "x" })), [409, "claim_inactive"]);
    assert.deepEqual(refusal(await api("POST", `${at}/complete`, { claimId })), [409, "claim_inactive"]);
    assert.deepEqual(refusal(await claim(sessionId, { claimId })), [409, "claim_inactive"]);
    assert.deepEqual(refusal(await claim(sessionId)), [409, "cancelled"]);
    await assert.rejects(sandbox.dashboard("POST", `sessions/${sessionId}/cancel`), /400/);
  });

  it("knows no session of another agent", async () => {
    await sandbox.dashboard("POST", "agents", { agentId: "agent_b", workspaceId: "ws_sandbox", name: "B" });
    const sessionId = await queue(sandbox, { agentId: "agent_b" });
    assert.equal((await api("GET", `${path}/sessions/${sessionId}`)).status, 404);
    assert.equal((await api("GET", `${agentPath}/workers/${workerId}/sessions/session_none`)).status, 404);
  });
});
