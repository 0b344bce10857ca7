import assert from "node:assert/strict";
import type { LogFields } from "../../../../src/base/log";
import { redactedLog } from "../../../../src/base/redaction/redactedLog";
import { Redactor } from "../../../../src/base/redaction/redactor";
import type { OutboxEntry, OutboxState } from "../../../../src/core/outbox";
import { emptyOutbox } from "../../../../src/core/outbox";
import type { Activity, SessionMetadata } from "../../../../src/core/ports/platform";
import { cancelled, type Question } from "../../../../src/core/ports/person";
import type { ToolCall } from "../../../../src/core/ports/tools";
import type { RunOutcome, RuntimeEvent } from "../../../../src/core/ports/runtime";
import type { Finish } from "../../../../src/core/finish";
import { runNotesOf } from "../../../../src/core/runNotes";
import { redactedJournal } from "../../../../src/core/redacted/redactedJournal";
import { redactedPlatform } from "../../../../src/core/redacted/redactedPlatform";
import { redactedHooks, redactedRuntime } from "../../../../src/core/redacted/redactedRuntime";
import { aRecord, us } from "../../../fakes/builders";
import { aRunSession } from "../../../fakes/runs";
import { FakeJournal } from "../../../fakes/fakeMachine";
import { FakePlatform } from "../../../fakes/fakePlatform";
import { ManualClock } from "../../../fakes/manualClock";

const secret = "Sup3r-secret/value";
const spellings = [secret, encodeURIComponent(secret), Buffer.from(`x${secret}`).toString("base64")];
const say = (what: string): string => `${what}: ${spellings.join(" and ")}`;
const { signal } = new AbortController();

const redactor = new Redactor();
redactor.add(secret, "secret value");

function assertHidden(told: unknown): void {
  const text = JSON.stringify(told);
  for (const one of spellings) assert.ok(!text.includes(one.slice(2, -2)), text);
}

const activity: Activity = {
  activityId: "a1",
  sequence: 1,
  type: "progress",
  message: say("message"),
  url: `https://example.com/${encodeURIComponent(secret)}`,
  occurredAt: 1,
};
const metadata: SessionMetadata = {
  providerThreadId: "thread-1",
  providerStatus: say("status"),
  plan: say("plan"),
  externalUrl: `https://example.com/?x=${encodeURIComponent(secret)}`,
  workingDirectory: say("folder"),
  worktreePath: say("worktree"),
  inputRequest: say("question"),
  consumedResumeInputId: "input-1",
};

/** A platform that keeps what reached it, and answers nothing. */
class Recorder extends FakePlatform {
  readonly reached: unknown[] = [];
  override registerWorker: FakePlatform["registerWorker"] = (...all) => this.#keep(all);
  override patchSession: FakePlatform["patchSession"] = (...all) => this.#keep(all);
  override createActivity: FakePlatform["createActivity"] = (...all) => this.#keep(all);
  override completeSession: FakePlatform["completeSession"] = (...all) => this.#keep(all);
  override failSession: FakePlatform["failSession"] = (...all) => this.#keep(all);
  override releaseSession: FakePlatform["releaseSession"] = (...all) => this.#keep(all);
  override uploadFile: FakePlatform["uploadFile"] = (...all) => this.#keep(all);
  override saveComment: FakePlatform["saveComment"] = (...all) => this.#keep(all);

  #keep(all: readonly unknown[]): Promise<never> {
    this.reached.push(all.slice(0, -1));
    return Promise.reject(new Error("kept"));
  }
}

