import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import type { RunFailureReason, RunRequest } from "../../../src/core/ports/runtime";
import { exec, items, say, status, type ModelStep } from "../../fakes/fakeModel";
import { CodexLab, git, until } from "./codexLab";

const done = items(say("done"));
const full: Partial<RunRequest> = {
  policy: { sandbox: "danger-full-access", approvals: "never", network: false },
};
/** A command that stays, with a helper that leaves the process group and ignores TERM. */
const lasting = exec("(trap '' TERM; setsid sh -c \"trap '' TERM; sleep 300\" & ) ; echo started; sleep 300");

describe("how a run of the real codex ends", function () {
  this.timeout(60_000);
  let lab: CodexLab;
  afterEach(() => lab.close());

  for (const [name, changes] of [
    ["workspace-write", {}],
    ["danger-full-access", full],
  ] as const) {
    it(`abort in the middle of a command, ${name}: rejects with the reason once no process is left`, async () => {
      lab = await CodexLab.open(items(lasting), done);
      const controller = new AbortController();
      const running = lab.run(changes, controller.signal);
      await until(
        "the command runs",
        () => lab.eventsOf("commandStarted").length > 0 && lab.survivors().length > 2,
      );
      const reason = new Error("claim lost");
      const startedAt = performance.now();
      controller.abort(reason);
      await assert.rejects(running, (error) => error === reason);
      assert.ok(performance.now() - startedAt < 4000, "within four seconds");
      assert.deepEqual(lab.survivors(), []);
      assert.equal(git(lab.project, "status", "--porcelain"), "");
      assert.deepEqual(readdirSync(lab.artifacts), []);
    });
  }

  it("kill -9 of codex in the middle of a command: crashed, and no process is left", async () => {
    lab = await CodexLab.open(items(lasting), done);
    const running = lab.run(full);
    await until(
      "the command runs",
      () => lab.eventsOf("commandStarted").length > 0 && lab.survivors().length > 2,
    );
    const [started] = lab.eventsOf("processStarted");
    assert.ok(started !== undefined);
    process.kill(started.processId, "SIGKILL");
    const outcome = await running;
    assert.ok(outcome.kind === "failed");
    assert.equal(outcome.reason, "crashed");
    assert.match(outcome.message, /SIGKILL/);
    assert.deepEqual(lab.survivors(), []);
  });

  it("a turn that completes ends the commands that it left in the background", async () => {
    lab = await CodexLab.open(items(exec("setsid sleep 300 & sleep 300", { yield_time_ms: 250 })), done);
    const outcome = await lab.run(full);
    assert.deepEqual(outcome, { kind: "completed", finalMessage: "done" });
    assert.deepEqual(lab.survivors(), []);
  });

  it("a silent turn stalls", async () => {
    lab = await CodexLab.open({ kind: "hang" });
    await assertFails({ stallTimeoutMs: 700 }, "stalled");
  });

  it("a turn that never ends runs into its limit, however much it says", async () => {
    lab = await CodexLab.open(items(exec("while true; do echo more; sleep 0.05; done")), done);
    await assertFails({ turnTimeoutMs: 1500, stallTimeoutMs: 1400 }, "turnTimeout");
  });

  const refusals: readonly (readonly [string, readonly ModelStep[], RunFailureReason])[] = [
    ["500", Array.from({ length: 6 }, () => status(500)), "modelUnreachable"],
    ["401", Array.from({ length: 6 }, () => status(401)), "notSignedIn"],
    [
      "a usage limit",
      [
        status(429, {
          error: { type: "usage_limit_reached", message: "limit", plan_type: "plus", resets_at: 1 },
        }),
      ],
      "outOfQuota",
    ],
    [
      "a stream that breaks off",
      Array.from({ length: 6 }, (): ModelStep => ({ kind: "cut" })),
      "modelUnreachable",
    ],
  ];
  for (const [name, steps, reason] of refusals) {
    it(`the model answers with ${name}: ${reason}`, async () => {
      lab = await CodexLab.open(...steps);
      await assertFails({}, reason);
    });
  }

  it("the model refuses the connection: modelUnreachable", async () => {
    lab = await CodexLab.openUnreachable();
    await assertFails({}, "modelUnreachable");
  });

  it("a program that is missing: notFound, with advice", async () => {
    lab = await CodexLab.open();
    const message = await assertFails({ command: ["codex-that-is-not-there", "app-server"] }, "notFound");
    assert.match(message, /npm install -g @openai\/codex/);
  });

  for (const [name, changes] of [
    ["found by the preflight", {}],
    ["found by the app-server", full],
  ] as const) {
    it(`a configuration that codex refuses, ${name}: told with its place`, async () => {
      lab = await CodexLab.open();
      lab.appendConfig("this is not toml\n", "");
      const message = await assertFails(changes, "protocol");
      assert.match(message, /config\.toml:1:6/);
    });
  }

  it("three runs side by side: one that is aborted leaves the others alone", async () => {
    lab = await CodexLab.open({ kind: "hang" }, { kind: "hang" }, { kind: "hang" });
    const runtime = lab.runtime();
    const controllers = [new AbortController(), new AbortController(), new AbortController()];
    const runs = controllers.map(({ signal }) =>
      runtime.run(lab.request({ stallTimeoutMs: 2500 }), () => undefined, signal),
    );
    await until("all ask the model", () => lab.model.requests.length === 3);
    controllers[0]?.abort(new Error("only this one"));
    const ends = await Promise.allSettled(runs);
    assert.deepEqual(
      ends.map((one) =>
        one.status === "rejected" ? String(one.reason) : one.value.kind === "failed" && one.value.reason,
      ),
      ["Error: only this one", "stalled", "stalled"],
    );
    assert.deepEqual(lab.survivors(), []);
  });

  it("a thread goes on in a second process", async () => {
    lab = await CodexLab.open(items(say("first answer")), items(say("second answer")));
    await lab.run({ untrustedInput: "FIRST-INPUT" });
    const threadId = lab.eventsOf("threadStarted")[0]?.threadId;
    const totals = lab.eventsOf("usage").at(-1)?.usage.totalTokens ?? 0;
    const outcome = await lab.run({
      untrustedInput: "SECOND-INPUT",
      resumeThreadId: threadId,
      workKey: "work-2",
    });
    assert.deepEqual(outcome, { kind: "completed", finalMessage: "second answer" });
    assert.equal(lab.eventsOf("threadStarted")[1]?.threadId, threadId);
    const last = JSON.stringify(lab.model.requests.at(-1));
    assert.ok(last.includes("FIRST-INPUT") && last.includes("SECOND-INPUT"));
    assert.ok((lab.eventsOf("usage").at(-1)?.usage.totalTokens ?? 0) > totals, "totals go on");
  });

  it("a thread that is not there: a clear failure", async () => {
    lab = await CodexLab.open();
    await assertFails({ resumeThreadId: "01a1f856-0000-7000-8000-000000000000" }, "turnFailed");
  });

  it("a text that is too long is refused before anything starts", async () => {
    lab = await CodexLab.open();
    await assertFails({ untrustedInput: "x".repeat(1_048_577) }, "turnFailed");
    assert.deepEqual(lab.events, []);
  });

  it("a text of the longest size and a long trusted text arrive whole", async () => {
    lab = await CodexLab.open(done);
    const outcome = await lab.run({
      untrustedInput: `${"x".repeat(1_048_575)}Z`,
      trustedInstructions: `${"t".repeat(300_000)}END-OF-TRUST`,
    });
    assert.equal(outcome.kind, "completed");
    assert.ok(lab.model.sent.includes("xxZ") && lab.model.sent.includes("END-OF-TRUST"));
  });

  async function assertFails(changes: Partial<RunRequest>, reason: RunFailureReason): Promise<string> {
    const outcome = await lab.run(changes);
    assert.ok(outcome.kind === "failed", JSON.stringify(outcome));
    assert.equal(outcome.reason, reason, outcome.message);
    assert.deepEqual(lab.survivors(), []);
    return outcome.message;
  }
});
