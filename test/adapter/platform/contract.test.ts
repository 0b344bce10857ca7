import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import { systemClock } from "../../../src/base/clock";
import { Emitter } from "../../../src/base/emitter";
import { silentLog } from "../../../src/base/log";
import { systemRandom } from "../../../src/base/random";
import { PlatformError } from "../../../src/core/platformError";
import type { Registration, SessionMetadata, WorkerPath } from "../../../src/core/ports/platform";
import { HttpClient } from "../../../src/platform/http/httpClient";
import { heartbeatBody } from "../../../src/platform/requestBodies";
import { RestPlatform } from "../../../src/platform/restPlatform";
import * as bodies from "../../../src/platform/wire/bodies";
import { operations, type Operation } from "../../../src/platform/wire/operations";
import * as sessions from "../../../src/platform/wire/sessions";
import { readContract } from "../../../src/sandbox/contract/document";
import type { Sandbox } from "../../../src/sandbox/server";
import { startTestSandbox } from "../../fakes/sandbox";
import { queue, signIn } from "../../fakes/sandboxClient";

const openapi = readFileSync(
  join(import.meta.dirname, "..", "..", "..", "src", "sandbox", "contract", "openapi.yaml"),
  "utf8",
);

describe("the operation table and openapi.yaml", () => {
  const contract = readContract(openapi);
  const table: Readonly<Record<string, Operation>> = operations;

  it("name the same operations", () => {
    assert.deepEqual(Object.keys(table).sort(), contract.operations.map((one) => one.operationId).sort());
  });
  for (const one of contract.operations) {
    it(`agree on ${one.operationId}`, () => {
      const ours = table[one.operationId];
      assert.ok(ours !== undefined);
      assert.equal(ours.method, one.method);
      assert.equal(ours.path, one.path);
      assert.equal(ours.authorized, !one.public);
      const successes = [...one.responses.keys()].filter((status) => status < 400);
      assert.deepEqual([...ours.expected].sort(), successes.sort());
    });
  }

  const schemas = new Map<string, { readonly shape: object }>([
    ["Error", bodies.errorBody],
    ["User", bodies.user],
    ["Workspace", bodies.workspace],
    ["Agent", bodies.agent],
    ["Worker", bodies.worker],
    ["WorkerEnvelope", bodies.workerEnvelope],
    ["Claim", sessions.claim],
    ["Session", sessions.session],
    ["SessionEnvelope", sessions.sessionEnvelope],
    ["Comment", sessions.comment],
    ["Document", sessions.document],
    ["File", bodies.file],
  ]);
  const named = contract.root["components"];
  const all = fieldsOf(fieldsOf(named)["schemas"]);
  for (const [name, schema] of schemas) {
    it(`know every required field of ${name}`, () => {
      const required = fieldsOf(all[name])["required"];
      assert.ok(Array.isArray(required) && required.length > 0);
      const known = Object.keys(schema.shape);
      assert.deepEqual(
        required.filter((field) => !known.includes(String(field))),
        [],
      );
    });
  }
});

