import assert from "node:assert/strict";
import { aSession } from "../../fakes/builders";
import { Office, type Window } from "../../fakes/office";
import { lostAnswer } from "../../fakes/platformErrors";
import { seededRandom } from "../../fakes/seededRandom";

/** What people, the platform and the network do, in any order; none waits for the one before. */
const happenings: readonly ((office: Office, window: Window) => Promise<unknown> | undefined)[] = [
  (_office, { controller }) => controller.start(),
  (_office, { controller }) => controller.stop(),
  (_office, { controller }) => controller.restart(),
  (_office, { controller }) => controller.configure(),
  (_office, { controller }) => controller.signOut(),
  (_office, { controller }) => controller.signIn(),
  (_office, { controller }) => controller.refresh(),
  (office, { controller }) => {
    office.current = office.current === office.live ? office.sandbox : office.live;
    return controller.reconnect();
  },
  (office) => {
    office.live.authentication.set(false);
    return undefined;
  },
  (office) => {
    office.platform.signal("restart");
    return undefined;
  },
  (office) => {
    office.platform.signal("stop");
    return undefined;
  },
  (office) => {
    const down = { error: lostAnswer() };
    office.platform.onAccount = () => (office.random.next() < 0.5 ? down : undefined);
    office.platform.onCall = () => (office.random.next() < 0.3 ? down : undefined);
    return undefined;
  },
  (office) => {
    const agentId = office.random.next() < 0.5 ? "agent-1" : "agent-2";
    office.platform.agents = [{ agentId, name: agentId, executionModes: ["local"] }];
    return undefined;
  },
  (office) => {
    for (const sessionId of office.platform.ids) office.runtime.open(sessionId);
    return undefined;
  },
];

describe("whatever happens, in any order", () => {
  for (let seed = 1; seed <= 150; seed += 1) {
    it(`never runs two workers, and a person can start it in the end (seed ${seed})`, async () => {
      const random = seededRandom(seed);
      const office = new Office();
      const windows = [await office.openConfigured(), await office.open()];
      office.platform.add(aSession(), aSession({ sessionId: "s2" }));
      const going: Promise<unknown>[] = [];
      for (let step = 0; step < 12; step += 1) {
        const happening = happenings[Math.floor(random.next() * happenings.length)];
        const window = windows[random.next() < 0.7 ? 0 : 1];
        assert.ok(happening !== undefined && window !== undefined);
        // Refusals are part of it.
        going.push(Promise.resolve(happening(office, window)).catch(() => undefined));
        if (random.next() < 0.6) await office.clock.advance(Math.floor(random.next() * 20_000));
      }
      office.platform.onAccount = () => undefined;
      office.platform.onCall = () => undefined;
      for (const sessionId of office.platform.ids) office.runtime.open(sessionId);
      await office.clock.advance(120_000);
      const [first, second] = windows;
      assert.ok(first !== undefined && second !== undefined);
      await second.close();
      going.push(first.controller.reconnect(), first.controller.signIn(), first.controller.configure());
      await office.clock.advance(60_000);
      await Promise.all(going);
      office.platform.controlSignal = undefined;
      await first.controller.start();
      await first.until("online");
      assert.equal(office.beating.size, 1);
      assert.deepEqual(
        office.errors.filter((error) => error.includes(" beats beside ")),
        [],
      );
      await office.close();
    });
  }
});
