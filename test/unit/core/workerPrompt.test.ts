import assert from "node:assert/strict";
import type { Session } from "../../../src/core/session";
import { aConfig, aRecord, aSession } from "../../fakes/builders";
import { completed, failed, gated, type Script } from "../../fakes/fakeRuntime";
import { assertPromises } from "../../fakes/promises";
import { World } from "../../fakes/world";

describe("what the coding tool is told", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
    world.platform.add(aSession());
  });
  afterEach(async () => {
    await world.endProcess();
    assertPromises(world);
  });

  it("is built from the place where it works", async () => {
    await world.start();
    await world.untilPhase("s1", "running", 5000);
    assert.deepEqual(world.turns, [
      {
        continued: false,
        interrupted: false,
        told: undefined,
        place: {
          workingDirectory: "/worktrees/s1",
          branch: "one-horizon/s1",
          detached: false,
          baseCommit: "a".repeat(40),
          conflicts: [],
          artifactsDirectory: "/artifacts/s1",
          inputsDirectory: "/inputs/s1",
        },
      },
    ]);
  });

  it("has its files in place before it starts", async () => {
    world.inputs = [{ name: "document-1.md", text: "long" }];
    world.runtime.script = (stage) => {
      assert.deepEqual(world.written, world.inputs);
      return gated(stage);
    };
    await world.start();
    await world.untilPhase("s1", "running", 5000);
    world.runtime.open("s1");
    await world.untilPhase("s1", "complete");
  });

  it("is not told at all where its files cannot be written", async () => {
    world.inputs = [{ name: "document-1.md", text: "long" }];
    world.keepInput = () => Promise.reject(new Error("no room"));
    await world.start();
    await world.untilPhase("s1", "released");
    assert.deepEqual(world.runtime.runs, []);
    assert.match(world.detail("s1") ?? "", /long texts could not be written: no room/);
    assert.equal(world.fault()?.reason, "storage");
  });

  it("is all of the work where the thread that was cut off is not known", async () => {
    world.platform.giveClaim("s1");
    world.journal.records.set("s1", aRecord({ threadId: undefined }));
    await world.start();
    await world.untilPhase("s1", "running", 5000);
    assert.equal(world.runtime.runs[0]?.resumeThreadId, undefined);
    assert.deepEqual(
      world.turns.map(({ continued, interrupted }) => ({ continued, interrupted })),
      [{ continued: false, interrupted: true }],
    );
  });

  describe("of comments and documents", () => {
    const say = (...ids: string[]): Pick<Session, "untrusted"> => ({
      untrusted: {
        ...{ task: undefined, documents: [] },
        comments: ids.map((commentId) => ({ commentId, content: commentId })),
      },
    });
    /** Begins a turn in the thread, and waits at the gate. */
    const begins: Script = (stage) => {
      const { emit, request } = stage;
      const threadId = request.resumeThreadId ?? "thread-s1";
      emit({ kind: "threadStarted", threadId, model: undefined, modelProvider: undefined });
      emit({ kind: "turnStarted", turnId: "turn" });
      return gated(stage);
    };
    beforeEach(() => {
      world.tells = ({ untrusted }) => untrusted.comments.map(({ commentId }) => commentId);
      world.runtime.script = begins;
      world.platform.set("s1", say("c1"));
    });
    const running = async (): Promise<void> => {
      await world.start();
      await world.untilPhase("s1", "running", 5000);
    };

    it("is noted once the turn has begun, and known to the turn that goes on with the thread", async () => {
      await running();
      assert.deepEqual(world.journal.get("s1")?.told, { threadId: "thread-s1", texts: ["c1"] });
      await world.kill();
      world.platform.set("s1", say("c1", "c2"));
      await running();
      assert.deepEqual(
        world.turns.map(({ continued, told }) => ({ continued, told })),
        [
          { continued: false, told: undefined },
          { continued: true, told: ["c1"] },
        ],
      );
      assert.deepEqual(world.journal.get("s1")?.told?.texts, ["c1", "c2"]);
    });

    it("is not noted where the turn did not begin", async () => {
      world.runtime.script = gated;
      await running();
      assert.equal(world.journal.get("s1")?.told, undefined);
    });

    for (const told of [undefined, { threadId: "other", texts: ["c1"] }]) {
      it(`is not known where the record is ${told === undefined ? "an older one" : "of another thread"}`, async () => {
        world.platform.giveClaim("s1");
        world.journal.records.set("s1", aRecord(told === undefined ? {} : { told }));
        await running();
        assert.deepEqual([world.turns.at(-1)?.continued, world.turns.at(-1)?.told], [true, undefined]);
        assert.deepEqual(world.journal.get("s1")?.told, told, "it stays unknown");
      });
    }

    it("is all of it for a tool that cannot go on with the thread", async () => {
      await running();
      await world.kill();
      await running();
      const [first, second] = world.runtime.runs;
      assert.equal(first?.inputAnew, undefined);
      assert.equal(world.turns.at(-1)?.continued, true);
      assert.notEqual(second?.inputAnew?.(), undefined);
      assert.deepEqual([world.turns.at(-1)?.continued, world.turns.at(-1)?.interrupted], [false, true]);
    });

    it("begins anew with a new thread", async () => {
      world.config = aConfig({ maxRetryAttempts: 1 });
      world.platform.giveClaim("s1");
      world.journal.records.set("s1", aRecord({ told: { threadId: "thread-s1", texts: ["c0"] } }));
      world.runtime.script = ({ request, ...stage }) => {
        if (request.resumeThreadId !== undefined) return Promise.resolve(failed("turnFailed", "Refused."));
        const { emit } = stage;
        emit({ kind: "threadStarted", threadId: "new", model: undefined, modelProvider: undefined });
        emit({ kind: "turnStarted", turnId: "turn" });
        return Promise.resolve(completed);
      };
      await world.start();
      await world.untilPhase("s1", "complete", 60_000);
      assert.deepEqual(
        world.turns.map(({ told }) => told),
        [["c0"], undefined],
      );
      assert.deepEqual(world.journal.get("s1")?.told, { threadId: "new", texts: ["c1"] });
    });

    it("has what came while the tool's next try was waited for", async () => {
      world.config = aConfig({ maxRetryAttempts: 1, pollIntervalMs: 2000 });
      world.runtime.script = async (stage) => {
        if (stage.request.resumeThreadId !== undefined) return await begins(stage);
        const { emit } = stage;
        emit({ kind: "threadStarted", threadId: "thread-s1", model: undefined, modelProvider: undefined });
        emit({ kind: "turnStarted", turnId: "turn" });
        world.platform.set("s1", say("c1", "c2"));
        return await Promise.resolve(failed("crashed"));
      };
      await world.start();
      await world.clock.until("the second try", () => world.runtime.runs.length === 2, 60_000);
      assert.deepEqual(world.turns.at(-1)?.told, ["c1"]);
      assert.deepEqual(world.journal.get("s1")?.told?.texts, ["c1", "c2"]);
    });
  });
});
