import assert from "node:assert/strict";
import type { AbortCause } from "../../../src/core/attemptEnd";
import type { Worker } from "../../../src/core/worker";
import { settle } from "../../fakes/manualClock";
import { aConfig, aSession } from "../../fakes/builders";
import { failed } from "../../fakes/fakeRuntime";
import { claimInactive, lostAnswer, refused } from "../../fakes/platformErrors";
import { assertPromises } from "../../fakes/promises";
import { World } from "../../fakes/world";

const byHand: AbortCause = { kind: "released", byPerson: true, message: "Released by hand." };

/** A release is carried out and not answered; what became of the session cannot be read for a while after it. */
function loseReleaseAnswers(world: World): void {
  let lost = false;
  world.platform.onCall = ({ operation }) => {
    if (operation === "release") {
      lost = true;
      return { error: lostAnswer(), acted: true };
    }
    return lost && operation === "get" && world.clock.monotonic() < 90_000
      ? { error: lostAnswer() }
      : undefined;
  };
}

/** A person releases the session that runs. */
async function givesBack(world: World): Promise<Worker> {
  const worker = await world.start();
  await world.untilPhase("s1", "running");
  const ended = worker.end("s1", byHand);
  await world.untilPhase("s1", "released");
  await ended;
  return worker;
}

/** The claim is asked for and granted, its answer is lost, and meanwhile the person gives the session back. */
async function givesBackUnheard(world: World, acted: boolean): Promise<void> {
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  world.platform.onCall = ({ operation }) =>
    operation === "claim" ? { gate, error: lostAnswer(), acted } : undefined;
  const worker = await world.start();
  const ended = worker.end("s1", byHand);
  open();
  await ended;
}

describe("a session that a person gave back and asks for again", () => {
  it("is claimed at a later poll when the first claim fails", async () => {
    const world = new World();
    world.platform.add(aSession());
    const worker = await givesBack(world);
    let failures = 2;
    world.platform.onCall = ({ operation }) => {
      if (operation !== "claim" || failures === 0) return undefined;
      failures -= 1;
      return { error: refused("server") };
    };
    worker.claim("s1");
    await world.clock.advance(100_000);
    assert.equal(world.phase("s1"), "running");
    assert.equal(world.platform.count("claim"), 4);
    await world.endProcess();
  });
});

