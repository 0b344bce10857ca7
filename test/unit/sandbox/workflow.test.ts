import assert from "node:assert/strict";
import type { Sandbox } from "../../../src/sandbox/server";
import { startTestSandbox } from "../../fakes/sandbox";
import {
  activity,
  agentPath,
  apiOf,
  queue,
  signIn,
  workerAt,
  type Answer,
  type Api,
} from "../../fakes/sandboxClient";

describe("the sandbox's workflows, tasks and files", () => {
  let sandbox: Sandbox;
  let api: Api;
  let path: string;
  let workerId: string;
  beforeEach(async () => {
    sandbox = await startTestSandbox();
    ({ api, path, workerId } = await workerAt(sandbox, { groupId: "group_a" }));
  });
  afterEach(() => sandbox.close());

  const claimed = async (more: object): Promise<{ readonly id: string; readonly claimId: string }> => {
    const id = await queue(sandbox, more);
    return { id, claimId: (await api("POST", `${path}/sessions/${id}/claim`, {})).text("claim", "claimId") };
  };
  const create = (body: object): Promise<Answer> => api("POST", `${agentPath}/sessions`, body);

  it("delegates to exactly one target, from an active session, with its claim", async () => {
    const { id, claimId } = await claimed({ workflowRunId: "run_1", workflowTaskMode: "plan" });
    const parent = { prompt: "Go on", delegatingSessionId: id, claimId };
    assert.equal((await create(parent)).status, 400);
    assert.equal(
      (await create({ ...parent, targetWorkerId: workerId, targetGroupId: "group_a" })).status,
      400,
    );
    assert.equal((await create({ ...parent, targetGroupId: "group_none" })).status, 400);
    const { claimId: _without, ...unclaimed } = parent;
    assert.equal((await create({ ...unclaimed, targetWorkerId: workerId })).get("reason"), "claim_inactive");
    const made = await create({ ...parent, targetGroupId: "group_a", workflowTaskMode: "review" });
    assert.equal(made.status, 201);
    assert.deepEqual(
      ["delegatingSessionId", "workflowRunId", "workflowTaskMode", "status"].map((one) =>
        made.get("session", one),
      ),
      [id, "run_1", "review", "queued"],
    );
    await api("POST", `${path}/sessions/${id}/release`, { claimId });
    assert.equal((await create({ ...parent, targetWorkerId: workerId })).get("reason"), "claim_inactive");
  });

  it("holds the next step back until the branch is published", async () => {
    const { id, claimId } = await claimed({
      workflowRunId: "run_1",
      workflowTaskMode: "code",
      workflowBranchName: "b",
    });
    const made = await create({
      prompt: "Review",
      delegatingSessionId: id,
      claimId,
      targetWorkerId: workerId,
    });
    assert.equal(made.get("session", "status"), "pending");
    await api("PATCH", `${path}/sessions/${id}`, { claimId, workflowPushConfirmed: true });
    assert.equal(sandbox.state().sessions.at(-1)?.status, "queued");
  });

  it("remarks a review without a verdict and a step that nobody was handed", async () => {
    const { id, claimId } = await claimed({
      workflowTaskMode: "review",
      workflowNextTarget: { targetWorkerId: workerId },
    });
    await api("POST", `${path}/sessions/${id}/activities`, activity(claimId, 1, { type: "completion" }));
    await api("POST", `${path}/sessions/${id}/complete`, { claimId });
    assert.deepEqual(sandbox.state().sessions[0]?.remarks.length, 2);
  });

  it("shows a task with its comments and documents as untrusted, and the rules as trusted", async () => {
    const { id } = await claimed({ task: { kind: "bug", title: "Broken", description: "It is." } });
    const taskId = sandbox.state().tasks[0]?.taskId;
    await api("POST", `/workspaces/ws_sandbox/tasks/${taskId ?? ""}/comments`, { content: "Looks bad." });
    await api("POST", "/workspaces/ws_sandbox/documents", { taskId, title: "Plan", content: "1." });
    const session = await api("GET", `${path}/sessions/${id}`);
    assert.equal(session.get("session", "untrustedContext", "task", "title"), "Broken");
    assert.equal(session.get("session", "untrustedContext", "comments", 0, "content"), "Looks bad.");
    assert.equal(session.get("session", "untrustedContext", "documents", 0, "title"), "Plan");
    assert.match(session.text("session", "trustedInstructions", "policy"), /working directory/);
  });

  it("refuses a comment or document for no task", async () => {
    assert.equal(
      (await api("POST", "/workspaces/ws_sandbox/tasks/none/comments", { content: "x" })).status,
      404,
    );
    const document = { taskId: "none", title: "x", content: "x" };
    assert.equal((await api("POST", "/workspaces/ws_sandbox/documents", document)).status, 404);
  });

  const form = (type: string, size = 4, name = "shot ü.png"): FormData => {
    const made = new FormData();
    made.set("file", new Blob([new Uint8Array(size).fill(7)], { type }), name);
    return made;
  };
  const upload = (body: FormData): Promise<Answer> => api("POST", "/workspaces/ws_sandbox/files", body);

  it("keeps an uploaded file byte by byte", async () => {
    const answer = await upload(form("image/png", 70_000));
    assert.deepEqual([answer.status, answer.get("file", "name")], [201, "shot ü.png"]);
    const [file] = sandbox.state().files;
    const content = await fetch(`${sandbox.baseUrl}/sandbox/api/files/${file?.fileId ?? ""}`, {
      headers: { "x-sandbox-token": sandbox.dashboardToken },
    });
    assert.deepEqual(new Uint8Array(await content.arrayBuffer()), new Uint8Array(70_000).fill(7));
  });

  for (const [type, contentType, disposition] of [
    ["image/png", "image/png", "inline"],
    ["text/plain", "text/plain; charset=utf-8", "inline"],
    ["text/html", "text/html; charset=utf-8", "attachment"],
    ["application/pdf", "application/pdf", "attachment"],
  ] as const) {
    it(`gives a file of ${type} out by its own address, and runs nothing of it`, async () => {
      const answer = await upload(form(type, 70_000, "it's (ü).x"));
      const content = await fetch(answer.text("file", "url"));
      const { headers } = content;
      assert.equal(headers.get("content-type"), contentType);
      assert.equal(
        headers.get("content-disposition"),
        `${disposition}; filename*=UTF-8''it%27s%20%28%C3%BC%29.x`,
      );
      assert.equal(headers.get("x-content-type-options"), "nosniff");
      assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'.*sandbox/);
      assert.deepEqual(new Uint8Array(await content.arrayBuffer()), new Uint8Array(70_000).fill(7));
    });
  }

  it("gives no file out by an address that was guessed", async () => {
    const addresses = await Promise.all(
      ["a", "b"].map(async (name) => (await upload(form("image/png", 4, name))).text("file", "url")),
    );
    const [first = "", second = ""] = addresses;
    const key = first.slice(first.lastIndexOf("/") + 1);
    assert.ok(key.length >= 43, "32 bytes");
    const folder = second.slice(0, second.lastIndexOf("/") + 1);
    for (const guess of [`${folder}${key}`, folder, folder.slice(0, -1), `${second}/x`, `${first}x`]) {
      const refused = await fetch(guess);
      assert.equal(refused.status, 404, guess);
      await refused.body?.cancel();
    }
    const posted = await fetch(first, { method: "POST" });
    assert.notEqual(posted.status, 200);
    await posted.body?.cancel();
  });

  it("refuses files that are too large, of no accepted type, or not there", async () => {
    assert.equal((await upload(form("image/png", 10 * 1024 * 1024 + 1))).status, 413);
    assert.equal((await upload(form("application/x-msdownload"))).status, 415);
    assert.equal((await upload(new FormData())).status, 400);
    assert.equal((await api("POST", "/workspaces/ws_sandbox/files", { file: "x" })).status, 415);
  });

  it("lets nobody else in", async () => {
    await sandbox.dashboard("POST", "users", { userId: "user_other", name: "Other" });
    const other = apiOf(sandbox, (await signIn(sandbox, "user_other")).accessToken);
    assert.equal((await other("POST", "/workspaces/ws_sandbox/files", form("image/png"))).status, 403);
    assert.equal((await other("POST", `${agentPath}/sessions`, { prompt: "x" })).status, 403);
  });
});
