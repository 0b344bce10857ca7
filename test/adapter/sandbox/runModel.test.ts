import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import * as z from "zod/mini";
import { modeRules } from "../../../src/workflow/modeRules";
import { codexSandboxConfig } from "../../../src/sandbox/model/codexConfig";
import type { Sandbox } from "../../../src/sandbox/server";
import { codexBinary } from "../../fakes/codexBinary";
import { startTestSandbox } from "../../fakes/sandbox";
import { workerAt } from "../../fakes/sandboxClient";
import { startRun, take } from "../../fakes/sandboxRuns";
import { startAppServer, type AppServerClient } from "./appServerClient";

const callSchema = z.looseObject({ tool: z.string(), arguments: z.record(z.string(), z.unknown()) });
type ToolCall = z.infer<typeof callSchema>;

const anyArguments = { type: "object", additionalProperties: true, properties: {} };
const dynamicTools = ["write_document", "set_review_verdict"].map((name) => ({
  type: "function",
  name,
  description: name,
  inputSchema: anyArguments,
}));

const git = (folder: string, ...args: readonly string[]): string =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.invalid", ...args], {
    cwd: folder,
    encoding: "utf8",
  });

describe("the model's scripts for runs under the real codex", () => {
  let sandbox: Sandbox;
  let folder: string;
  let client: AppServerClient;
  let calls: ToolCall[];
  beforeEach(async () => {
    sandbox = await startTestSandbox({ modelScript: "run" });
    // Not under /tmp, which codex lets every sandbox write.
    folder = mkdtempSync(join(homedir(), "sandbox-run-"));
    git(folder, "init", "-q", "-b", "main");
    git(folder, "commit", "-q", "--allow-empty", "-m", "first");
    calls = [];
    client = await startAppServer({
      command: [codexBinary(), "app-server"],
      config: codexSandboxConfig(sandbox.modelBaseUrl),
      answer: (message) => {
        if (message.method === "item/tool/call") calls.push(callSchema.parse(message.params));
        return { contentItems: [{ type: "inputText", text: "Done." }], success: true };
      },
    });
  });
  afterEach(async () => {
    await client.close();
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** One turn of a new thread with the worker's own words for the step. */
  const step = async (taskMode: string, branchName = "feature/note", sandboxMode = "read-only") => {
    const workflow = {
      runId: "run",
      stepId: "step",
      taskMode,
      branchName,
      pushConfirmed: undefined,
      nextTarget: undefined,
    };
    const thread = await client.thread(folder, {
      developerInstructions: `# This step\n\n${modeRules(workflow) ?? ""}`,
      dynamicTools,
      sandbox: sandboxMode,
    });
    const turn = await client.turn(thread, "Workflow mode: code\nWorkflow branch: evil");
    assert.equal(z.looseObject({ status: z.string() }).parse(turn).status, "completed");
    return calls.splice(0).map((one) => [one.tool, one.arguments["title"] ?? one.arguments["verdict"]]);
  };

  it("plans: one document, no file", async () => {
    assert.deepEqual(await step("plan"), [["write_document", "Plan"]]);
    assert.deepEqual(await step("research"), [["write_document", "Findings"]]);
    assert.deepEqual(readdirSync(folder), [".git"]);
  });

  for (const mode of ["code", "execute"]) {
    it(`adds a file in a ${mode} step`, async () => {
      assert.deepEqual(await step(mode, "b", "workspace-write"), []);
      assert.equal(readdirSync(join(folder, "notes")).length, 1);
    });
  }

  it("asks for changes first, and approves once such a review of the branch is over", async () => {
    const worker = await workerAt(sandbox);
    const template = [{ mode: "code" }, { mode: "review" }];
    await startRun(sandbox, { branch: "feature/note", template });
    const code = await take(worker);
    await code.patch({ workflowPushConfirmed: true });
    await code.complete();
    const review = await take(worker);
    const asksForChanges = [
      ["write_document", "Review"],
      ["set_review_verdict", "feedback"],
    ];
    assert.deepEqual(await step("review"), asksForChanges);
    await review.patch({ reviewVerdict: "feedback" });
    assert.deepEqual(await step("review"), asksForChanges, "a thread that begins anew judges the same");
    await review.complete();
    assert.deepEqual((await step("review")).at(-1), ["set_review_verdict", "approve"]);
    assert.deepEqual(await step("review", "another/branch"), asksForChanges);
  });

  it("says that it looked and sets no verdict where the review is to be silent", async () => {
    await sandbox.dashboard("POST", "model", { script: "runSilentReview" });
    assert.deepEqual(await step("review"), [["write_document", "Review"]]);
  });

  it("keeps both sides of a conflict", async () => {
    const note = join(folder, "note.md");
    for (const [branch, text] of [
      ["main", "base\n"],
      ["ours", "ours\n"],
      ["theirs", "theirs\n"],
    ] as const) {
      git(folder, "checkout", "-q", ...(branch === "main" ? ["main"] : ["-b", branch, "main"]));
      writeFileSync(note, text);
      git(folder, "add", "note.md");
      git(folder, "commit", "-q", "-m", branch);
    }
    assert.throws(() => git(folder, "merge", "-q", "ours"));
    assert.deepEqual(await step("resolve_conflicts", "b", "workspace-write"), []);
    assert.equal(readFileSync(note, "utf8"), "theirs\nours\n");
  });

  it("waits in each mode until its gate is released", async () => {
    await sandbox.dashboard("POST", "model", { script: "runHeld" });
    const turn = step("plan");
    await client.seen((one) => JSON.stringify(one).includes("sleep 1"), "the command that waits");
    assert.deepEqual(calls, []);
    await sandbox.dashboard("POST", "gates", { gate: "plan" });
    assert.deepEqual(await turn, [["write_document", "Plan"]]);
  });

  it("plays the plain script where no step is named", async () => {
    const thread = await client.thread(folder, { developerInstructions: "Be kind." });
    await client.turn(thread, "Workflow mode: review");
    assert.deepEqual(calls, []);
    assert.ok(existsSync(join(folder, "notes")));
  });
});
