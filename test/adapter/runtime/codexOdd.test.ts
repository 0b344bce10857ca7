import assert from "node:assert/strict";
import { join } from "node:path";
import { AttemptAborted } from "../../../src/core/attemptEnd";
import { abortReason, systemClock, type Clock } from "../../../src/base/clock";
import type { RunFailureReason, RunRequest } from "../../../src/core/ports/runtime";
import { codexBinary } from "../../fakes/codexBinary";
import { CodexLab, until } from "./codexLab";

const script = join(import.meta.dirname, "scripts", "oddCodex.mjs");
const odd = (way: string): readonly string[] => [process.execPath, script, way, "app-server"];

/** The machine's clock, twenty times as fast, for the long deadlines. */
const fast: Clock = {
  now: () => systemClock.now(),
  monotonic: () => systemClock.monotonic() * 20,
  sleep: (ms, signal) => systemClock.sleep(ms / 20, signal),
};
const never = new AbortController().signal;

describe("a codex that misbehaves", function () {
  this.timeout(30_000);
  let lab: CodexLab;
  beforeEach(async () => (lab = await CodexLab.open()));
  afterEach(() => lab.close());

  const run = async (
    way: string,
    changes: Partial<RunRequest> = {},
    clock: Clock = systemClock,
    signal = never,
  ) =>
    lab
      .runtime(clock)
      .run(lab.request({ command: odd(way), ...changes }), (event) => lab.events.push(event), signal);

  const failures: readonly (readonly [string, RunFailureReason, RegExp, Clock?])[] = [
    ["silent", "startTimeout", /does not answer/, fast],
    ["dies", "crashed", /exit code 101.*panicked/],
    ["shapeless", "protocol", /unknown way/],
    ["wide", "protocol", /network access/],
    ["noProfiles", "protocol", /private files/],
    ["noSandbox", "sandboxUnavailable", /user namespaces/],
    ["refusesTurn", "turnFailed", /not this one/],
  ];
  for (const [way, reason, words, clock] of failures) {
    it(`${way}: ${reason}`, async () => {
      const outcome = await run(way, {}, clock);
      assert.ok(outcome.kind === "failed", JSON.stringify(outcome));
      assert.equal(outcome.reason, reason, outcome.message);
      assert.match(outcome.message, words);
      assert.deepEqual(lab.survivors(), []);
    });
  }

  it("asks for approval, for something unknown and for a missing tool: each is answered", async () => {
    const outcome = await run("asks");
    assert.deepEqual(outcome, { kind: "completed", finalMessage: "done" });
    assert.deepEqual(
      lab.eventsOf("warning").map((one): unknown => JSON.parse(one.text)),
      [
        { id: 0, result: { decision: "decline" } },
        { id: 1, error: { code: -32601, message: "unknown method future/request" } },
        {
          id: 2,
          result: {
            contentItems: [{ type: "inputText", text: "There is no tool named magic." }],
            success: false,
          },
        },
      ],
    );
    assert.match(lab.eventsOf("policyDecision")[0]?.request ?? "", /May I\?/);
  });

  for (const way of ["quick", "noisy"]) {
    it(`${way}: the turn still completes`, async () => {
      assert.deepEqual(await run(way), { kind: "completed", finalMessage: "done" });
      assert.equal(lab.eventsOf("turnStarted").length, 1);
    });
  }

  for (const way of ["noInterrupt", "stubborn"]) {
    it(`${way}: an abort still ends it`, async () => {
      const controller = new AbortController();
      const running = run(way, {}, fast, controller.signal);
      await until("the turn runs", () => lab.eventsOf("turnStarted").length > 0);
      controller.abort(new Error("stop"));
      await assert.rejects(running, /stop/);
      assert.deepEqual(lab.survivors(), []);
    });
  }

  /** The fast clock, which notes how long each wait may take. */
  const noting = (waits: number[]): Clock => ({
    ...fast,
    sleep: async (ms, signal) => {
      waits.push(ms);
      await fast.sleep(ms, signal);
    },
  });
  const interrupts: readonly (readonly [string, Error, number])[] = [
    ["the worker", new Error("stop"), 5000],
    ["a person", new AttemptAborted({ kind: "released", byPerson: true, message: "" }), 5000],
    ["a cancellation", new AttemptAborted({ kind: "cancelled" }), 1500],
    ["a lost claim", new AttemptAborted({ kind: "leaseLost", message: "" }), 1500],
  ];
  for (const [who, reason, graceMs] of interrupts) {
    it(`a turn that does not heed its interrupt by ${who} is killed after ${graceMs} ms`, async () => {
      const waits: number[] = [];
      const controller = new AbortController();
      const running = run("stubborn", {}, noting(waits), controller.signal);
      await until("the turn runs", () => lab.eventsOf("turnStarted").length > 0);
      const before = waits.length;
      controller.abort(reason);
      await assert.rejects(running, (error) => error === reason);
      assert.ok(waits.slice(before).includes(graceMs), waits.slice(before).join(" "));
      assert.deepEqual(lab.survivors(), []);
    });
  }

  for (const [reason, limits] of [
    ["stalled", { stallTimeoutMs: 40_000, turnTimeoutMs: 600_000 }],
    ["turnTimeout", { turnTimeoutMs: 40_000, stallTimeoutMs: 600_000 }],
  ] as const) {
    it(`a turn without an end is interrupted, cleaned up and killed: ${reason}`, async () => {
      const waits: number[] = [];
      const outcome = await run("stubborn", limits, noting(waits));
      assert.ok(outcome.kind === "failed");
      assert.equal(outcome.reason, reason);
      assert.match(outcome.message, /The worktree and what was done in it are kept\./);
      // A call's deadline is looked at each second: the cleaning's follows the interrupt's grace.
      const interrupted = waits.indexOf(5000);
      assert.ok(interrupted >= 0 && waits.includes(1000, interrupted), waits.join(" "));
      assert.deepEqual(lab.survivors(), []);
    });
  }

  it("an abort before and during the start leaves nothing", async () => {
    const early = AbortSignal.abort(new Error("never mind"));
    await assert.rejects(run("plain", {}, systemClock, early), /never mind/);
    const controller = new AbortController();
    const running = run("silent", {}, systemClock, controller.signal);
    await until("it starts", () => lab.survivors().length > 0);
    controller.abort(new Error("never mind"));
    await assert.rejects(running, /never mind/);
    assert.equal(abortReason(controller.signal).message, "never mind");
    assert.deepEqual(lab.survivors(), []);
  });

  it("a listener that throws does not disturb the run", async () => {
    const outcome = await lab.runtime().run(
      lab.request({ command: odd("quick") }),
      () => {
        throw new Error("view is gone");
      },
      never,
    );
    assert.equal(outcome.kind, "completed");
  });

  it("a working directory that is missing: a clear failure", async () => {
    const outcome = await run("quick", { workingDirectory: "/no/such/folder" });
    assert.ok(outcome.kind === "failed" && outcome.message.includes("does not exist"));
  });
});

