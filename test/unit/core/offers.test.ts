import assert from "node:assert/strict";
import { silentLog } from "../../../src/base/log";
import { Offers } from "../../../src/core/offers";
import { Store } from "../../../src/core/store";
import { aSession, us } from "../../fakes/builders";
import { FakeJournal } from "../../fakes/fakeMachine";
import { ManualClock } from "../../fakes/manualClock";

describe("what the worker remembers of sessions that ended", () => {
  const journal = new FakeJournal();
  const store = new Store(() => undefined);
  const held = (sessionId: string): ReturnType<typeof aSession> =>
    aSession({
      sessionId,
      status: "active",
      claim: { claimId: `claim-${sessionId}`, expiresAt: undefined, leaseSeconds: 900 },
    });
  const name = (index: number): string => `s${index}`;
  const some = 600;
  let clock: ManualClock;
  let offers: Offers;

  beforeEach(() => {
    clock = new ManualClock();
    offers = new Offers({ journal, autoClaim: () => true, clock, identity: us, log: silentLog, store });
  });

  it("is of the latest 500, however long it runs", () => {
    for (let index = 0; index < some; index += 1) {
      offers.ended(name(index), { claimId: `claim-${name(index)}`, keepAway: true });
    }
    const all = Array.from({ length: some }, (_one, index) => name(index));
    const latest = all.slice(-500);
    const kept = all.filter((sessionId) => !offers.holdsClaim(held(sessionId)));
    assert.deepEqual(kept, latest);
    const queued = all.map((sessionId) => aSession({ sessionId }));
    const candidates = offers.candidates(queued).map((session) => session.sessionId);
    assert.deepEqual(
      all.filter((sessionId) => !candidates.includes(sessionId)),
      latest,
    );
    const sessions = offers.current({ sessions: queued, requestedAt: clock.monotonic() - 1 });
    assert.equal(sessions.length, some - 500);
  });

  it("stays as long as it is what happened last to a session", () => {
    for (let index = 0; index < some; index += 1) {
      offers.ended(name(index), { claimId: `claim-${name(index)}`, keepAway: true });
      offers.ended("again", { claimId: "claim-again", keepAway: true });
    }
    assert.equal(offers.holdsClaim(held("again")), false);
    assert.deepEqual(offers.candidates([aSession({ sessionId: "again" })]), []);
  });
});
