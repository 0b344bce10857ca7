import assert from "node:assert/strict";
import { keepLease, leaseFrom, LeaseLost, type Lease } from "../../../src/core/lease";
import type { Claim } from "../../../src/core/session";
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
  const granted: Claim = { claimId: "c", expiresAt: undefined, leaseSeconds: 900 };

  beforeEach(() => {
    clock = new ManualClock();
    stop = new AbortController();
    renewals = [];
    bounded = 0;
    endsSoonAt = undefined;
    renew = async () => Promise.resolve(granted);
  });
  afterEach(() => stop.abort(new Error("the test is over")));

  function keep(first: Lease): { error: unknown } {
    const result: { error: unknown } = { error: undefined };
    const deps = {
      clock,
      random: fixedRandom(0.5),
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
});
