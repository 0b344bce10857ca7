import assert from "node:assert/strict";
import { aConfig, aSession } from "../../fakes/builders";
import type { Call, Fault } from "../../fakes/fakePlatform";
import { lostAnswer, refused } from "../../fakes/platformErrors";
import { assertPromises } from "../../fakes/promises";
import { World } from "../../fakes/world";
import type { FoundArtifact } from "../../../src/core/ports/artifacts";

const picture: FoundArtifact = {
  artifactId: "copy-1",
  name: "shot.png",
  mediaType: "image/png",
  size: 12_345,
  binary: true,
};
const report: FoundArtifact = {
  artifactId: "copy-2",
  name: "report.md",
  mediaType: "text/markdown",
  size: 321,
  binary: false,
};
const zip = { name: "all.zip", why: "files of its kind are not taken" };

/** A session of a task, whose tool leaves two files that are taken and one that is not. */
function aWorld(taskId: string | undefined = "task-1"): World {
  const world = new World();
  world.config = aConfig({ leaseSeconds: 900 });
  world.platform.add(aSession({ taskId }));
  world.artifacts.found = { accepted: [picture, report], refused: [zip], unnamed: 0 };
  world.runtime.open("s1");
  return world;
}

const namesOf = (world: World): string[] => world.platform.uploads.map((one) => one.name);
const completionOf = (world: World): string =>
  world.platform.of("s1").activities.findLast((one) => one.activity.type === "completion")?.activity
    .message ?? "";
const policiesOf = (world: World): string[] =>
  world.platform
    .of("s1")
    .activities.flatMap(({ activity }) => (activity.type === "policy" ? [activity.message] : []));

