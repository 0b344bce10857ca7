import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RunOutcome, RuntimeEvent } from "../../../src/core/ports/runtime";
import { exec, items, say, status } from "../../fakes/fakeModel";
import { CodexLab } from "./codexLab";

describe("a thread that the real codex goes on with", function () {
  this.timeout(60_000);
  let lab: CodexLab;
  afterEach(() => lab.close());

  it("is not asked for its work again when its turn completed", async () => {
    lab = await CodexLab.open(
      items(say("on the way", "commentary"), exec("echo hello")),
      items(say(" the end \n")),
      items(say("executed twice")),
    );
    await lab.run();
    const outcome = await again();
    assert.deepEqual(outcome, { kind: "completed", finalMessage: "the end" });
    assert.equal(lab.model.requests.length, 2);
    assert.equal(lab.eventsOf("threadStarted").length, 1);
    assert.deepEqual(lab.eventsOf("turnStarted"), []);
    assert.match(lab.eventsOf("warning").at(-1)?.text ?? "", /nothing was run again/);
    assert.equal(lab.eventsOf("usage").at(-1)?.usage.totalTokens, 2100, "the thread's totals are told");
    assert.deepEqual(lab.survivors(), []);
  });

  it("is not asked for it either when codex was killed once it had noted the turn's end", async () => {
    lab = await CodexLab.open(items(say("the end")), items(say("executed twice")));
    await killed((event) => event.kind === "message" && event.final, "task_complete");
    assert.deepEqual(await again(), { kind: "completed", finalMessage: "the end" });
    assert.equal(lab.model.requests.length, 1);
  });

  it("begins a new turn when codex was killed in the middle of one", async () => {
    lab = await CodexLab.open(
      items(say("on the way", "commentary"), exec("sleep 300")),
      items(say("begun again")),
    );
    await killed((event) => event.kind === "commandStarted", "on the way");
    assert.deepEqual(await again(), { kind: "completed", finalMessage: "begun again" });
    assert.equal(lab.model.requests.length, 2);
    assert.match(JSON.stringify(lab.model.requests.at(-1)), /GO-ON/);
  });

  it("begins a new turn when the one before failed", async () => {
    lab = await CodexLab.open(...Array.from({ length: 4 }, () => status(400)));
    assert.equal((await lab.run()).kind, "failed");
    const asked = lab.model.requests.length;
    await again();
    assert.ok(lab.model.requests.length > asked);
  });

  it("can be gone on with in the user's own codex, which knows nothing of the worker's permissions", async () => {
    lab = await CodexLab.open(items(say("the end")), items(say("and more")));
    await lab.run();
    const [started] = lab.eventsOf("threadStarted");
    await lab.runBare("resume", started?.threadId ?? "");
    assert.equal(lab.model.requests.length, 2);
    assert.match(JSON.stringify(lab.model.requests.at(-1)), /UNTRUSTED-WORDS.*the end.*do it/);
  });

  it("begins a new turn for other work, and knows afterwards that this one completed", async () => {
    lab = await CodexLab.open(
      items(say("the question")),
      items(say("the end")),
      items(say("executed twice")),
    );
    await lab.run();
    const answered = { workKey: "answer-1" };
    assert.deepEqual(await again(answered), { kind: "completed", finalMessage: "the end" });
    assert.deepEqual(await again(answered), { kind: "completed", finalMessage: "the end" });
    assert.equal(lab.model.requests.length, 2);
  });

  /** The next process goes on with the thread. */
  async function again(changes: { readonly workKey?: string } = {}): Promise<RunOutcome> {
    const resumeThreadId = lab.eventsOf("threadStarted").at(-1)?.threadId;
    assert.ok(resumeThreadId !== undefined);
    lab.events.length = 0;
    return await lab.run({ untrustedInput: "GO-ON", resumeThreadId, ...changes });
  }

  /** A run whose codex is killed at this event, once its own record of the thread holds the text. */
  async function killed(at: (event: RuntimeEvent) => boolean, text: string): Promise<void> {
    let processId = 0;
    let done = false;
    const onEvent = (event: RuntimeEvent): void => {
      lab.events.push(event);
      if (event.kind === "processStarted") ({ processId } = event);
      if (!at(event)) return;
      // Nothing else happens here meanwhile, so that the run hears of no later word of codex.
      const end = performance.now() + 10_000;
      while (!recorded(text)) assert.ok(performance.now() < end, `codex never noted ${text}`);
      process.kill(processId, "SIGKILL");
      done = true;
    };
    await lab.runtime().run(lab.request(), onEvent, new AbortController().signal);
    assert.ok(done, "codex was killed");
  }

  function recorded(text: string): boolean {
    const folder = join(lab.codexHome, "sessions");
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".jsonl"))
      .some((name) => readFileSync(join(folder, name), "utf8").includes(text));
  }
});
