import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { cancelled, type Answer, type Ask, type Question } from "../../../src/core/ports/person";
import type { RunRequest } from "../../../src/core/ports/runtime";
import type { ToolCall } from "../../../src/core/ports/tools";
import { call, exec, items, patch, say } from "../../fakes/fakeModel";
import { CodexLab } from "./codexLab";

const asksFirst = { sandbox: "workspace-write", approvals: "on-request", network: false } as const;
const outside = (cmd: string) =>
  exec(cmd, { sandbox_permissions: "require_escalated", justification: "May I?" });

describe("what the real codex asks", function () {
  this.timeout(60_000);
  let lab: CodexLab;
  let asked: Question[];
  afterEach(() => lab.close());

  /** Runs with one answer for each question, in order; after the last one nobody answers. */
  async function run(answers: readonly Answer[], changes: Partial<RunRequest> = {}) {
    asked = [];
    const ask: Ask = (question) => {
      asked.push(question);
      return Promise.resolve(answers[asked.length - 1] ?? cancelled);
    };
    return await lab.run({ policy: asksFirst, ask, ...changes });
  }
  const decides = (decision: "approve" | "approveForSession" | "deny", guidance?: string): Answer => ({
    kind: "decision",
    decision,
    guidance,
  });

  it("is asked with what, where and why, and an approved command runs outside the sandbox", async () => {
    lab = await CodexLab.open(items(outside("touch ../outside/ok")), items(say("all done")));
    assert.deepEqual(await run([decides("approve")]), { kind: "completed", finalMessage: "all done" });
    assert.deepEqual(asked, [
      {
        about: "command",
        what: "touch ../outside/ok",
        where: undefined,
        why: "May I?",
        forSession: true,
        parts: [],
      },
    ]);
    assert.ok(existsSync(join(lab.outside, "ok")));
  });

  it("shows all of a command, also what codex leaves out of its own reading of it", async () => {
    const commands = [
      "cat a.txt | tee ../outside/no",
      `cat a.txt | awk 'BEGIN{system("touch ../outside/no")}'`,
      `printf '%s' "$HOME" && touch ../outside/no`,
    ];
    lab = await CodexLab.open(...commands.map((one) => items(outside(one))), items(say("all done")));
    const outcome = await run(commands.map(() => decides("deny")));
    assert.equal(outcome.kind, "completed");
    assert.deepEqual(
      asked.map((one) => one.what),
      commands,
    );
    assert.ok(!existsSync(join(lab.outside, "no")));
  });

  it("goes on without a command that was denied, and hears what the person said", async () => {
    lab = await CodexLab.open(
      items(outside("touch ../outside/no")),
      items(say("so be it")),
      items(say("ok")),
    );
    const outcome = await run([decides("deny", "Use the tmp folder instead")]);
    assert.equal(outcome.kind, "completed");
    assert.ok(!existsSync(join(lab.outside, "no")));
    assert.match(lab.model.sent, /Use the tmp folder instead/);
  });

  it("ends the turn when a person cancels, and says so", async () => {
    lab = await CodexLab.open(items(outside("touch ../outside/no")), items(say("never said")));
    const outcome = await run([cancelled]);
    assert.ok(outcome.kind === "failed" && outcome.reason === "turnCancelled", JSON.stringify(outcome));
    assert.equal(lab.model.requests.length, 1);
    assert.ok(!existsSync(join(lab.outside, "no")));
    assert.deepEqual(lab.survivors(), []);
  });

  it("asks once for what was approved for the session", async () => {
    lab = await CodexLab.open(
      items(outside("touch ../outside/ok")),
      items(outside("touch ../outside/ok")),
      items(say("all done")),
    );
    const outcome = await run([decides("approveForSession"), cancelled]);
    assert.equal(outcome.kind, "completed");
    assert.equal(asked.length, 1);
  });

  it("names the files of a change, below the checkout", async () => {
    lab = await CodexLab.open(
      items(patch("*** Begin Patch\n*** Add File: sub/new.txt\n+line\n*** End Patch\n")),
      items(say("all done")),
    );
    const outcome = await run([decides("approve")], {
      policy: { ...asksFirst, approvals: "untrusted" },
    });
    assert.equal(outcome.kind, "completed");
    assert.deepEqual(
      asked.map((one) => [one.about, one.what]),
      [["fileChange", "sub/new.txt"]],
    );
    assert.ok(existsSync(join(lab.project, "sub", "new.txt")));
  });

  it("asks nobody by default, and grants nothing", async () => {
    lab = await CodexLab.open(items(outside("touch ../outside/no")), items(say("all done")));
    const outcome = await run([decides("approve")], { policy: { ...asksFirst, approvals: "never" } });
    assert.equal(outcome.kind, "completed");
    assert.deepEqual(asked, []);
    assert.ok(!existsSync(join(lab.outside, "no")));
  });

  it("gives the question up at once when the run is aborted, and leaves nothing behind", async () => {
    lab = await CodexLab.open(items(outside("touch ../outside/no")), items(say("never said")));
    const stop = new AbortController();
    let open = 0;
    const ask: Ask = (_question, signal) => {
      open += 1;
      stop.abort(new Error("released"));
      return new Promise((resolve) => {
        const end = (): void => {
          open -= 1;
          resolve(cancelled);
        };
        if (signal.aborted) end();
        signal.addEventListener("abort", end, { once: true });
      });
    };
    await assert.rejects(lab.run({ policy: asksFirst, ask }, stop.signal), /released/);
    assert.equal(open, 0);
    assert.ok(!existsSync(join(lab.outside, "no")));
    assert.deepEqual(lab.survivors(), []);
  });

  it("hands its model's calls of the worker's tools over, and says what is wrong with others", async () => {
    lab = await CodexLab.open(
      items(call("report_progress", { message: "Half of it is there." })),
      items(call("write_document", { title: "", body: "x" })),
      items(call("request_input", { question: "Which one?", options: ["A", "B"] })),
      items(say("all done")),
    );
    const calls: ToolCall[] = [];
    const outcome = await run([], {
      useTool: (one) => {
        calls.push(one);
        return Promise.resolve({ ok: true, text: `heard ${one.tool}` });
      },
    });
    assert.equal(outcome.kind, "completed");
    assert.deepEqual(calls, [
      { tool: "report_progress", message: "Half of it is there." },
      { tool: "request_input", question: "Which one?", options: ["A", "B"] },
    ]);
    assert.match(lab.model.sent, /heard report_progress/);
    assert.match(lab.model.sent, /title: it is empty; content: it has to be there/);
    assert.match(lab.model.sent, /heard request_input/);
  });

  it("knows the worker's tools again after a resume", async () => {
    lab = await CodexLab.open(items(say("first")), items(call("report_progress", { message: "again" })));
    await lab.run();
    const resumeThreadId = lab.eventsOf("threadStarted")[0]?.threadId;
    const calls: string[] = [];
    await run([], {
      resumeThreadId,
      workKey: "work-2",
      useTool: (one) => {
        calls.push(one.tool);
        return Promise.resolve({ ok: true, text: "heard" });
      },
    });
    assert.deepEqual(calls, ["report_progress"]);
  });

  it("hands over what a person answers to its own questions", async () => {
    lab = await CodexLab.open(
      items(
        call("request_user_input", {
          questions: [
            {
              id: "db",
              header: "Database",
              question: "Which database?",
              options: [
                { label: "SQLite", description: "small" },
                { label: "Postgres", description: "big" },
              ],
            },
          ],
        }),
      ),
      items(say("all done")),
    );
    lab.replaceConfig(
      lab.config.replace("[features]\n", "[features]\ndefault_mode_request_user_input = true\n"),
    );
    const outcome = await run([{ kind: "texts", texts: ["Postgres"] }]);
    assert.equal(outcome.kind, "completed");
    assert.deepEqual(
      asked.map((one) => [one.about, one.what, one.parts[0]?.options]),
      [["question", "Which database?", ["SQLite", "Postgres"]]],
    );
    assert.match(JSON.stringify(lab.model.requests.at(-1)), /answers[^}]*answers[^}]*Postgres/);
  });
});
