import assert from "node:assert/strict";
import { aConfig, aRecord, aSession } from "../../fakes/builders";
import { completed, failed } from "../../fakes/fakeRuntime";
import { claimInactive, lostAnswer, refused } from "../../fakes/platformErrors";
import { assertPromises } from "../../fakes/promises";
import { settle } from "../../fakes/manualClock";
import { World } from "../../fakes/world";

describe("how a session ends here", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
    world.platform.add(aSession());
  });
  afterEach(async () => {
    await world.endProcess();
    assertPromises(world);
    assert.deepEqual(world.slots.held, []);
    assert.equal(world.runtime.live.size, 0);
    assert.equal(world.openFolders, 0);
  });

  /** What was sent with a claim from now on. */
  function sentSince(mark: number): readonly string[] {
    return world.platform.calls
      .slice(mark)
      .filter((call) => call.claimId !== undefined)
      .map((call) => call.operation);
  }

  it("shows no tool as running that has ended, however long the last count of changes takes", async () => {
    let counted: () => void = () => undefined;
    world.worktrees.counting = new Promise((resolve) => {
      counted = resolve;
    });
    world.runtime.script = async ({ emit }) => {
      emit({ kind: "processStarted", processId: 1 });
      emit({ kind: "filesChanged", itemId: "f1", files: [{ path: "a", change: "add" }] });
      return Promise.resolve(completed);
    };
    await world.start();
    await world.untilPhase("s1", "finishing");
    counted();
    await world.untilPhase("s1", "complete");
  });

  it("renews a claim no more whose finish was refused, and waits for the session to tell what became of it", async () => {
    world.config = aConfig({ leaseSeconds: 60 });
    await world.start();
    world.platform.onCall = (call) => {
      if (call.operation === "complete") return { error: lostAnswer(), acted: true };
      return call.operation === "get" ? { error: refused("server") } : undefined;
    };
    world.runtime.open("s1");
    await world.clock.until("the second finish", () => world.platform.count("complete") === 2);
    const renewals = world.platform.count("renew");
    world.platform.onCall = (call) => (call.operation === "get" ? { error: refused("server") } : undefined);
    await world.clock.advance(30_000);
    assert.equal(world.platform.count("renew"), renewals);
    world.platform.onCall = () => undefined;
    await world.untilPhase("s1", "complete");
  });

  it("stops at once when the claim is lost, sends nothing more with it and keeps the worktree", async () => {
    await world.start();
    world.platform.expire("s1");
    world.platform.set("s1", { status: "complete" });
    // Only the renewal, after a third of the lease, finds out.
    world.platform.onCall = (call) => (call.operation === "get" ? { error: refused("server") } : undefined);
    await world.untilPhase("s1", "claimLost", 310_000);
    const mark = world.platform.calls.length;
    await world.clock.advance(40_000);
    assert.deepEqual(sentSince(mark), []);
    assert.equal(world.runtime.live.size, 0);
    assert.equal(world.journal.get("s1")?.outcome, "abandoned");
    assert.match(world.detail("s1") ?? "", /kept in its worktree/u);
  });

  it("stops when the platform calls the session stale, then may claim it anew", async () => {
    await world.start();
    world.platform.expire("s1");
    await world.clock.until("it is claimed anew", () => world.platform.count("claim") === 2, 10_000);
    await world.untilPhase("s1", "running", 40_000);
    assert.equal(world.runtime.runs.length, 2);
    assert.equal(world.journal.saves.find((one) => one.outcome === "abandoned")?.sessionId, "s1");
  });

  it("does not take up again a claim that it gave up", async () => {
    await world.start();
    world.platform.onCall = (call) =>
      call.operation === "activity" || call.operation === "patch" ? { error: claimInactive() } : undefined;
    world.runtime.open("s1");
    await world.untilPhase("s1", "claimLost");
    await world.clock.advance(100_000);
    assert.equal(world.runtime.runs.length, 1);
  });

  it("leaves a claim alone that an earlier process gave up", async () => {
    world.platform.giveClaim("s1");
    world.journal.records.set("s1", aRecord({ outcome: "abandoned" }));
    await world.start();
    await world.clock.advance(100_000);
    assert.equal(world.runtime.runs.length, 0);
  });

  it("leaves a claim alone that it gave up though the disk did not take the note", async () => {
    await world.start();
    world.journal.failure = new Error("disk full");
    world.platform.onCall = (call) =>
      call.operation === "activity" || call.operation === "patch" ? { error: claimInactive() } : undefined;
    world.runtime.open("s1");
    await world.untilPhase("s1", "claimLost");
    await world.clock.advance(100_000);
    assert.equal(world.runtime.runs.length, 1);
    world.errors.length = 0;
  });

  it("does not take the word of a read that left before the claim was proven", async () => {
    world.platform.giveClaim("s1");
    world.platform.expire("s1");
    let open: () => void = () => undefined;
    world.platform.onCall = (call) =>
      call.operation === "claim" ? { gate: new Promise((resolve) => (open = resolve)) } : undefined;
    await world.start();
    await world.clock.advance(11_000);
    open();
    await world.clock.advance(1000);
    assert.equal(world.phase("s1"), "running");
    assert.equal(world.platform.count("claim"), 1);
  });

  it("stops within 10 s when it is cancelled on the platform, and sends nothing", async () => {
    await world.start();
    await world.clock.advance(2000);
    world.platform.cancel("s1");
    const mark = world.platform.calls.length;
    await world.untilPhase("s1", "cancelled", 10_000);
    assert.deepEqual(sentSince(mark), []);
    assert.equal(world.runtime.live.size, 0);
    assert.equal(world.journal.get("s1")?.outcome, "cancelled");
  });

  it("stops one cancelled session within 10 s though the read of another hangs", async () => {
    world.platform.add(aSession({ sessionId: "s2" }));
    world.platform.onCall = (call) =>
      call.operation === "get" && call.sessionId === "s2"
        ? { gate: new Promise(() => undefined) }
        : undefined;
    await world.start();
    await world.clock.advance(12_000);
    world.platform.cancel("s1");
    await world.untilPhase("s1", "cancelled", 10_000);
  });

  it("shows a session that was cancelled while its end was told as cancelled", async () => {
    world.platform.onCall = (call) => {
      if (call.operation === "complete") world.platform.cancel("s1");
      return undefined;
    };
    await world.start();
    world.runtime.open("s1");
    await world.untilPhase("s1", "cancelled");
  });

  it("releases when a person asks, tells so, and claims it again only by hand", async () => {
    const worker = await world.start();
    const ended = worker.end("s1", { kind: "released", byPerson: true, message: "Released by hand." });
    await world.clock.advance(2000);
    await ended;
    assert.equal(world.phase("s1"), "released");
    assert.equal(world.platform.status("s1"), "queued");
    const { activities } = world.platform.of("s1");
    assert.equal(activities.at(-1)?.activity.type, "release");
    assert.equal(activities.at(-1)?.activity.message, "Released by hand.");
    await world.clock.advance(100_000);
    assert.equal(world.platform.count("claim"), 1);
    await world.endProcess();
    await world.start();
    await world.clock.advance(100_000);
    assert.equal(world.platform.count("claim"), 1, "a reload does not forget it");
    world.worker?.claim("s1");
    await world.untilPhase("s1", "running", 5000);
    assert.equal(world.platform.count("claim"), 2);
  });

  it("does not claim a released session again because of an older click on claim", async () => {
    world.platform.set("s1", { status: "complete" });
    const worker = await world.start();
    worker.claim("s1");
    world.platform.set("s1", { status: "queued" });
    worker.claim("s1");
    await world.untilPhase("s1", "running", 40_000);
    const ended = worker.end("s1", { kind: "released", byPerson: true, message: "Released by hand." });
    await world.clock.advance(100_000);
    await ended;
    assert.equal(world.platform.count("claim"), 1);
  });

  it("keeps to a person's release when its answer is lost", async () => {
    world.platform.onCall = (call) =>
      call.operation === "release" ? { error: lostAnswer(), acted: true } : undefined;
    const worker = await world.start();
    const ended = worker.end("s1", { kind: "released", byPerson: true, message: "Released by hand." });
    await world.clock.advance(60_000);
    await ended;
    assert.equal(world.phase("s1"), "released");
    assert.equal(world.platform.count("release"), 1);
    assert.equal(world.platform.count("claim"), 1);
  });

  it("fails when a person asks, with the reason", async () => {
    const worker = await world.start();
    const ended = worker.end("s1", { kind: "failed", message: "Wrong direction." });
    await world.clock.advance(2000);
    await ended;
    assert.equal(world.phase("s1"), "failed");
    assert.equal(world.platform.status("s1"), "error");
    assert.equal(world.platform.of("s1").finishes[0]?.text, "Wrong direction.");
    assert.equal(world.detail("s1"), "Wrong direction.");
  });

  it("lets the end of the process cut off a release that cannot be told", async () => {
    world.platform.onCall = (call) => (call.claimId !== undefined ? { error: lostAnswer() } : undefined);
    const worker = await world.start();
    const ended = worker.end("s1", { kind: "released", byPerson: true, message: "Released by hand." });
    await world.clock.advance(5000);
    assert.equal(world.phase("s1"), "finishing");
    let over = false;
    const end = world.endProcess().then(() => (over = true));
    await settle();
    await settle();
    assert.equal(over, true, "deactivation must not wait for the platform");
    await end;
    await ended;
  });

  it("waits until the coding tool is really gone before it tells the end", async () => {
    let die: () => void = () => undefined;
    world.runtime.onAborted = () => new Promise((resolve) => (die = resolve));
    const worker = await world.start();
    const ended = worker.end("s1", { kind: "released", byPerson: true, message: "Released by hand." });
    await world.clock.advance(3000);
    assert.equal(world.platform.count("release"), 0);
    assert.deepEqual(world.slots.held, ["s1"]);
    die();
    await world.clock.advance(3000);
    await ended;
    assert.equal(world.platform.count("release"), 1);
  });

  it("fails a session whose tool failed, keeps what it did, and says why", async () => {
    world.runtime.script = async () => Promise.resolve(failed("turnFailed", "The model gave up."));
    await world.start();
    await world.untilPhase("s1", "failed");
    assert.equal(world.platform.of("s1").finishes[0]?.text, "The model gave up.");
    assert.equal(world.worktrees.commits.length, 1);
    assert.deepEqual(world.worktrees.released, ["s1"]);
  });

  it("says why the tool failed even when its work could not be committed", async () => {
    world.runtime.script = async () => Promise.resolve(failed("turnFailed", "The model gave up."));
    world.worktrees.commitFailure = new Error("index.lock exists");
    await world.start();
    await world.untilPhase("s1", "failed");
    assert.match(world.detail("s1") ?? "", /The model gave up\.[\s\S]*index\.lock/u);
  });

  it("commits under a plain title, and names the session", async () => {
    world.platform.set("s1", { title: "\u0000Fix\nthe \u202Elogin".padEnd(300, "x") });
    await world.start();
    world.runtime.open("s1");
    await world.untilPhase("s1", "complete");
    assert.match(world.worktrees.commits[0]?.message ?? "", /^Fix the login?x+…$/u);
  });

  const summaries: readonly [string, string | undefined, number, RegExp][] = [
    ["a commit", "c".repeat(40), 2, /2 changed files committed as `cccccccccc` on `one-horizon\/s1`\./u],
    ["no change", undefined, 0, /Nothing was changed/u],
    ["only what was committed before", undefined, 1, /Nothing was left to commit; .* has 1 changed file\./u],
  ];
  for (const [name, commit, files, expected] of summaries) {
    it(`sums up ${name}`, async () => {
      world.worktrees.committed = commit;
      world.worktrees.stat = { files, added: 1, deleted: 0 };
      await world.start();
      world.runtime.open("s1");
      await world.untilPhase("s1", "complete");
      assert.match(world.platform.of("s1").finishes[0]?.text ?? "", expected);
    });
  }

  it("fails only the session whose worktree cannot be made", async () => {
    world.worktrees.prepareFailure = new Error("no space left");
    await world.start();
    await world.untilPhase("s1", "failed");
    assert.match(world.detail("s1") ?? "", /no space left/u);
    world.errors.length = 0;
  });

  it("ends a session whose summary the platform refuses without its summary", async () => {
    world.platform.onCall = (call) =>
      call.operation === "complete" && world.platform.count("complete") === 1
        ? { error: refused("badRequest") }
        : undefined;
    await world.start();
    world.runtime.open("s1");
    await world.untilPhase("s1", "complete");
    assert.equal(world.platform.status("s1"), "complete");
  });

  it("fails a session whose completion the platform refuses for good", async () => {
    world.platform.onCall = (call) =>
      call.operation === "complete" ? { error: refused("refused") } : undefined;
    await world.start();
    world.runtime.open("s1");
    await world.untilPhase("s1", "failed");
    assert.equal(world.platform.status("s1"), "error");
    assert.match(world.detail("s1") ?? "", /refused/u);
  });

  for (const renewal of ["405", "409"] as const) {
    it(`ends inside its lease where the platform does not renew (${renewal}), and says so`, async () => {
      world.platform.renewal = renewal;
      await world.start();
      await world.clock.advance(310_000);
      const told = world.platform.of("s1").activities.map((one) => one.activity.message);
      assert.ok(
        told.some((text) => text.includes("does not extend")),
        told.join("\n"),
      );
      await world.untilPhase("s1", "failed", 600_000);
      assert.equal(world.platform.status("s1"), "error");
      assert.equal(world.runtime.live.size, 0);
    });
  }

  it("takes up a claim it holds where the platform does not renew", async () => {
    world.platform.renewal = "409";
    world.platform.giveClaim("s1");
    await world.start();
    await world.untilPhase("s1", "running", 5000);
    world.runtime.open("s1");
    await world.untilPhase("s1", "complete");
  });

  it("does not show a session as running whose tool has ended, however long the note takes", async () => {
    const save = world.journal.save.bind(world.journal);
    let open: () => void = () => undefined;
    world.journal.save = async (record) => {
      if (record.step === "committing" && record.ran !== undefined && world.worktrees.commits.length === 0) {
        await new Promise<void>((resolve) => (open = resolve));
      }
      await save(record);
    };
    await world.start();
    world.runtime.open("s1");
    await world.clock.advance(1000);
    assert.equal(world.runtime.live.size, 0);
    assert.equal(world.phase("s1"), "finishing");
    open();
    await world.untilPhase("s1", "complete");
  });
});