describe("every operation against the sandbox platform", () => {
  let sandbox: Sandbox;
  let platform: RestPlatform;
  let http: HttpClient;
  let path: WorkerPath;
  const agent = { workspaceId: "ws_sandbox", agentId: "agent_sandbox" };
  const registration: Registration = {
    name: "VS Code worker",
    runtime: { provider: "codex", version: "0.169.0" },
    policy: { sandbox: "workspace-write", approvals: "never", network: false },
    worktreeMode: "task",
    maxConcurrentSessions: 6,
    instructions: "Be brief.",
    groupId: undefined,
    idempotencyKey: "0123456789abcdef",
  };
  const claimOne = async (): Promise<{ sessionId: string; claimId: string }> => {
    const sessionId = await queue(sandbox);
    const { claim } = await platform.claimSession(path, sessionId, { leaseSeconds: 900 }, neverAborted);
    return { sessionId, claimId: claim.claimId };
  };
  const activity = (sequence: number, type: "progress" | "completion" | "url") => ({
    activityId: systemRandom.uuid(),
    sequence,
    type,
    message: "done *something*",
    ...(type === "url" ? { url: "https://example.com/x" } : {}),
    occurredAt: Date.now(),
  });
  const reasonOf = async (work: Promise<unknown>): Promise<string | undefined> => {
    const error: unknown = await work.catch((reason: unknown) => reason);
    return error instanceof PlatformError ? (error.conflictReason ?? error.reason) : undefined;
  };

  before(async () => {
    sandbox = await startTestSandbox();
    const { accessToken } = await signIn(sandbox);
    const tokens = {
      onDidChangeToken: new Emitter<string>().event,
      get: () => Promise.resolve(accessToken),
      renew: () => Promise.reject(new Error("no renewal is due")),
    };
    http = new HttpClient({
      origin: sandbox.baseUrl,
      tokens,
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
    });
    platform = new RestPlatform(http, silentLog);
    const worker = await platform.registerWorker(agent, registration, neverAborted);
    path = { ...agent, workerId: worker.workerId };
  });
  after(() => sandbox.close());

  it("getCurrentUser, listWorkspaces, listAgents", async () => {
    assert.equal((await platform.getCurrentUser(neverAborted)).userId, "user_sandbox");
    assert.equal((await platform.listWorkspaces(neverAborted))[0]?.workspaceId, "ws_sandbox");
    const [first] = await platform.listAgents("ws_sandbox", neverAborted);
    assert.deepEqual(first?.executionModes, ["local"]);
  });
  it("registerWorker finds the same worker by its key; getWorker reads it", async () => {
    const changed = { ...registration, maxConcurrentSessions: 2, groupId: undefined };
    assert.equal((await platform.registerWorker(agent, changed, neverAborted)).workerId, path.workerId);
    const worker = await platform.getWorker(path, neverAborted);
    assert.equal(worker.ownerUserId, "user_sandbox");
    assert.equal(worker.controlSignal, undefined);
  });
  it("listWorkers names the worker and its group", async () => {
    const grouped = { ...registration, groupId: "group-1" };
    await platform.registerWorker(agent, grouped, neverAborted);
    const listed = await platform.listWorkers(agent, neverAborted);
    const ours = listed.find((one) => one.workerId === path.workerId);
    assert.deepEqual([ours?.name, ours?.groupId], [registration.name, "group-1"]);
    await platform.registerWorker(agent, registration, neverAborted);
  });
  it("acknowledgeControlSignal", async () => {
    await sandbox.dashboard("POST", `workers/${path.workerId}/signal`, { type: "pause" });
    const signal = (await platform.getWorker(path, neverAborted)).controlSignal;
    assert.equal(signal?.type, "pause");
    await platform.acknowledgeControlSignal(path, signal.signalId, neverAborted);
    assert.equal((await platform.getWorker(path, neverAborted)).controlSignal, undefined);
  });
  it("heartbeat, in every state", async () => {
    for (const state of ["idle", "busy", "paused", "stopping"] as const) {
      const facts = { state, activeSessions: 1, awaitingInputSessions: 0, maxConcurrentSessions: 6 };
      const body = heartbeatBody(
        { ...facts, runtime: registration.runtime },
        { workerVersion: "1.0.0", platform: process.platform, uptimeMs: 5000 },
      );
      const values = { workspaceId: path.workspaceId, agentId: path.agentId, workerId: path.workerId };
      const answer = await http.call("heartbeat", bodies.beatAnswer, {
        path: values,
        body,
        signal: neverAborted,
      });
      assert.ok(answer.serverTime !== undefined);
    }
  });
  it("pollSessions, getAgentSession, claimSession and its renewal", async () => {
    const sessionId = await queue(sandbox, { title: "Polled" });
    const polled = (await platform.pollSessions(path, neverAborted)).find(
      (one) => one.sessionId === sessionId,
    );
    assert.equal(polled?.status, "queued");
    assert.equal(polled.ownerUserId, "user_sandbox");
    assert.ok(polled.createdAt > 0);
    assert.ok((polled.trusted.policy ?? "").length > 0);
    const first = await platform.claimSession(path, sessionId, { leaseSeconds: 60 }, neverAborted);
    assert.equal(first.claim.leaseSeconds, 60);
    assert.ok((first.claim.expiresAt ?? 0) > Date.now());
    assert.equal(first.session.status, "active");
    const { claimId } = first.claim;
    const renewed = await platform.claimSession(
      path,
      sessionId,
      { leaseSeconds: 900, claimId },
      neverAborted,
    );
    assert.equal(renewed.claim.claimId, claimId);
    const read = await platform.getSession(path, sessionId, neverAborted);
    assert.equal(read.claim?.claimId, claimId);
    assert.equal(
      await reasonOf(platform.claimSession(path, sessionId, { leaseSeconds: 900 }, neverAborted)),
      "already_claimed",
    );
  });
  it("patchAgentSession with every field", async () => {
    const { sessionId, claimId } = await claimOne();
    const metadata: SessionMetadata = {
      providerThreadId: "t",
      providerTurnId: "u",
      providerProcessId: "123",
      providerStatus: "running",
      plan: "- [ ] one",
      externalUrl: "https://example.com/",
      model: "m",
      modelProvider: "p",
      workingDirectory: "/w",
      worktreePath: "/w",
      usage: {
        inputTokens: 1,
        cachedInputTokens: 0,
        outputTokens: 2,
        reasoningOutputTokens: 0,
        totalTokens: 3,
        contextWindow: undefined,
      },
    };
    await platform.patchSession(path, sessionId, claimId, metadata, neverAborted);
    const asking = { status: "awaiting_input", inputRequest: "Which?" } as const;
    await platform.patchSession(path, sessionId, claimId, asking, neverAborted);
    assert.equal((await platform.getSession(path, sessionId, neverAborted)).status, "awaiting_input");
    await sandbox.dashboard("POST", `sessions/${sessionId}/answer`, { text: "This one." });
    const { pendingResumeInput } = await platform.getSession(path, sessionId, neverAborted);
    assert.equal(pendingResumeInput?.text, "This one.");
    const going = { status: "active", consumedResumeInputId: pendingResumeInput.inputId } as const;
    await platform.patchSession(path, sessionId, claimId, going, neverAborted);
    assert.equal((await platform.getSession(path, sessionId, neverAborted)).status, "active");
  });
  it("createActivity, again with the same id, then completeSession", async () => {
    const { sessionId, claimId } = await claimOne();
    const first = activity(1, "progress");
    const tell = (): Promise<string> =>
      platform.createActivity(path, sessionId, claimId, first, neverAborted);
    assert.equal(await tell(), "stored");
    assert.equal(await tell(), "known");
    await platform.createActivity(path, sessionId, claimId, activity(2, "url"), neverAborted);
    await platform.createActivity(path, sessionId, claimId, activity(3, "completion"), neverAborted);
    await platform.completeSession(path, sessionId, claimId, "All done.", neverAborted);
    assert.equal((await platform.getSession(path, sessionId, neverAborted)).status, "complete");
    assert.equal(
      await reasonOf(
        platform.createActivity(path, sessionId, claimId, activity(4, "progress"), neverAborted),
      ),
      "claim_inactive",
    );
  });
  it("what was stored, or is refused, under an earlier claim uses no number of the new one", async () => {
    const { sessionId, claimId: earlier } = await claimOne();
    const tell = (claimId: string, one: ReturnType<typeof activity>): Promise<string> =>
      platform.createActivity(path, sessionId, claimId, one, neverAborted);
    const stored = activity(1, "progress");
    await tell(earlier, stored);
    await tell(earlier, activity(2, "progress"));
    await platform.patchSession(path, sessionId, earlier, { providerStatus: "first" }, neverAborted);
    await platform.releaseSession(path, sessionId, earlier, "not now", neverAborted);
    const { claim } = await platform.claimSession(path, sessionId, { leaseSeconds: 900 }, neverAborted);

    for (const late of [stored, activity(1, "progress"), activity(3, "progress")]) {
      assert.equal(await reasonOf(tell(earlier, late)), "claim_inactive");
    }
    const patch = platform.patchSession(path, sessionId, earlier, { providerStatus: "late" }, neverAborted);
    assert.equal(await reasonOf(patch), "claim_inactive");
    // The platform knows an activity by its id, whatever claim brings it again.
    assert.equal(await tell(claim.claimId, stored), "known");
    assert.equal(await tell(claim.claimId, activity(1, "progress")), "stored");
    assert.equal(await tell(claim.claimId, activity(2, "completion")), "stored");

    const view = sandbox.state().sessions.find((one) => one.sessionId === sessionId);
    assert.deepEqual(
      view?.activities.map((one) => [one.claimId === earlier, one.sequence]),
      [
        [true, 1],
        [true, 2],
        [false, 1],
        [false, 2],
      ],
    );
    assert.equal(view.metadata.providerStatus, "first");
    await platform.completeSession(path, sessionId, claim.claimId, undefined, neverAborted);
  });
  it("failSession and releaseSession", async () => {
    const failed = await claimOne();
    const error = { message: "It broke.", reason: "testFailed" };
    await platform.failSession(path, failed.sessionId, failed.claimId, error, neverAborted);
    assert.equal((await platform.getSession(path, failed.sessionId, neverAborted)).status, "error");
    const released = await claimOne();
    await platform.releaseSession(path, released.sessionId, released.claimId, "not now", neverAborted);
    assert.equal((await platform.getSession(path, released.sessionId, neverAborted)).status, "queued");
  });
  it("uploadWorkspaceFile, with every byte and a name that means harm, and saveTaskComment with it", async () => {
    const task = { title: "The task" };
    await sandbox.dashboard("POST", "sessions", { title: "With a task", prompt: "Go.", task });
    const { sessionId, taskId } = sandbox.state().sessions.at(-1) ?? assert.fail();
    assert.ok(taskId !== null);
    const content = Uint8Array.from({ length: 70_000 }, (_, at) => at % 256);
    const file = { name: 'a"b; name=x\r\n\r\n--é.png', mediaType: "image/png", content };
    const { fileId, url } = await platform.uploadFile(path.workspaceId, file, neverAborted);
    const opened = await fetch(url ?? assert.fail(), { headers: { connection: "close" } });
    assert.deepEqual(
      new Uint8Array(await opened.arrayBuffer()),
      content,
      "what a link in the comment leads to",
    );
    const stored = sandbox.state().files.find((one) => one.fileId === fileId);
    assert.equal(stored?.size, content.length);
    assert.equal(stored.sha256, createHash("sha256").update(content).digest("hex"));
    assert.equal(stored.contentType, "image/png");
    const comment = { content: "Here: `a.png`", fileIds: [fileId] };
    await platform.saveComment(path.workspaceId, taskId, comment, neverAborted);
    assert.deepEqual(sandbox.state().comments.at(-1)?.fileIds, [fileId]);
    const { untrusted } = await platform.getSession(path, sessionId, neverAborted);
    assert.equal(untrusted.comments.at(-1)?.content, "Here: `a.png`");
  });
  it("an upload is refused for its size and its kind, and has an unknown outcome where its answer is lost", async () => {
    const upload = async (mediaType: string, bytes: number): Promise<PlatformError> => {
      const file = { name: "x", mediaType, content: new Uint8Array(bytes) };
      const error: unknown = await platform
        .uploadFile(path.workspaceId, file, neverAborted)
        .catch((reason: unknown) => reason);
      return error instanceof PlatformError ? error : assert.fail(String(error));
    };
    const tooLarge = await upload("image/png", 11_000_000);
    assert.deepEqual([tooLarge.status, tooLarge.outcome], [413, "refused"]);
    const wrongKind = await upload("image/tiff", 10);
    assert.deepEqual([wrongKind.status, wrongKind.outcome], [415, "refused"]);
    const before = sandbox.state().files.length;
    const action = { type: "drop", when: "after" } as const;
    sandbox.faults.add({ operationId: "uploadWorkspaceFile", skip: 0, times: 1, action });
    assert.equal((await upload("image/png", 10)).outcome, "unknown");
    assert.equal(sandbox.state().files.length, before + 1, "it is not sent again by itself");
  });
  it("a document goes to the task, and work to another worker's queue, under the claim", async () => {
    const task = { title: "The task" };
    await sandbox.dashboard("POST", "sessions", { title: "With a task", prompt: "Go.", task });
    const { sessionId, taskId } = sandbox.state().sessions.at(-1) ?? assert.fail();
    assert.ok(taskId !== null);
    const asked = { leaseSeconds: 60 };
    const { claimId } = (await platform.claimSession(path, sessionId, asked, neverAborted)).claim;
    const document = { taskId, title: "Plan", content: "1. Look.", workflowRunId: undefined };
    await platform.createDocument(path.workspaceId, { ...document, workflowStepId: undefined }, neverAborted);
    const { untrusted } = await platform.getSession(path, sessionId, neverAborted);
    assert.deepEqual(
      untrusted.documents.slice(-1).map(({ title, content }) => [title, content]),
      [["Plan", "1. Look."]],
    );
    const work = { prompt: "Review it.", title: "Review", taskId, delegatingSessionId: sessionId };
    const target = { targetWorkerId: path.workerId, targetGroupId: undefined };
    const child = await platform.createSession(path, { ...work, ...target, claimId }, neverAborted);
    const stored = sandbox.state().sessions.find((one) => one.sessionId === child);
    assert.deepEqual(
      [stored?.delegatingSessionId, stored?.title, stored?.targetWorkerId],
      [sessionId, "Review", path.workerId],
    );
    const dead = platform.createSession(path, { ...work, ...target, claimId: "dead" }, neverAborted);
    await assert.rejects(dead, (error) => PlatformError.is(error, "conflict"));
    await platform.patchSession(path, sessionId, claimId, { reviewVerdict: "approve" }, neverAborted);
    assert.equal(
      sandbox.state().sessions.find((one) => one.sessionId === sessionId)?.reviewVerdict,
      "approve",
    );
  });
  it("a completion whose answer is lost has an unknown outcome, and the session tells", async () => {
    const { sessionId, claimId } = await claimOne();
    sandbox.faults.add({
      operationId: "completeSession",
      skip: 0,
      times: 1,
      action: { type: "drop", when: "after" },
    });
    const error: unknown = await platform
      .completeSession(path, sessionId, claimId, undefined, neverAborted)
      .catch((reason: unknown) => reason);
    assert.ok(error instanceof PlatformError);
    assert.equal(error.outcome, "unknown");
    assert.equal((await platform.getSession(path, sessionId, neverAborted)).status, "complete");
  });
  it("the sandbox saw each operation of the table that carries a token, and refused no body", () => {
    const seen = sandbox.log.list();
    const called = new Set(seen.map((one) => one.operationId));
    for (const id of Object.keys(operations)) assert.ok(called.has(id), id);
    assert.deepEqual(
      seen.filter((one) => one.status === 400).map((one) => one.answer),
      [],
    );
  });
});

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
