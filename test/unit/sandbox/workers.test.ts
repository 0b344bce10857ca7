import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { Sandbox } from "../../../src/sandbox/server";
import { startTestSandbox } from "../../fakes/sandbox";
import { agentPath, apiOf, beat, queue, registration, signIn, workerAt } from "../../fakes/sandboxClient";

describe("the sandbox's workers", () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await startTestSandbox();
  });
  afterEach(() => sandbox.close());

  it("registers once for a key, and takes the new facts", async () => {
    const api = apiOf(sandbox, (await signIn(sandbox)).accessToken);
    const idempotencyKey = randomUUID();
    const first = await api("POST", `${agentPath}/workers`, registration({ idempotencyKey }));
    const second = await api(
      "POST",
      `${agentPath}/workers`,
      registration({ idempotencyKey, name: "Renamed" }),
    );
    assert.deepEqual([first.status, second.status], [201, 200]);
    assert.equal(second.text("worker", "workerId"), first.text("worker", "workerId"));
    assert.equal(second.text("worker", "name"), "Renamed");
    assert.equal(sandbox.state().workers.length, 1);
  });

  const unfit: readonly (readonly [string, object])[] = [
    ["a folder of the user", { projectRoot: "/home/someone" }],
    ["another execution mode", { executionMode: "cloud" }],
    ["instructions beyond 2,000 characters", { instructions: "x".repeat(2001) }],
    ["a short key", { idempotencyKey: "short" }],
    ["an unknown fact about the runtime", { runtime: { provider: "codex", host: "mine" } }],
  ];
  for (const [what, more] of unfit) {
    it(`refuses to register ${what}`, async () => {
      const api = apiOf(sandbox, (await signIn(sandbox)).accessToken);
      assert.equal((await api("POST", `${agentPath}/workers`, registration(more))).status, 400);
    });
  }

  it("goes stale after 12 s and offline after 5 min without a beat, and comes back with one", async () => {
    const { api, path } = await workerAt(sandbox);
    const status = async (): Promise<unknown> => (await api("GET", path)).get("worker", "status");
    await api("POST", `${path}/heartbeat`, beat);
    assert.equal(await status(), "online");
    sandbox.advance(12_000);
    assert.equal(await status(), "stale");
    sandbox.advance(288_000);
    assert.equal(await status(), "offline");
    assert.equal((await api("POST", `${path}/heartbeat`, beat)).status, 200);
    assert.equal(await status(), "online");
  });

  const leaks: readonly (readonly [string, object])[] = [
    ["a machine's name", { hostname: "laptop" }],
    ["an unknown state", { state: "sleeping" }],
    ["an unknown platform", { platform: "freebsd" }],
    ["a version with a path", { workerVersion: "1.0.0 /home/me" }],
  ];
  for (const [what, more] of leaks) {
    it(`refuses a beat with ${what}`, async () => {
      const { api, path } = await workerAt(sandbox);
      assert.equal((await api("POST", `${path}/heartbeat`, { ...beat, ...more })).status, 400);
    });
  }

  it("loses its claims after 5 min of silence, though the lease is longer", async () => {
    const { api, path, workerId } = await workerAt(sandbox);
    const sessionId = await queue(sandbox);
    await api("POST", `${path}/sessions/${sessionId}/claim`, { leaseSeconds: 3600 });
    sandbox.advance(300_000);
    const [session] = sandbox.state().sessions;
    assert.deepEqual([session?.status, session?.claim, session?.lastOwnerId], ["stale", null, workerId]);
  });

  it("keeps a signal until it is acknowledged, which may be repeated", async () => {
    const { api, path, workerId } = await workerAt(sandbox);
    await sandbox.dashboard("POST", `workers/${workerId}/signal`, { type: "pause" });
    const signal = (await api("GET", path)).text("worker", "controlSignal", "signalId");
    const acknowledge = async (id: string) =>
      (await api("POST", `${path}/control-signals/${id}/acknowledge`)).status;
    assert.equal(await acknowledge("signal_unknown"), 404);
    assert.equal(await acknowledge(signal), 204);
    assert.equal((await api("GET", path)).get("worker", "controlSignal"), null);
    assert.equal(await acknowledge(signal), 204);
  });

  it("keeps workers, workspaces and agents of others apart", async () => {
    const { path, workerId } = await workerAt(sandbox);
    await sandbox.dashboard("POST", "users", { userId: "user_other", name: "Other" });
    const api = apiOf(sandbox, (await signIn(sandbox, "user_other")).accessToken);
    assert.deepEqual((await api("GET", "/workspaces")).get("workspaces"), []);
    assert.equal((await api("GET", path)).status, 403);
    await sandbox.dashboard("POST", "workspaces", {
      workspaceId: "ws_sandbox",
      name: "Shared",
      memberIds: ["user_sandbox", "user_other"],
    });
    assert.equal((await api("GET", path)).status, 403);
    assert.equal((await api("GET", `${agentPath}/workers/worker_none`)).status, 404);
    assert.equal((await api("GET", "/workspaces/ws_none/agents")).status, 404);
    assert.equal((await api("GET", `${agentPath}/workers`)).get("workers", 0, "workerId"), workerId);
  });

  for (const status of [403, 404]) {
    it(`answers every call of a worker that it rejects with ${status}`, async () => {
      const { api, path, workerId } = await workerAt(sandbox);
      await sandbox.dashboard("POST", `workers/${workerId}/reject`, { status });
      assert.equal((await api("GET", path)).status, status);
      assert.equal((await api("POST", `${path}/heartbeat`, beat)).status, status);
      assert.equal((await api("GET", `${path}/sessions`)).status, status);
    });
  }
});