describe("what a session leaves for people", () => {
  let world: World;
  beforeEach(() => {
    world = aWorld();
  });
  afterEach(async () => {
    await world.endProcess();
    assertPromises(world);
    assert.equal(world.clock.sleeping, 0);
  });
  const untilComplete = (limitMs = 900_000): Promise<void> => world.untilPhase("s1", "complete", limitMs);
  const failing = (fault: (call: Call) => Fault | undefined): void => {
    world.platform.onCall = fault;
  };

  it("is uploaded, listed in one comment with what was refused, and told before the end", async () => {
    await world.start();
    await untilComplete();
    assert.deepEqual(namesOf(world), ["shot.png", "report.md"]);
    const content = world.platform.uploads[0]?.content ?? new Uint8Array();
    assert.equal(new TextDecoder().decode(content), "content of copy-1");
    const [comment, ...more] = world.platform.comments;
    assert.deepEqual(more, []);
    assert.deepEqual(comment?.fileIds, ["file-1", "file-2"]);
    assert.match(comment.content, /- `shot\.png` \(12 KiB\)\n- `report\.md` \(321 bytes\)/u);
    assert.match(comment.content, /- `all\.zip`: files of its kind are not taken/u);
    assert.deepEqual(policiesOf(world), [
      "Uploaded without a search for secrets, since no text: `shot.png`.",
    ]);
    assert.match(completionOf(world), /2 artifacts are in a comment on the task\.[^]*all\.zip/u);
    assert.deepEqual(
      world.store.state.sessions.get("s1")?.artifacts.map((one) => [one.name, one.state]),
      [
        ["shot.png", "uploaded"],
        ["report.md", "uploaded"],
        ["all.zip", "refused"],
      ],
    );
    assert.deepEqual(world.artifacts.discarded, [], "a file that was refused is nowhere else");
  });

  it("leaves no folder behind where all of it was taken", async () => {
    world.artifacts.found = { accepted: [report], refused: [], unnamed: 0 };
    await world.start();
    await untilComplete();
    assert.deepEqual(world.artifacts.discarded, ["/artifacts/s1"]);
    assert.deepEqual(policiesOf(world), []);
  });

  it("costs nothing and says nothing where there is none", async () => {
    world.artifacts.found = { accepted: [], refused: [], unnamed: 0 };
    await world.start();
    await untilComplete();
    assert.equal(world.platform.comments.length + world.platform.uploads.length, 0);
    assert.doesNotMatch(completionOf(world), /artifact/iu);
  });

  it("goes into the completion with its addresses where the session has no task", async () => {
    world = aWorld("");
    world.platform.set("s1", { taskId: undefined });
    world.platform.fileUrl = (name) => `https://files.example/(${name})`;
    await world.start();
    await untilComplete();
    assert.deepEqual(world.platform.comments, []);
    assert.match(
      completionOf(world),
      /- \[`shot\.png`\]\(https:\/\/files\.example\/%28shot\.png%29\) \(12 KiB\)/u,
    );
    assert.match(completionOf(world), /Not uploaded[^]*all\.zip/u);
  });

  it("is looked at only after a run that succeeded", async () => {
    world.runtime.script = () => Promise.resolve({ kind: "failed", reason: "turnFailed", message: "No." });
    await world.start();
    await world.untilPhase("s1", "failed");
    assert.deepEqual(world.artifacts.collected, []);
  });

  it("never fails the session: a folder that cannot be looked through is told", async () => {
    world.artifacts.failure = new Error("The artifacts folder was replaced by another one.");
    await world.start();
    await untilComplete();
    assert.match(completionOf(world), /was not uploaded: The artifacts folder was replaced/u);
  });

  it("never fails the session: what the platform refuses is named with the reason", async () => {
    failing((call) => (call.operation === "upload" ? { error: refused("forbidden") } : undefined));
    await world.start();
    await untilComplete();
    assert.deepEqual(namesOf(world), []);
    assert.match(completionOf(world), /`shot\.png`: the platform does not allow it/u);
    assert.match(world.platform.comments[0]?.content ?? "", /No artifact of this session was uploaded/u);
    assert.deepEqual(policiesOf(world), []);
  });

  it("names a copy that is gone", async () => {
    world.artifacts.gone.add("copy-1");
    await world.start();
    await untilComplete();
    assert.deepEqual(namesOf(world), ["report.md"]);
    assert.match(completionOf(world), /`shot\.png`: its copy is gone/u);
  });

  it("is sent again where the platform certainly did not act, and never where it may have", async () => {
    let busy = 3;
    failing((call) => {
      if (call.operation !== "upload") return undefined;
      if (busy-- > 0) return { error: refused("rateLimited", "wait", 20_000) };
      return namesOf(world).length === 0 ? undefined : { error: lostAnswer(), acted: true };
    });
    await world.start();
    await untilComplete();
    assert.deepEqual(namesOf(world), ["shot.png", "report.md"], "once each");
    assert.deepEqual(world.platform.comments[0]?.fileIds, ["file-1"]);
    assert.match(
      completionOf(world),
      /`report\.md`: it may have arrived, but the platform could not be reached/u,
    );
  });

  it("names a picture that may have arrived among what nobody searched for secrets", async () => {
    failing((call) =>
      call.operation === "upload" && namesOf(world).length === 0
        ? { error: lostAnswer(), acted: true }
        : undefined,
    );
    await world.start();
    await untilComplete();
    assert.deepEqual(policiesOf(world), [
      "Sent without a search for secrets, since no text, and it is not known whether it arrived: `shot.png`.",
    ]);
  });

  it("names a picture that nobody searched for secrets also where the rest cannot be noted", async () => {
    let full = true;
    const save = world.journal.save.bind(world.journal);
    world.journal.save = async (record) => {
      const { files } = record.artifacts ?? { files: [] };
      if (full && files.some(({ name, upload }) => name === "report.md" && upload !== "waiting")) {
        full = false;
        throw new Error("ENOSPC");
      }
      await save(record);
    };
    await world.start();
    await untilComplete();
    assert.deepEqual(namesOf(world), ["shot.png"]);
    assert.deepEqual(policiesOf(world), [
      "Uploaded without a search for secrets, since no text: `shot.png`.",
    ]);
  });

  it("is bounded in time", async () => {
    failing((call) => (call.operation === "upload" ? { gate: new Promise(() => undefined) } : undefined));
    await world.start();
    const before = world.clock.monotonic();
    await untilComplete();
    assert.ok(world.clock.monotonic() - before < 400_000);
    assert.match(completionOf(world), /the time was up/u);
    assert.match(completionOf(world), /comment with the artifacts could not be posted/u);
  });

  it("does not take the time that telling the end needs from a claim that cannot be renewed", async () => {
    world.platform.renewal = "405";
    world.config = aConfig({ leaseSeconds: 120 });
    failing((call) => (call.operation === "upload" ? { gate: new Promise(() => undefined) } : undefined));
    await world.start();
    await untilComplete();
    assert.match(completionOf(world), /`shot\.png`: the time was up/u);
  });

  for (const [how, end] of [
    ["is cancelled", "cancelled"],
    ["loses its claim", "claimLost"],
  ] as const) {
    it(`sends nothing more once the session ${how}`, async () => {
      failing((call) => (call.operation === "upload" ? { gate: new Promise(() => undefined) } : undefined));
      await world.start();
      await world.clock.until("the first upload", () => world.platform.count("upload") === 1);
      if (end === "cancelled") world.platform.cancel("s1");
      else world.platform.giveClaim("s1", { claimId: "theirs", holder: "another worker" });
      failing(() => undefined);
      await world.untilPhase("s1", end, 400_000);
      await world.clock.advance(5000);
      assert.equal(world.platform.count("upload"), 1);
      assert.deepEqual(world.platform.comments, []);
    });
  }

  it("posts its comment once though the answer is lost, and again where it did not arrive", async () => {
    for (const acted of [true, false]) {
      let lost = 2;
      failing((call) =>
        call.operation === "comment" && lost-- > 0 ? { error: lostAnswer(), acted } : undefined,
      );
      await world.start();
      await untilComplete();
      assert.equal(world.platform.comments.length, 1);
      assert.match(completionOf(world), /are in a comment/u);
      await world.endProcess();
      world = aWorld();
    }
  });

  it("is not posted blindly while nobody can tell whether it is there", async () => {
    failing((call) => {
      if (call.operation === "comment") return { error: lostAnswer(), acted: true };
      return call.operation === "get" && world.platform.comments.length > 0
        ? { error: refused("server") }
        : undefined;
    });
    await world.start();
    await untilComplete();
    assert.equal(world.platform.comments.length, 1);
    assert.match(completionOf(world), /could not be posted/u);
  });

  it("is not sent while it cannot be noted, which is told", async () => {
    const save = world.journal.save.bind(world.journal);
    world.journal.save = async (record) => {
      if (record.artifacts !== undefined && record.step === "committing") throw new Error("ENOSPC");
      await save(record);
    };
    await world.start();
    await untilComplete();
    assert.deepEqual(namesOf(world), []);
    assert.match(completionOf(world), /artifacts was not uploaded[^]*noted down/u);
    world.errors.length = 0;
  });
});

