import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../../src/base/clock";
import { silentLog } from "../../../src/base/log";
import { systemRandom } from "../../../src/base/random";
import type { RunOutcome, RunRequest } from "../../../src/core/ports/runtime";
import type { ToolCall } from "../../../src/core/ports/tools";
import { AcpRuntime } from "../../../src/runtime/acp/acpRuntime";
import { acpPrograms } from "../../fakes/acpPrograms";
import { codexBinary } from "../../fakes/codexBinary";
import { call, exec, items, patch, plan, reason, say, type ModelStep } from "../../fakes/fakeModel";
import { keeperProgram } from "../../fakes/keeperProgram";
import { CodexLab } from "./codexLab";

const modules = join(import.meta.dirname, "../../host/node_modules");
const program = join(modules, "@agentclientprotocol/codex-acp/dist/index.js");

describe("the real codex-acp, an agent of the Agent Client Protocol", () => {
  let lab: CodexLab;
  before(() => assert.ok(existsSync(program), "Run `node scripts/hostTools.mjs`."));
  afterEach(() => lab.close());

  const open = async (...steps: readonly ModelStep[]): Promise<CodexLab> => {
    lab = await CodexLab.open(...steps);
    lab.model.aside("generate a very short title", items(say('{"title":"A title"}')));
    return lab;
  };

  const run = (changes: Partial<RunRequest> = {}): Promise<RunOutcome> => {
    const runtime = new AcpRuntime({
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      redactor: lab.redactor,
      environment: { ...lab.environment, CODEX_PATH: codexBinary(), NO_BROWSER: "1" },
      clientVersion: "0.0.0",
      keeper: keeperProgram(),
      scratchFolder: join(lab.root, "tmp"),
      toolPipe: acpPrograms().toolPipe,
    });
    const request = lab.request({
      provider: "acp",
      command: [process.execPath, program],
      environmentNames: ["CODEX_PATH", "NO_BROWSER"],
      ...changes,
    });
    return runtime.run(request, (event) => lab.events.push(event), new AbortController().signal);
  };

  it("tells plan, command, patch, messages and usage, and leaves nothing behind", async () => {
    lab = await open(
      items(reason("**Thinking** it over"), plan("Two steps", [["Create file", "in_progress"]])),
      items(say("Creating the file.", "commentary"), exec("echo hello > a.txt && cat a.txt")),
      items(patch("*** Begin Patch\n*** Add File: new.txt\n+line one\n*** End Patch\n")),
      items(say("All done.")),
    );
    assert.deepEqual(await run(), { kind: "completed", finalMessage: "All done." });
    assert.equal(readFileSync(join(lab.project, "a.txt"), "utf8"), "hello\n");
    assert.equal(readFileSync(join(lab.project, "new.txt"), "utf8"), "line one\n");
    const [ran] = lab.eventsOf("commandCompleted");
    assert.deepEqual(
      [ran?.command, ran?.exitCode, ran?.outputTail],
      ["echo hello > a.txt && cat a.txt", 0, "hello\n"],
    );
    assert.deepEqual(lab.eventsOf("filesChanged")[0]?.files, [
      { path: join(lab.project, "new.txt"), change: "add" },
    ]);
    assert.deepEqual(lab.eventsOf("plan").at(-1)?.steps, [{ text: "Create file", status: "inProgress" }]);
    assert.equal(lab.eventsOf("usage").at(-1)?.usage.totalTokens, 4200);
    assert.equal(lab.eventsOf("threadStarted")[0]?.model, "gpt-5.5");
    const developer = lab.model.messages().filter((one) => one.role === "developer");
    assert.ok(developer.some((one) => /\bTRUSTED-WORDS/.test(one.text)));
    const user = lab.model.messages().filter((one) => one.role === "user");
    assert.ok(user.some((one) => one.text.includes("UNTRUSTED-WORDS")));
    assert.ok(!user.some((one) => /(?<!UN)TRUSTED-WORDS/.test(one.text)));
    assert.deepEqual(lab.survivors(), []);
  });

  it("goes on with its session in another process", async () => {
    lab = await open(items(say("First.")), items(say("Second.")));
    await run();
    const threadId = lab.eventsOf("threadStarted")[0]?.threadId;
    const again = await run({ resumeThreadId: threadId, untrustedInput: "AND-THEN" });
    assert.deepEqual(again, { kind: "completed", finalMessage: "Second." });
    assert.deepEqual(
      lab.eventsOf("message").map((one) => one.text),
      ["First.", "Second."],
    );
    assert.match(JSON.stringify(lab.model.messages()), /UNTRUSTED-WORDS.*First\..*AND-THEN/);
  });

  it("lets its model use the worker's own tools, also where nobody is asked", async () => {
    const used: ToolCall[] = [];
    lab = await open(
      items({ ...call("report_progress", { message: "Half done" }), namespace: "mcp__one_horizon" }),
      items(say("Told.")),
    );
    const outcome = await run({
      useTool: (one) => {
        used.push(one);
        return Promise.resolve({ ok: true, text: "It is told." });
      },
    });
    assert.equal(outcome.kind, "completed");
    assert.deepEqual(used, [{ tool: "report_progress", message: "Half done" }]);
    assert.match(lab.model.sent, /It is told\./);
    assert.deepEqual([...lab.eventsOf("policyDecision"), ...lab.eventsOf("commandStarted")], []);
  });
});
