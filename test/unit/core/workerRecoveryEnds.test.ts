import assert from "node:assert/strict";
import type { PendingEnding } from "../../../src/core/ports/journal";
import { emptyOutbox } from "../../../src/core/outbox";
import { aRecord, aSession } from "../../fakes/builders";
import { refused } from "../../fakes/platformErrors";
import { settle } from "../../fakes/manualClock";
import { assertPromises } from "../../fakes/promises";
import { World } from "../../fakes/world";

describe("a worker after an earlier process", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });
  afterEach(async () => {
    await world.endProcess();
    assertPromises(world);
    assert.deepEqual(world.slots.held, []);
  });

  const ending: PendingEnding = {
    finish: { kind: "complete", summary: "All done" },
    activityId: "11111111-1111-4111-8111-111111111111",
    byPerson: false,
    detail: undefined,
    fault: undefined,
  };
  const releasing: PendingEnding = {
    ...ending,
    finish: { kind: "release", reason: "Released by hand." },
    byPerson: true,
    detail: "Released by hand.",
  };
  /** Nothing was executed, whatever else happened. */
  function assertOnlyTold(): void {
    assert.equal(world.runtime.runs.length, 0);
    assert.equal(world.worktrees.commits.length, 0);
    assert.equal(world.worktrees.prepared.length, 0);
  }

  describe("whose end was being told", () => {
    it("tells what waits, the last activity under its id, and the finish, without a slot and without executing", async () => {
      world.platform.add(aSession());
      world.platform.giveClaim("s1", { sequence: 2 });
      world.journal.records.set("s1", aRecord({ step: "finishing", ending }));
      const said = { entryId: "e1", type: "progress", text: "Not told yet", at: 1 } as const;
      world.journal.outboxes.set("s1 claim-s1", { ...emptyOutbox, sequence: 2, waiting: [said] });
      world.slots.elsewhere = 3;
      await world.start();
      await world.untilPhase("s1", "complete", 5000);
      const { activities, finishes } = world.platform.of("s1");
      assert.deepEqual(
        activities.map((one) => [one.activity.message, one.activity.sequence]),
        [
          ["Not told yet", 3],
          ["All done", 4],
        ],
      );
      assert.equal(activities.at(-1)?.activity.activityId, ending.activityId);
      assert.equal(finishes.length, 1);
      assertOnlyTold();
    });

    it("claims a stale session of its own anew to tell the end, with autoClaim off too", async () => {
      world.autoClaim = false;
      world.platform.add(aSession());
      world.platform.giveClaim("s1");
      world.platform.expire("s1");
      world.journal.records.set("s1", aRecord({ step: "finishing", ending }));
      await world.start();
      await world.untilPhase("s1", "complete", 5000);
      assert.equal(world.platform.count("claim"), 1);
      assert.equal(world.platform.status("s1"), "complete");
      assertOnlyTold();
    });

    it("closes what had been told, and sends nothing", async () => {
      world.platform.add(aSession({ status: "complete" }));
      world.journal.records.set("s1", aRecord({ step: "finishing", ending }));
      await world.start();
      assert.equal(world.phase("s1"), "complete");
      assert.equal(world.journal.get("s1")?.outcome, "completed");
      assert.ok(world.platform.calls.every((call) => call.claimId === undefined));
      assertOnlyTold();
    });

    it("keeps to a person's release whose answer was lost with the process: it is not claimed again", async () => {
      world.platform.add(aSession());
      world.journal.records.set("s1", aRecord({ step: "finishing", ending: releasing }));
      await world.start();
      await world.clock.advance(100_000);
      assert.equal(world.phase("s1"), "released");
      assert.equal(world.platform.count("claim"), 0);
      assert.equal(world.journal.get("s1")?.releasedByPerson, true);
      assertOnlyTold();
    });

    for (const [name, prepare] of [
      [
        "another worker has it",
        () => world.platform.giveClaim("s1", { holder: "worker-2", claimId: "other" }),
      ],
      ["it is cancelled", () => world.platform.cancel("s1")],
    ] as const) {
      it(`takes its hands off when ${name}, and says so`, async () => {
        world.platform.add(aSession());
        prepare();
        world.journal.records.set("s1", aRecord({ step: "finishing", ending }));
        await world.start();
        await world.clock.advance(40_000);
        assert.match(world.detail("s1") ?? "", /kept in its worktree/u);
        assert.notEqual(world.journal.get("s1")?.outcome, "running");
        assert.ok(world.platform.calls.every((call) => call.claimId === undefined));
        assertOnlyTold();
      });
    }

    it("executes a session anew that somebody put back into the queue meanwhile", async () => {
      world.platform.add(aSession());
      world.journal.records.set("s1", aRecord({ step: "finishing", ending }));
      await world.start();
      await world.untilPhase("s1", "running", 5000);
      assert.equal(world.runtime.runs[0]?.resumeThreadId, undefined);
    });

    it("tells the end, not a release, when the worker is stopped meanwhile", async () => {
      world.platform.add(aSession());
      world.platform.giveClaim("s1");
      world.journal.records.set("s1", aRecord({ step: "finishing", ending }));
      world.platform.onCall = (call) =>
        call.operation === "poll" ? { error: refused("server") } : undefined;
      const worker = await world.start();
      worker.drain({ kind: "stopped", bySignal: false });
      await world.untilExit(20_000);
      assert.equal(world.platform.status("s1"), "complete");
      assert.deepEqual(
        world.platform.of("s1").finishes.map((one) => one.kind),
        ["complete"],
      );
    });

    it("tells it alone when it is stopped, though a poll finds the session cancelled meanwhile", async () => {
      world.platform.add(aSession());
      world.platform.giveClaim("s1");
      world.journal.records.set("s1", aRecord({ step: "executing" }));
      let polls = true;
      world.platform.onCall = ({ operation }) => {
        if (operation === "release") return { error: refused("rateLimited", "slow down", 2000) };
        return operation === "poll" && polls ? { error: refused("server") } : undefined;
      };
      const worker = await world.start();
      worker.drain({ kind: "stopped", bySignal: false });
      await world.clock.until("the release", () => world.platform.count("release") > 0);
      polls = false;
      world.platform.cancel("s1");
      const asked = world.platform.count("get");
      const seen = world.platform.count("poll");
      worker.pollNow();
      await world.clock.until("a poll", () => world.platform.count("poll") > seen);
      await settle();
      assert.equal(world.journal.get("s1")?.outcome, "running");
      assert.equal(world.platform.count("get"), asked);
      await world.untilExit(60_000);
      assert.equal(world.journal.get("s1")?.outcome, "cancelled");
    });

    it("does not lose the end when its claim is lost while it is told", async () => {
      world.platform.add(aSession());
      world.platform.onCall = (call) => {
        if (call.operation === "complete" && world.platform.count("complete") === 1) {
          world.platform.expire("s1");
        }
        return undefined;
      };
      await world.start();
      world.runtime.open("s1");
      await world.untilPhase("s1", "complete", 100_000);
      assert.equal(world.runtime.runs.length, 1);
      assert.equal(world.worktrees.commits.length, 1);
      assert.equal(world.platform.count("claim"), 2);
      const completions = world.platform
        .of("s1")
        .activities.filter((one) => one.activity.type === "completion");
      assert.equal(completions.length, 1);
    });
  });

  describe("whose tool had ended", () => {
    it("commits and finishes without running it again", async () => {
      world.platform.add(aSession());
      world.platform.giveClaim("s1");
      const ran = { kind: "completed", finalMessage: "It is done." } as const;
      world.journal.records.set("s1", aRecord({ step: "committing", ran }));
      await world.start();
      await world.untilPhase("s1", "complete", 5000);
      assert.equal(world.runtime.runs.length, 0);
      assert.equal(world.worktrees.commits.length, 1);
      assert.match(world.platform.of("s1").finishes[0]?.text ?? "", /It is done\./u);
    });
  });
});
