import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sandbox } from "../../../src/sandbox/server";
import { startTestSandbox } from "../../fakes/sandbox";
import { apiOf, queue, signIn, workerAt } from "../../fakes/sandboxClient";

describe("a sandbox that is started again", () => {
  let dataDir: string;
  let sandbox: Sandbox | undefined;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "sandbox-"));
  });
  afterEach(async () => {
    await sandbox?.close();
    sandbox = undefined;
    rmSync(dataDir, { recursive: true, force: true });
  });
  const start = async (): Promise<Sandbox> => {
    await sandbox?.close();
    sandbox = await startTestSandbox({ dataDir });
    return sandbox;
  };

  it("knows its users, workers, sessions and claims, on the same address", async () => {
    const first = await start();
    const { accessToken } = await signIn(first);
    const { api, path } = await workerAt(first);
    const sessionId = await queue(first);
    const claimId = (await api("POST", `${path}/sessions/${sessionId}/claim`, {})).text("claim", "claimId");
    first.advance(60_000);
    const { baseUrl, dashboardToken, modelBaseUrl } = first;
    const second = await start();
    assert.deepEqual(
      [second.baseUrl, second.dashboardToken, second.modelBaseUrl],
      [baseUrl, dashboardToken, modelBaseUrl],
    );
    const session = await apiOf(second, accessToken)("GET", `${path}/sessions/${sessionId}`);
    assert.equal(session.get("session", "claim", "claimId"), claimId);
    assert.ok(second.clock.aheadMs() >= 60_000);
  });

  it("accepts a callback that only the second start names", async () => {
    await start();
    await sandbox?.close();
    sandbox = await startTestSandbox({ dataDir, callbacks: ["other://one/callback"] });
    assert.ok(sandbox.state().settings.callbacks.includes("other://one/callback"));
  });

  it("goes on with a state file from before there were runs", async () => {
    const fixture = join(import.meta.dirname, "..", "..", "fixtures", "sandbox", "stateBeforeRuns.json");
    copyFileSync(fixture, join(dataDir, "state.json"));
    const first = await start();
    const before = first.state();
    assert.deepEqual(
      before.sessions.map((one) => [one.workflow.runId, one.workflow.taskMode, one.status]),
      [
        ["run_old", "code", "stale"],
        ["run_old", "review", "pending"],
      ],
    );
    assert.deepEqual(before.runs, []);
    await first.dashboard("POST", "runs", { prompt: "Go", template: [{ mode: "plan" }] });
    const again = (await start()).state();
    assert.deepEqual(
      again.runs.map((one) => [one.status, one.steps.map((step) => step.mode)]),
      [["running", ["plan"]]],
    );
  });

  it("keeps its files to itself", async () => {
    await start();
    for (const name of readdirSync(dataDir)) {
      assert.equal(statSync(join(dataDir, name)).mode & 0o777, 0o600, name);
    }
  });

  it("sets a damaged file aside and starts afresh", async () => {
    await start();
    await sandbox?.close();
    sandbox = undefined;
    writeFileSync(join(dataDir, "state.json"), '{"version":1,');
    const told: unknown[] = [];
    sandbox = await startTestSandbox({ dataDir, onError: (error) => told.push(error) });
    assert.equal(told.length, 1);
    assert.equal(sandbox.state().sessions.length, 0);
    assert.ok(readdirSync(dataDir).some((name) => name.startsWith("state.json.damaged-")));
  });
});