describe("what leaves through the redactor", () => {
  it("to the platform: every text, and no id is touched", async () => {
    const inner = new Recorder(new ManualClock());
    const platform = redactedPlatform(inner, redactor);
    const registration = {
      name: say("name"),
      runtime: { provider: "codex", version: "1.0.0" },
      policy: { sandbox: "workspace-write", approvals: "never", network: false },
      worktreeMode: "task",
      maxConcurrentSessions: 1,
      instructions: say("instructions"),
      groupId: undefined,
      idempotencyKey: "key-0123456789abcdef",
    } as const;
    const calls = [
      () => platform.registerWorker(us, registration, signal),
      () => platform.patchSession(us, "s1", "c1", metadata, signal),
      () => platform.createActivity(us, "s1", "c1", activity, signal),
      () => platform.completeSession(us, "s1", "c1", say("summary"), signal),
      () => platform.failSession(us, "s1", "c1", { message: say("message"), reason: say("reason") }, signal),
      () => platform.releaseSession(us, "s1", "c1", say("reason"), signal),
      () =>
        platform.uploadFile(
          "w1",
          { name: `${secret}.txt`, mediaType: "text/plain", content: new Uint8Array() },
          signal,
        ),
      () => platform.saveComment("w1", "t1", { content: say("comment"), fileIds: ["f1"] }, signal),
    ];
    for (const call of calls) await assert.rejects(call, /kept/u);
    assert.equal(inner.reached.length, calls.length);
    for (const told of inner.reached) {
      assertHidden(told);
      assert.match(JSON.stringify(told), /\[hidden: secret value\]/u);
    }
    const all = JSON.stringify(inner.reached);
    for (const id of ["thread-1", "input-1", "key-0123456789abcdef", "a1", "f1", "s1", "c1"]) {
      assert.ok(all.includes(`"${id}"`), id);
    }
  });

  it("to the platform: never longer than the platform takes", async () => {
    const inner = new Recorder(new ManualClock());
    const message = `${"01234567 ".repeat(1111)}!`;
    const short = new Redactor();
    short.add("01234567", "secret value");
    await assert.rejects(
      redactedPlatform(inner, short).createActivity(us, "s1", "c1", { ...activity, message }, signal),
    );
    assert.ok(JSON.stringify(inner.reached).length < 10_500);
  });

  it("to the journal: what is to be told, and what it is found again by stays", async () => {
    const told = { threadId: "thread-1", texts: ["NV-kWvL2BvRXCVH5gyJ5Lw"] };
    const inner = new FakeJournal();
    const journal = redactedJournal(inner, redactor);
    const finishes: readonly Finish[] = [
      { kind: "complete", summary: say("summary") },
      { kind: "fail", message: say("message"), reason: say("reason") },
      { kind: "release", reason: say("reason") },
    ];
    const outcomes: readonly RunOutcome[] = [
      { kind: "completed", finalMessage: say("final") },
      { kind: "failed", reason: "crashed", message: say("message") },
    ];
    for (const [at, finish] of finishes.entries()) {
      const fault = { reason: "storage", message: say("fault") };
      const ending = { finish, activityId: "a1", byPerson: false, detail: say("detail"), fault };
      const verdict = { verdict: "reject", reason: say("reason"), accepted: true } as const;
      const words = { prompt: say("prompt"), title: say("title") };
      const facts = runNotesOf(aRunSession("review"), undefined);
      const writing = { title: say("title"), content: say("content") };
      const run = facts && { ...facts, verdict, words, writing, summary: say("summary"), kept: say("kept") };
      const texts = { title: say("title"), detail: say("detail"), ran: outcomes[at % 2], ending, run };
      await journal.save({
        ...aRecord(),
        ...texts,
        told,
        worktreePath: `/worktrees/${secret}`,
        sessionId: `s${at}`,
      });
    }
    for (const record of journal.list()) {
      assert.equal(record.worktreePath, `/worktrees/${secret}`);
      assert.deepEqual(record.told, told);
      assertHidden({ ...record, worktreePath: undefined });
    }
    const said = { entryId: "e1", type: "progress", text: say("said"), at: 1 } as const;
    const state: OutboxState = { ...emptyOutbox, waiting: [said], sending: activity, metadata };
    const entries: readonly OutboxEntry[] = [
      { kind: "said", said },
      { kind: "sending", activity, covers: [] },
      { kind: "noted", metadata },
      { kind: "carried", from: state },
      { kind: "restated", state },
    ];
    for (const entry of entries) {
      await journal.append("s1", "c1", entry);
      const outbox = journal.outbox("s1", "c1");
      assert.notDeepEqual(outbox, emptyOutbox);
      assertHidden(outbox);
    }
    await journal.append("s1", "c1", { kind: "patched", metadata });
    assert.deepEqual(journal.outbox("s1", "c1").metadata, {});
  });

  it("from the coding tool: every event, the outcome and the probe", async () => {
    const events: readonly RuntimeEvent[] = [
      { kind: "plan", explanation: say("why"), steps: [{ text: say("step"), status: "pending" }] },
      { kind: "commandStarted", itemId: "i1", command: say("command") },
      {
        kind: "commandCompleted",
        itemId: "i1",
        command: say("command"),
        exitCode: 0,
        durationMs: 1,
        outputTail: say("output"),
      },
      { kind: "filesChanged", itemId: "i1", files: [{ path: say("path"), change: "add" }] },
      { kind: "message", itemId: "i1", text: say("text"), final: true },
      { kind: "reasoning", itemId: "i1", summary: say("summary") },
      { kind: "policyDecision", request: say("request"), decision: "declined", reason: say("reason") },
      { kind: "warning", text: say("warning") },
      { kind: "retrying", text: say("retrying") },
    ];
    const runtime = redactedRuntime(
      {
        provider: "codex",
        probe: () => Promise.resolve({ kind: "unavailable", reason: "crashed", message: say("probe") }),
        run: async (given, onEvent) => {
          events.forEach(onEvent);
          await given.ask(question, signal);
          for (const call of calls) await given.useTool(call, "key", signal);
          return await Promise.resolve({ kind: "failed", reason: "crashed", message: say("message") });
        },
        endLeftovers: () => Promise.resolve(0),
      },
      redactor,
    );
    const told: unknown[] = [];
    const question: Question = {
      about: "question",
      what: say("what"),
      where: say("where"),
      why: say("why"),
      forSession: false,
      parts: [{ text: say("text"), options: [say("option")], secret: false }],
    };
    const calls: readonly ToolCall[] = [
      { tool: "report_progress", message: say("message") },
      { tool: "request_input", question: say("question"), options: [say("option")] },
      { tool: "set_review_verdict", verdict: "approve", reason: say("reason") },
      { tool: "write_document", title: say("title"), content: say("content") },
      {
        tool: "delegate_work",
        prompt: say("prompt"),
        title: say("title"),
        targetWorkerId: undefined,
        targetGroupId: undefined,
      },
    ];
    const policy = { sandbox: "workspace-write", approvals: "never", network: false } as const;
    const request = {
      sessionId: "s1",
      provider: "codex",
      workingDirectory: "/w",
      trustedInstructions: "",
      untrustedInput: "",
      policy,
      command: ["codex"],
      model: undefined,
      effort: undefined,
      environmentNames: [],
      workerName: "w",
      marker: "m",
      artifactsDirectory: "/a",
      turnTimeoutMs: 1,
      stallTimeoutMs: 1,
      resumeThreadId: undefined,
      workKey: "k",
      ask: (one: Question) => {
        told.push(one);
        return Promise.resolve(cancelled);
      },
      useTool: (one: ToolCall) => {
        told.push(one);
        return Promise.resolve({ ok: true, text: "" });
      },
    };
    told.push(await runtime.run(request, (event) => told.push(event), signal));
    told.push(
      await runtime.probe({ provider: "codex", command: ["codex"], policy, environmentNames: [], signal }),
    );
    assert.equal(told.length, events.length + calls.length + 3);
    for (const one of told) {
      assertHidden(one);
      assert.match(JSON.stringify(one), /\[hidden: secret value\]/u);
    }
  });

  it("from hooks: what they printed and how they ended", async () => {
    const inner = {
      run: () => Promise.resolve({ kind: "failed", how: say("how"), outputTail: say("output") } as const),
    };
    const request = {
      hook: ["x"],
      workingDirectory: "/w",
      policy: { sandbox: "workspace-write", approvals: "never", network: false },
      unsandboxed: false,
      provider: "codex",
      command: ["codex"],
      environmentNames: [],
      workerName: "w",
      marker: "m",
      artifactsDirectory: undefined,
      timeoutMs: 1,
    } as const;
    const outcome = await redactedHooks(inner, redactor).run(request, signal);
    assert.equal(outcome.kind, "failed");
    assertHidden(outcome);
  });

  it("to a log: the message and its fields", () => {
    const written: unknown[] = [];
    const write = (message: string, fields?: LogFields): void => {
      written.push([message, fields]);
    };
    const log = redactedLog({ debug: write, info: write, warn: write, error: write }, redactor);
    for (const level of ["debug", "info", "warn", "error"] as const) {
      log[level](say("message"), { error: say("error"), count: 1, gone: undefined });
    }
    assert.equal(written.length, 4);
    assertHidden(written);
    assert.match(JSON.stringify(written), /"count":1/u);
  });
});
