import assert from "node:assert/strict";
import { WakeSense } from "../../../src/base/wakeSense";
import { ClaimGate } from "../../../src/core/claimGate";
import { keepLease, leaseFrom, LeaseLost, type Lease } from "../../../src/core/lease";
import type { Claim, Session } from "../../../src/core/session";
import { aSession } from "../../fakes/builders";
import { claimInactive, conflict, lostAnswer, refused } from "../../fakes/platformErrors";
import { ManualClock } from "../../fakes/manualClock";
import { fixedRandom } from "../../fakes/seededRandom";

function assertLost(result: { readonly error: unknown }): void {
  assert.ok(result.error instanceof LeaseLost);
}

describe("a lease", () => {
  let clock: ManualClock;
  let stop: AbortController;
  let renewals: number[];
  let bounded: number;
  let endsSoonAt: number | undefined;
  let renew: (claimId: string) => Promise<Claim>;
  let gate: ClaimGate;
  let read: () => Promise<Session>;
  const granted: Claim = { claimId: "c", expiresAt: undefined, leaseSeconds: 900 };

  beforeEach(() => {
    clock = new ManualClock();
    stop = new AbortController();
    renewals = [];
    bounded = 0;
    endsSoonAt = undefined;
    renew = async () => Promise.resolve(granted);
    gate = new ClaimGate(new WakeSense(clock));
    read = async () => Promise.resolve(aSession({ status: "active", claim: granted }));
  });
  afterEach(() => stop.abort(new Error("the test is over")));

  function keep(first: Lease): { error: unknown } {
    const result: { error: unknown } = { error: undefined };
    const deps = {
      clock,
      random: fixedRandom(0.5),
      gate,
      read: () => read(),
      renew: async (claimId: string) => {
        renewals.push(clock.monotonic());
        return await renew(claimId);
      },
      onRenewed: () => undefined,
      onBounded: () => (bounded += 1),
      onEndsSoon: () => (endsSoonAt = clock.monotonic()),
    };
    keepLease(deps, first, stop.signal).catch((error: unknown) => (result.error = error));
    return result;
  }
  const fresh = (): Lease => leaseFrom(granted, clock.monotonic(), 900);

  it("counts from the moment it was asked for, and by what was granted", () => {
    assert.equal(leaseFrom(granted, 5000, 60).endsAtMonotonic, 905_000);
    assert.equal(leaseFrom({ ...granted, leaseSeconds: undefined }, 0, 60).grantedMs, 60_000);
  });

  it("is renewed at each third of it", async () => {
    keep(fresh());
    await clock.advance(1_000_000);
    assert.deepEqual(renewals, [300_000, 600_000, 900_000]);
  });

  it("is renewed a third after it was asked for, however late the answer came", async () => {
    const lease = fresh();
    await clock.advance(200_000);
    keep(lease);
    await clock.advance(100_000);
    assert.deepEqual(renewals, [300_000]);
    const late = leaseFrom(granted, clock.monotonic() - 800_000, 900);
    keep(late);
    await clock.advance(2000);
    assert.equal(renewals.length, 2, "one that is overdue is renewed at once");
  });

  for (const error of [lostAnswer(), refused("server"), refused("unauthorized"), refused("badRequest")]) {
    it(`is tried again after “${error.reason}” until it ends by our clock, then it is lost`, async () => {
      renew = async () => Promise.reject(error);
      const result = keep(fresh());
      await clock.advance(899_999);
      assert.equal(result.error, undefined);
      await clock.advance(1);
      assertLost(result);
      assert.ok(renewals.length > 20 && renewals.length < 700, `${renewals.length} renewals`);
      const sent = renewals.length;
      await clock.advance(60_000);
      assert.equal(renewals.length, sent);
    });
  }

  it("lives on when a renewal gets through at last", async () => {
    renew = async () => Promise.reject(lostAnswer());
    const result = keep(fresh());
    await clock.advance(890_000);
    renew = async () => Promise.resolve(granted);
    await clock.advance(120_000);
    assert.equal(result.error, undefined);
  });

  it("is lost on time though the renewal hangs", async () => {
    renew = () => new Promise(() => undefined);
    const result = keep(fresh());
    await clock.advance(900_000);
    assertLost(result);
  });

  it("waits as long as a 429 asks", async () => {
    renew = async () => Promise.reject(refused("rateLimited", "wait", 120_000));
    keep(fresh());
    await clock.advance(419_000);
    assert.deepEqual(renewals, [300_000]);
    await clock.advance(1000);
    assert.deepEqual(renewals, [300_000, 420_000]);
  });

  for (const error of [claimInactive(), conflict("other"), refused("notFound"), refused("forbidden")]) {
    it(`is lost at once when the platform refuses it (${error.message})`, async () => {
      renew = async () => Promise.reject(error);
      const result = keep(fresh());
      await clock.advance(300_000);
      assertLost(result);
      assert.equal(renewals.length, 1);
    });
  }

  it("is lost when another claim is answered", async () => {
    renew = async () => Promise.resolve({ ...granted, claimId: "other" });
    const result = keep(fresh());
    await clock.advance(300_000);
    assertLost(result);
  });

  for (const error of [refused("unsupported"), conflict("renewal_unsupported")]) {
    it(`bounds the attempt where it cannot be renewed (${error.message}), with time left to tell`, async () => {
      renew = async () => Promise.reject(error);
      const result = keep(fresh());
      await clock.advance(839_999);
      assert.equal(bounded, 1);
      assert.equal(endsSoonAt, undefined);
      await clock.advance(60_000);
      assert.equal(endsSoonAt, 840_000);
      assert.equal(result.error, undefined);
      await clock.advance(1);
      assertLost(result);
      assert.equal(renewals.length, 1);
    });
  }

  it("does not spin on a lease of no length", async () => {
    renew = async () => Promise.resolve({ ...granted, leaseSeconds: 0 });
    const result = keep(leaseFrom({ ...granted, leaseSeconds: 0 }, 0, 900));
    await clock.advance(5000);
    assertLost(result);
    assert.ok(renewals.length < 3);
  });

  it("ends with its signal", async () => {
    const result = keep(fresh());
    stop.abort(new Error("over"));
    await clock.advance(1);
    assert.match(String(result.error), /over/u);
    assert.equal(clock.sleeping, 0);
  });

  describe("in doubt after a jump of the clock", () => {
    it("is renewed at once, and may be used again", async () => {
      const result = keep(fresh());
      await clock.advance(1000);
      gate.doubt();
      let passed = false;
      void gate.pass(stop.signal).then(() => (passed = true));
      await clock.advance(0);
      assert.deepEqual(renewals, [1000]);
      assert.equal(passed, true);
      assert.equal(gate.inDoubt, false);
      await clock.advance(299_000);
      assert.equal(renewals.length, 1, "the next renewal is due a third after this one");
      await clock.advance(1000);
      assert.deepEqual(renewals, [1000, 301_000]);
      assert.equal(result.error, undefined);
    });

    it("is given up when no renewal succeeds within 30 seconds, and never used meanwhile", async () => {
      renew = async () => Promise.reject(lostAnswer());
      const result = keep(fresh());
      gate.doubt();
      let passed = false;
      gate.pass(stop.signal).then(
        () => (passed = true),
        () => undefined,
      );
      await clock.advance(29_999);
      assert.equal(result.error, undefined);
      await clock.advance(1);
      assertLost(result);
      assert.equal(passed, false);
    });

    it("does not wait for a renewal that hangs since before the jump", async () => {
      let hang = true;
      renew = () => (hang ? new Promise(() => undefined) : Promise.resolve(granted));
      const result = keep(fresh());
      await clock.advance(301_000);
      assert.equal(renewals.length, 1);
      hang = false;
      gate.doubt();
      await clock.advance(0);
      assert.equal(renewals.length, 2);
      assert.equal(gate.inDoubt, false);
      assert.equal(result.error, undefined);
    });

    it("is lost at once when the platform says so", async () => {
      renew = async () => Promise.reject(claimInactive());
      const result = keep(fresh());
      gate.doubt();
      await clock.advance(0);
      assertLost(result);
    });

    it("is proven by a read where the platform does not renew, and keeps to the rest by the wall clock", async () => {
      renew = async () => Promise.reject(refused("unsupported"));
      const result = keep(fresh());
      const expiresAt = clock.now() + 900_000;
      clock.jumpWall(700_000);
      read = async () => Promise.resolve(aSession({ status: "active", claim: { ...granted, expiresAt } }));
      gate.doubt();
      await clock.advance(0);
      assert.equal(gate.inDoubt, false);
      assert.equal(bounded, 1);
      await clock.advance(139_999);
      assert.equal(endsSoonAt, undefined);
      await clock.advance(60_000);
      assert.equal(endsSoonAt, 140_000);
      assert.equal(result.error, undefined);
      await clock.advance(1);
      assertLost(result);
    });

    it("is lost where the platform does not renew and shows another claim", async () => {
      renew = async () => Promise.reject(refused("unsupported"));
      read = async () => Promise.resolve(aSession({ status: "stale" }));
      const result = keep(fresh());
      gate.doubt();
      await clock.advance(0);
      assertLost(result);
    });
  });
});

describe("the gate of a claim", () => {
  it("notices by itself that the wall clock ran on while the monotonic one stood still", async () => {
    const clock = new ManualClock();
    const gate = new ClaimGate(new WakeSense(clock));
    const stop = new AbortController();
    clock.jumpWall(1000);
    await gate.pass(stop.signal);
    clock.jumpWall(60_000);
    let passed = false;
    const passing = gate.pass(stop.signal).then(() => (passed = true));
    await clock.advance(0);
    assert.equal(passed, false);
    gate.prove();
    await passing;
  });

  it("is not troubled by a clock that is set back", async () => {
    const clock = new ManualClock();
    const gate = new ClaimGate(new WakeSense(clock));
    clock.jumpWall(-3_600_000);
    await gate.pass(new AbortController().signal);
    assert.equal(gate.inDoubt, false);
  });
});