/** The first answer to each call that makes something is lost. */
function losesFirst(): (call: Call) => Fault | undefined {
  const lost = new Set<string>();
  return ({ operation }) => {
    if (!["upload", "comment", "activity", "complete"].includes(operation) || lost.has(operation)) {
      return undefined;
    }
    lost.add(operation);
    return { error: lostAnswer(), acted: true };
  };
}

describe("a worker killed while it shares artifacts", () => {
  for (const [scene, awayMs, onCall] of [
    ["and started again at once", 500, () => () => undefined],
    ["and started again when its claim has run out", 1_000_000, () => () => undefined],
    ["with answers lost", 500, losesFirst],
  ] as const) {
    it(`uploads each file once and posts one comment: ${scene}`, async function () {
      this.timeout(120_000);
      const make = (): World => {
        const world = aWorld();
        world.platform.onCall = onCall();
        return world;
      };
      const whole = make();
      await whole.start();
      await whole.untilPhase("s1", "complete", 900_000);
      const { steps } = whole;
      assertShared(whole);
      await whole.endProcess();
      for (let step = 1; step <= steps; step += 1) {
        await dieAndLive(make(), step, awayMs).catch((error: unknown) => {
          throw new Error(`killed at step ${step} of ${steps}`, { cause: error });
        });
      }
    });
  }
});

async function dieAndLive(world: World, step: number, awayMs: number): Promise<void> {
  world.diesAt = step;
  await world.start();
  await world.clock.until("the death", () => world.dead || world.phase("s1") === "complete", 900_000);
  if (!world.dead) await world.kill();
  world.diesAt = Infinity;
  await world.clock.advance(awayMs);
  world.runtime.open("s1");
  await world.start();
  await world.untilPhase("s1", "complete", 900_000);
  assertShared(world);
  await world.endProcess();
  assertPromises(world);
}

/** What holds in the end, whenever it was killed. */
function assertShared(world: World): void {
  const names = namesOf(world);
  assert.equal(new Set(names).size, names.length, `a file is uploaded twice: ${names.join()}`);
  assert.equal(world.platform.comments.length, 1);
  const [comment] = world.platform.comments;
  const files = world.platform.uploads.filter((one) => comment?.fileIds.includes(one.fileId) === true);
  const known = files.map((one) => one.name);
  for (const name of ["shot.png", "report.md"]) {
    const line = comment?.content.split("\n").find((one) => one.includes(name)) ?? "";
    assert.match(line, known.includes(name) ? /KiB|bytes/u : /interrupted|may have arrived/u);
  }
  const [policy = "", ...more] = policiesOf(world);
  assert.match(policy, known.includes("shot.png") ? /^Uploaded .*shot\.png/u : /^Sent .*shot\.png/u);
  assert.deepEqual(more, []);
  assert.equal(world.platform.of("s1").activities.at(-1)?.activity.type, "completion");
  assert.deepEqual(world.platform.of("s1").remarks, []);
}