describe("a session that a person gives back is not taken again by itself", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
    world.platform.add(aSession());
  });
  afterEach(async () => {
    await world.endProcess();
    assertPromises(world);
  });

  async function waitLong(): Promise<void> {
    await world.clock.advance(200_000);
    assert.equal(world.runtime.live.size, 0);
  }

  it("while its claim is asked for, and the answer is lost", async () => {
    await givesBackUnheard(world, false);
    await waitLong();
    assert.equal(world.platform.count("claim"), 1);
    assert.equal(world.platform.status("s1"), "queued");
  });

  it("while its claim is asked for, by the next process either", async () => {
    await givesBackUnheard(world, false);
    await world.endProcess();
    await world.start();
    await waitLong();
    assert.equal(world.platform.count("claim"), 1);
    assert.equal(world.phase("s1"), "released");
    assert.equal(world.detail("s1"), "Released by hand.");
  });

  it("while its claim is asked for, and the claim comes to light later", async () => {
    await givesBackUnheard(world, true);
    await waitLong();
    assert.equal(world.runtime.runs.length, 0);
    assert.equal(world.platform.status("s1"), "queued");
    assert.equal(world.phase("s1"), "released");
  });

  it("while its claim is asked for, and the claim has ended when it comes to light", async () => {
    world.config = aConfig({ leaseSeconds: 60 });
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    let away = false;
    world.platform.onCall = ({ operation }) => {
      if (operation === "claim") return { gate, error: lostAnswer(), acted: true };
      return away && operation === "poll" ? { error: lostAnswer() } : undefined;
    };
    const worker = await world.start();
    const ended = worker.end("s1", byHand);
    away = true;
    open();
    await ended;
    await world.clock.advance(100_000);
    away = false;
    await waitLong();
    assert.equal(world.platform.status("s1"), "stale");
    assert.equal(world.phase("s1"), "released");
    assert.equal(world.journal.get("s1")?.outcome, "released");
    assert.equal(world.platform.count("claim"), 1);
  });

  it("while its claim is asked for, and the claim has ended when the next process finds it", async () => {
    await givesBackUnheard(world, true);
    world.platform.onCall = () => undefined;
    await world.kill();
    world.platform.expire("s1");
    await world.start();
    await waitLong();
    assert.equal(world.platform.status("s1"), "stale");
    assert.equal(world.phase("s1"), "released");
    assert.equal(world.platform.count("claim"), 1);
  });

  it("while the worker gives it back for a fault of its own", async () => {
    world.runtime.script = () => Promise.resolve(failed("outOfQuota"));
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    world.platform.onCall = ({ operation }) => (operation === "release" ? { gate } : undefined);
    const worker = await world.start();
    await world.clock.until("the release", () => world.platform.count("release") > 0);
    const ended = worker.end("s1", byHand);
    open();
    await ended;
    assert.equal(world.journal.get("s1")?.releasedByPerson, true);
    await waitLong();
    assert.equal(world.platform.count("claim"), 1);
  });

  it("while the worker gives it back for a fault of its own, and the answer to that is lost with the claim", async () => {
    world.runtime.script = () => Promise.resolve(failed("outOfQuota"));
    world.config = aConfig({ leaseSeconds: 60 });
    world.platform.renewal = "405";
    loseReleaseAnswers(world);
    const worker = await world.start();
    await world.clock.until("the release", () => world.platform.count("release") > 0);
    const ended = worker.end("s1", byHand);
    await world.clock.until("the end", () => world.journal.get("s1")?.step === "ended", 80_000);
    await ended;
    await waitLong();
    assert.equal(world.platform.count("claim"), 1);
    assert.equal(world.phase("s1"), "released");
  });

  it("though the answer to the release is lost, and the lease ends before it is known", async () => {
    world.config = aConfig({ leaseSeconds: 60 });
    world.platform.renewal = "405";
    loseReleaseAnswers(world);
    const worker = await world.start();
    await world.untilPhase("s1", "running");
    const ended = worker.end("s1", byHand);
    await world.clock.until("the end", () => world.journal.get("s1")?.step === "ended", 80_000);
    await ended;
    await waitLong();
    assert.equal(world.platform.count("claim"), 1);
    assert.equal(world.phase("s1"), "released");
  });

  it("while the worker gives it back for a fault of its own, and the process ends before the answer", async () => {
    world.runtime.script = () => Promise.resolve(failed("outOfQuota"));
    world.platform.onCall = ({ operation }) =>
      operation === "release" ? { gate: new Promise<void>(() => undefined), acted: true } : undefined;
    const worker = await world.start();
    await world.clock.until("the release", () => world.platform.count("release") > 0);
    await Promise.race([worker.end("s1", byHand), settle()]);
    await world.endProcess();
    world.platform.onCall = () => undefined;
    world.platform.set("s1", { status: "queued", claim: undefined });
    await world.start();
    await waitLong();
    assert.equal(world.platform.count("claim"), 1);
    assert.equal(world.phase("s1"), "released");
    assert.equal(world.journal.get("s1")?.releasedByPerson, true);
  });

  it("while it runs, though the process is killed at once", async () => {
    const worker = await world.start();
    await world.untilPhase("s1", "running");
    // The tool takes its time to end, so the end is not decided yet.
    world.runtime.onAborted = () => new Promise(() => undefined);
    await Promise.race([worker.end("s1", byHand), settle()]);
    await world.kill();
    world.runtime.onAborted = () => Promise.resolve();
    await world.start();
    await waitLong();
    assert.equal(world.runtime.runs.length, 1);
    assert.equal(world.platform.status("s1"), "queued");
    assert.equal(world.phase("s1"), "released");
    assert.equal(world.platform.count("claim"), 1);
  });

  it("while it runs, though the process is killed at once and the claim ends before the next one", async () => {
    world.config = aConfig({ leaseSeconds: 60 });
    const worker = await world.start();
    await world.untilPhase("s1", "running");
    world.runtime.onAborted = () => new Promise(() => undefined);
    await Promise.race([worker.end("s1", byHand), settle()]);
    await world.kill();
    world.runtime.onAborted = () => Promise.resolve();
    world.platform.expire("s1");
    await world.start();
    await waitLong();
    assert.equal(world.platform.status("s1"), "stale");
    assert.equal(world.phase("s1"), "released");
    assert.equal(world.journal.get("s1")?.outcome, "released");
    assert.equal(world.platform.count("claim"), 1);
  });

  it("by a claim that came to light late and that the next process finds, killed on the way", async () => {
    await givesBack(world);
    await lateClaim();
    // Killed when the claim is noted, before its end is.
    world.platform.onCall = ({ operation }) =>
      operation === "patch" || operation === "activity" || operation === "release"
        ? { gate: new Promise<void>(() => undefined) }
        : undefined;
    await world.kill();
    await world.start();
    await world.clock.until("the note", () => world.journal.get("s1")?.outcome === "running");
    const { ending: _ending, ...record } = world.journal.get("s1") ?? assert.fail("no record");
    await world.kill();
    await world.journal.save({ ...record, step: "preparing", ending: undefined });
    world.platform.onCall = () => undefined;
    await world.start();
    await waitLong();
    assert.equal(world.runtime.runs.length, 1);
    assert.equal(world.platform.status("s1"), "queued");
  });

  it("and shows as released when a claim that came to light late cannot be gone on with", async () => {
    await givesBack(world);
    world.platform.renewal = "405";
    world.platform.onCall = ({ operation }) =>
      operation === "renew" ? { error: claimInactive() } : undefined;
    await lateClaim();
    await waitLong();
    assert.equal(world.phase("s1"), "released");
  });

  /** The network delivers the first claim once more, long after the session went back. */
  async function lateClaim(): Promise<void> {
    await world.clock.advance(1000);
    world.platform.giveClaim("s1", { claimId: "late" });
  }
});

describe("a session that a person gave back and took again", () => {
  it("is gone on with when its claim is lost later", async () => {
    const world = new World();
    world.platform.add(aSession());
    const worker = await givesBack(world);
    worker.claim("s1");
    await world.untilPhase("s1", "running");
    world.platform.expire("s1");
    await world.clock.until("a claim anew", () => world.platform.count("claim") === 3, 400_000);
    await world.untilPhase("s1", "running");
    await world.endProcess();
    assertPromises(world);
  });
});