describe("the probe", () => {
  let lab: CodexLab;
  beforeEach(async () => (lab = await CodexLab.open()));
  afterEach(async () => {
    assert.deepEqual(lab.survivors(), []);
    await lab.close();
  });
  const probe = (command: readonly string[], runtime = lab.runtime(), signal = never) =>
    runtime.probe({ command, policy: lab.request().policy, environmentNames: [], signal });

  it("the real codex is ready, and its configuration stays as it is", async () => {
    const config = lab.config;
    assert.deepEqual(await probe([codexBinary(), "app-server"]), {
      kind: "ready",
      provider: "codex",
      version: "0.169.0",
    });
    assert.equal(lab.config, config);
    assert.equal(lab.model.requests.length, 0);
  });

  it("the real codex without a login, where its provider wants one", async () => {
    lab.replaceConfig("check_for_update_on_startup = false\n[analytics]\nenabled = false\n");
    const found = await probe([codexBinary(), "app-server"]);
    assert.ok(found.kind === "unavailable");
    assert.equal(found.reason, "notSignedIn", found.message);
    assert.match(found.message, /codex login/);
  });

  for (const [way, reason] of [
    ["old", "wrongVersion"],
    ["stranger", "wrongVersion"],
    ["noSandbox", "sandboxUnavailable"],
    ["signedOut", "notSignedIn"],
    ["dies", "crashed"],
  ] as const) {
    it(`${way}: ${reason}`, async () => {
      const found = await probe(odd(way));
      assert.ok(found.kind === "unavailable", JSON.stringify(found));
      assert.equal(found.reason, reason);
    });
  }

  it("a missing program: notFound", async () => {
    const found = await probe(["no-such-codex", "app-server"]);
    assert.ok(found.kind === "unavailable" && found.reason === "notFound");
  });

  for (const [name, way, kinds] of [
    ["a sandbox that works is not tried again", "sandboxOnce", ["ready", "ready"]],
    ["a sandbox that fails is tried again", "sandboxLater", ["unavailable", "ready"]],
  ] as const) {
    it(name, async () => {
      const runtime = lab.runtime();
      const first = await probe(odd(way), runtime);
      const second = await probe(odd(way), runtime);
      assert.deepEqual([first.kind, second.kind], kinds);
    });
  }

  it("an abort ends it with the signal's reason", async () => {
    const controller = new AbortController();
    const probing = probe(odd("silent"), lab.runtime(), controller.signal);
    await until("the app-server waits", () => lab.survivors().length > 0);
    controller.abort(new Error("closing"));
    await assert.rejects(probing, /closing/);
  });
});
