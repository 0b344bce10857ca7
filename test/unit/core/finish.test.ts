import assert from "node:assert/strict";
import { messageOf, silentLog } from "../../../src/base/log";
import { AttemptAborted } from "../../../src/core/attemptEnd";
import { us, aSession } from "../../fakes/builders";
import { finishClaim, type Finish } from "../../../src/core/finish";
import { pathOf } from "../../../src/core/identity";
import { LeaseLost } from "../../../src/core/lease";
import type { PlatformError } from "../../../src/core/platformError";
import { bindSession } from "../../../src/core/sessionCalls";
import { FakePlatform } from "../../fakes/fakePlatform";
import { conflict, lostAnswer, refused } from "../../fakes/platformErrors";
import { ManualClock } from "../../fakes/manualClock";
import { seededRandom } from "../../fakes/seededRandom";

const complete: Finish = { kind: "complete", summary: "All done" };
const fail: Finish = { kind: "fail", message: "It broke", reason: "turnFailed" };
const release: Finish = { kind: "release", reason: "Not now" };

describe("finishing a claim", () => {
  let clock: ManualClock;
  let platform: FakePlatform;
  let stop: AbortController;
  let refusal: string | undefined;
  const whyNotComplete = (): string | undefined => refusal;

  beforeEach(() => {
    refusal = undefined;
    clock = new ManualClock();
    platform = new FakePlatform(clock);
    platform.add(aSession());
    platform.giveClaim("s1");
    stop = new AbortController();
  });

  async function run(finish: Finish): Promise<Finish | Error> {
    const calls = bindSession(platform, pathOf(us), "s1");
    const deps = {
      clock,
      random: seededRandom(2),
      log: silentLog,
      sessionId: "s1",
      calls,
      claimId: "claim-s1",
      whyNotComplete,
    };
    let result: Finish | Error | undefined;
    finishClaim(deps, finish, stop.signal).then(
      (told) => (result = told),
      (error: unknown) => (result = error instanceof Error ? error : new Error(String(error))),
    );
    await clock.until("it settles", () => result !== undefined, 120_000);
    if (result === undefined) throw new Error("not settled");
    return result;
  }
  const isFinish = (operation: string): boolean => ["complete", "fail", "release"].includes(operation);
  const finishCalls = (): readonly string[] =>
    platform.calls.map((call) => call.operation).filter((operation) => isFinish(operation));

  for (const [finish, status] of [
    [complete, "complete"],
    [fail, "error"],
    [release, "queued"],
  ] as const) {
    it(`${finish.kind}: told once`, async () => {
      assert.equal(await run(finish), finish);
      assert.deepEqual(finishCalls(), [finish.kind]);
      assert.equal(platform.status("s1"), status);
    });

    it(`${finish.kind}: not repeated when it was carried out and only the answer was lost`, async () => {
      platform.onCall = (call) =>
        isFinish(call.operation) ? { error: lostAnswer(), acted: true } : undefined;
      assert.equal(await run(finish), finish);
      assert.deepEqual(finishCalls(), [finish.kind]);
      assert.equal(platform.of("s1").finishes.length, 1);
    });

    it(`${finish.kind}: told again when it was not carried out`, async () => {
      const errors: PlatformError[] = [lostAnswer(), refused("server"), refused("rateLimited", "wait", 3000)];
      platform.onCall = (call) => {
        const error = isFinish(call.operation) ? errors.shift() : undefined;
        return error === undefined ? undefined : { error };
      };
      assert.equal(await run(finish), finish);
      assert.equal(finishCalls().length, 4);
      assert.equal(platform.of("s1").finishes.length, 1);
    });

    it(`${finish.kind}: asked about until the platform can be read again`, async () => {
      platform.onCall = (call) => {
        if (isFinish(call.operation)) return { error: lostAnswer(), acted: true };
        return clock.monotonic() < 20_000 ? { error: refused("server") } : undefined;
      };
      assert.equal(await run(finish), finish);
      assert.equal(platform.of("s1").finishes.length, 1);
    });

    it(`${finish.kind}: a cancelled session is known as cancelled`, async () => {
      platform.cancel("s1");
      const result = await run(finish);
      assert.ok(result instanceof AttemptAborted);
      assert.deepEqual(result.why, { kind: "cancelled" });
    });

    it(`${finish.kind}: ends with its signal`, async () => {
      platform.onCall = () => ({ error: lostAnswer() });
      const result = run(finish);
      await clock.advance(1000);
      stop.abort(new Error("over"));
      assert.match(messageOf(await result), /over/u);
    });
  }

  for (const finish of [complete, fail]) {
    it(`${finish.kind}: a claim that ended otherwise is lost`, async () => {
      platform.expire("s1");
      assert.ok((await run(finish)) instanceof LeaseLost);
      platform.giveClaim("s1", { claimId: "other" });
      assert.ok((await run(finish)) instanceof LeaseLost);
      assert.equal(platform.of("s1").finishes.length, 0);
    });
  }

  it("release: a claim that is gone already is as good as released", async () => {
    platform.giveClaim("s1", { claimId: "other", holder: "worker-2" });
    assert.equal(await run(release), release);
  });

  it("complete: gives way step by step where the platform refuses for good", async () => {
    platform.onCall = (call) =>
      call.operation === "complete" || call.operation === "fail"
        ? { error: refused("badRequest") }
        : undefined;
    const told = await run(complete);
    assert.ok(!(told instanceof Error));
    assert.equal(told.kind, "release");
    assert.deepEqual(finishCalls(), ["complete", "complete", "fail", "release"]);
  });

  it("takes a conflict over a claim that is still ours for a refusal, not for a lost claim", async () => {
    platform.onCall = (call) =>
      call.operation === "complete" ? { error: conflict("verdict_missing") } : undefined;
    const told = await run(complete);
    assert.ok(!(told instanceof Error));
    assert.equal(told.kind, "fail");
  });

  it("says what the platform said when it refuses every end", async () => {
    platform.onCall = (call) =>
      isFinish(call.operation) ? { error: refused("refused", "no such thing") } : undefined;
    assert.match(messageOf(await run(fail)), /no such thing/u);
  });

  it("never completes what must not be completed: it fails with the reason", async () => {
    refusal = "There is no verdict.";
    assert.deepEqual(await run(complete), {
      kind: "fail",
      message: "There is no verdict.",
      reason: "no_verdict",
    });
    assert.equal(platform.count("complete"), 0);
    assert.equal(platform.status("s1"), "error");
  });
  it("sends nothing more with a claim that was refused, and asks until it is known what became of the session", async () => {
    let sent = 0;
    let read = 0;
    platform.onCall = (call) => {
      if (call.operation === "complete") sent += 1;
      if (call.operation === "complete" && sent === 1) return { error: lostAnswer(), acted: true };
      if (call.operation === "get") read += 1;
      return call.operation === "get" && read < 5 ? { error: lostAnswer() } : undefined;
    };
    const { calls, claimId } = { calls: bindSession(platform, pathOf(us), "s1"), claimId: "claim-s1" };
    const facts = { clock, random: seededRandom(1), log: silentLog, sessionId: "s1" };
    const deps = { ...facts, calls, claimId, whyNotComplete };
    const finished = finishClaim(deps, complete, stop.signal);
    await clock.advance(120_000);
    assert.deepEqual(await finished, complete);
    assert.equal(sent, 2, "the second one told that the claim is gone");
    assert.equal(read, 5);
  });

  it("keeps what it tells inside the contract's limits", async () => {
    await run({ kind: "release", reason: "x".repeat(50_000) });
    assert.equal(platform.of("s1").finishes[0]?.text.length, 2000);
  });
});
