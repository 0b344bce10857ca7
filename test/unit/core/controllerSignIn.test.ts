import assert from "node:assert/strict";
import { UserError } from "../../../src/core/actions";
import { aSession } from "../../fakes/builders";
import { settle } from "../../fakes/manualClock";
import { Office, type Window } from "../../fakes/office";
import { lostAnswer, refused } from "../../fakes/platformErrors";

describe("signing in and out", () => {
  let office: Office;
  let window: Window;
  beforeEach(async () => {
    office = new Office();
    window = await office.openConfigured();
  });
  afterEach(async () => {
    await office.close();
    assert.deepEqual(office.errors, []);
  });

  async function run(sessionId: string): Promise<void> {
    office.platform.add(aSession({ sessionId }));
    window.controller.pollNow();
    await window.untilSession(sessionId, "running");
  }

  describe("by command", () => {
    it("goes on to configure where there is no worker yet", async () => {
      office.configurations.stored.clear();
      office.platform.signedIn = false;
      await window.controller.refresh();
      await window.controller.signIn();
      await window.until("online");
    });

    it("starts the worker that the folder has, and asks nothing", async () => {
      await window.controller.signOut();
      assert.equal(window.kind, "signedOut");
      await window.controller.signIn();
      await window.until("online");
      assert.equal(office.platform.registrations.length, 1);
    });

    it("is refused in Restricted Mode", async () => {
      window.trusted = false;
      await assert.rejects(window.controller.signIn(), UserError);
    });

    it("tells in words that it did not work out", async () => {
      await window.controller.signOut();
      office.live.authentication.failure = lostAnswer();
      await assert.rejects(window.controller.signIn(), (error: unknown) => {
        assert.ok(error instanceof UserError);
        assert.match(error.message, /could not be signed in: the platform could not be reached\./u);
        return true;
      });
      assert.equal(window.kind, "signedOut");
    });

    it("does not hold up a stop while the browser is open", async () => {
      office.live.authentication.gate = new Promise(() => undefined);
      const signedIn = window.controller.signIn();
      await settle();
      await window.controller.stop();
      assert.equal(window.kind, "stopped");
      await Promise.all([window.close(), assert.rejects(signedIn)]);
    });

    it("releases sessions before the tokens go, and beats no more after", async () => {
      await run("s1");
      let statusThen = "";
      let beatingThen = -1;
      office.live.authentication.onForget = () => {
        statusThen = office.platform.status("s1");
        beatingThen = office.beating.size;
      };
      const done = window.controller.signOut();
      await window.until("signedOut");
      await done;
      assert.equal(statusThen, "queued");
      assert.equal(beatingThen, 0);
      assert.equal(office.journalOf("worker-1").get("s1")?.outcome, "released");
      assert.equal(office.platform.of("s1").activities.at(-1)?.activity.type, "release");
      const calls = office.platform.calls.length;
      await office.clock.advance(120_000);
      assert.equal(office.platform.calls.length, calls);
    });

    it("signs out in time though the platform does not answer", async () => {
      await run("s1");
      office.platform.onCall = () => ({ error: lostAnswer() });
      const started = office.clock.monotonic();
      const done = window.controller.signOut();
      await window.until("signedOut", 20_000);
      await done;
      assert.ok(office.clock.monotonic() - started <= 20_000);
      assert.equal(office.platform.signedIn, false);
      assert.equal(office.beating.size, 0);
    });

    it("does not announce a sign-out that a person asked for as one of the platform", async () => {
      window.phases.length = 0;
      await window.controller.signOut();
      assert.deepEqual(window.phases, ["stopped", "signedOut"]);
    });

    it("says so when the tokens could not be forgotten; the worker stays stopped", async () => {
      office.live.authentication.failure = new Error("EROFS");
      await assert.rejects(window.controller.signOut(), (error: unknown) => {
        assert.ok(error instanceof UserError);
        assert.match(error.message, /could not be forgotten: EROFS\. Sign out again/u);
        return true;
      });
      assert.equal(window.kind, "stopped");
      assert.equal(office.beating.size, 0);
      office.live.authentication.failure = undefined;
      await window.controller.signOut();
      assert.equal(window.kind, "signedOut");
    });

    it("does not start by itself after a sign-out by hand where it is not to", async () => {
      window.autoStart = false;
      await window.controller.signOut();
      await window.controller.signIn();
      await office.clock.advance(5000);
      assert.equal(window.kind, "stopped");
    });
  });

  describe("by the platform", () => {
    for (const how of ["told", "refused"] as const) {
      it(`leaves running attempts, and goes on after signing in again (${how})`, async () => {
        await run("s1");
        const claimId = office.platform.of("s1").claim?.claimId;
        window.phases.length = 0;
        if (how === "told") office.live.authentication.set(false);
        else office.platform.signedIn = false;
        await window.until("signedOut");
        assert.deepEqual(window.phases, ["online", "signedOut"], "the loss is seen as one step");
        assert.equal(office.platform.status("s1"), "active");
        assert.equal(office.journalOf("worker-1").get("s1")?.outcome, "running");
        assert.equal(office.runtime.live.size, 0);
        assert.equal(office.beating.size, 0);
        await office.clock.advance(30_000);
        await window.controller.signIn();
        await window.untilSession("s1", "running");
        assert.equal(office.platform.of("s1").claim?.claimId, claimId);
        assert.equal(office.runtime.runs.at(-1)?.resumeThreadId, "thread-s1");
        office.runtime.open("s1");
        await window.untilSession("s1", "complete");
      });
    }

    it("goes on by itself where a person had started it, though it is not to start by itself", async () => {
      window.autoStart = false;
      office.platform.signedIn = false;
      await window.until("signedOut");
      office.live.authentication.set(true);
      await window.until("online");
    });

    it("does not go on when a person stopped it meanwhile", async () => {
      office.platform.signedIn = false;
      await window.until("signedOut");
      await window.controller.stop();
      await window.controller.signIn();
      await office.clock.advance(5000);
      assert.equal(window.kind, "stopped");
    });

    it("shows a sign-out while it starts", async () => {
      await window.close();
      office.platform.onAccount = () => ({ error: refused("unauthorized") });
      window = await office.open();
      await window.until("signedOut");
    });
  });

  describe("as another account", () => {
    const other = { userId: "user-2", name: undefined };

    it("ends the run and leaves its attempts to the account they belong to", async () => {
      await run("s1");
      office.platform.user = other;
      office.live.authentication.set(true);
      await window.until("notConfigured");
      assert.match(window.message, /another account/u);
      assert.equal(office.beating.size, 0);
      assert.equal(office.runtime.live.size, 0);
      assert.equal(office.journalOf("worker-1").get("s1")?.outcome, "running");
      const calls = office.platform.calls.length;
      await office.clock.advance(60_000);
      assert.equal(office.platform.calls.length, calls, "nothing of the old worker is told");
      office.platform.user = { userId: "user-1", name: undefined };
      office.live.authentication.set(true);
      await window.untilSession("s1", "running");
    });

    it("is not concluded from a platform that cannot be asked", async () => {
      await run("s1");
      office.platform.onAccount = () => ({ error: refused("server") });
      await window.controller.checkAccount();
      assert.equal(window.session("s1"), "running");
      assert.equal(window.kind, "online");
    });

    it("is found out as soon as the platform can be asked again", async () => {
      await run("s1");
      office.platform.user = other;
      office.platform.onAccount = () => ({ error: refused("server") });
      await window.controller.checkAccount();
      await office.clock.advance(30_000);
      assert.equal(window.kind, "online");
      office.platform.onAccount = () => ({});
      await window.until("notConfigured");
      assert.match(window.message, /another account/u);
      assert.equal(office.runtime.live.size, 0);
      assert.equal(office.journalOf("worker-1").get("s1")?.outcome, "running");
    });

    it("is asked for no longer once there is an answer, or no run that it is about", async () => {
      await run("s1");
      let asked = 0;
      office.platform.onAccount = () => {
        asked += 1;
        return asked < 3 ? { error: refused("server") } : {};
      };
      await window.controller.checkAccount();
      await office.clock.advance(300_000);
      assert.equal(asked, 3);
      assert.equal(window.session("s1"), "running");
      office.platform.onAccount = () => {
        asked += 1;
        return { error: refused("server") };
      };
      await window.controller.checkAccount();
      office.runtime.open("s1");
      await window.untilSession("s1", "complete");
      await window.controller.stop();
      const before = asked;
      await office.clock.advance(300_000);
      assert.equal(asked, before);
    });

    it("does not hold up a stop while it is found out", async () => {
      office.platform.onAccount = () => ({ gate: new Promise(() => undefined) });
      const checked = window.controller.checkAccount();
      await settle();
      await window.controller.stop();
      assert.equal(window.kind, "stopped");
      await window.close();
      await checked;
    });
  });

  it("changes nothing when the same account is found signed in", async () => {
    await run("s1");
    await window.controller.checkAccount();
    assert.equal(window.session("s1"), "running");
  });
});
