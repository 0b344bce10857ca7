import assert from "node:assert/strict";
import { silentLog } from "../../../src/base/log";
import { pathOf } from "../../../src/core/identity";
import { followPages } from "../../../src/core/pageLoop";
import type { WorkerPath } from "../../../src/core/ports/platform";
import type { RunView } from "../../../src/core/runView";
import type { Session } from "../../../src/core/session";
import { initialState, type SessionView } from "../../../src/core/state";
import { Store } from "../../../src/core/store";
import { aSession, us } from "../../fakes/builders";
import { ManualClock } from "../../fakes/manualClock";
import { lostAnswer, refused } from "../../fakes/platformErrors";
import { assertPromises } from "../../fakes/promises";
import { aRunSession, plain } from "../../fakes/runs";
import { World } from "../../fakes/world";
import { aRun, aSession as aView } from "../ui/kit";

const minuteMs = 60_000;
const url = "https://git.example/pull/7";

describe("the page of a session that has ended", () => {
  let clock: ManualClock;
  let store: Store;
  let reads: string[];
  let answer: (sessionId: string) => string | undefined;
  let end: AbortController;
  let running: Promise<unknown>;

  beforeEach(() => {
    clock = new ManualClock();
    store = new Store(() => undefined);
    reads = [];
    answer = () => undefined;
    end = new AbortController();
    const getSession = async (path: WorkerPath, sessionId: string): Promise<Session> => {
      assert.deepEqual(path, pathOf(us));
      reads.push(sessionId);
      await Promise.resolve();
      return aSession({ sessionId, externalUrl: answer(sessionId) });
    };
    const deps = { clock, log: silentLog, store, platform: { getSession } };
    running = followPages(deps, pathOf(us), end.signal).catch((error: unknown) => error);
  });
  afterEach(async () => {
    end.abort(new Error("over"));
    assert.match(String(await running), /over/);
    assert.equal(clock.sleeping, 0);
    store.dispose();
  });

  function show(...views: readonly SessionView[]): void {
    const sessions = new Map(views.map((one) => [one.sessionId, one]));
    store.dispatch({ kind: "mirrored", state: { ...initialState, sessions } });
  }
  function ended(sessionId: string, run: Partial<RunView> = { push: "confirmed" }): SessionView {
    return aView({ sessionId, phase: "complete", endedAt: clock.now(), workflow: aRun(run) });
  }

  it("is asked for until the platform names it, and then no more", async () => {
    show(ended("s1"));
    await clock.advance(3 * minuteMs);
    assert.deepEqual(reads, ["s1", "s1", "s1"]);
    answer = () => url;
    await clock.advance(10 * minuteMs);
    assert.equal(store.state.sessions.get("s1")?.externalUrl, url);
    assert.equal(reads.length, 4);
  });

  it("is asked for only where something was pushed and the session is over, shown and here", async () => {
    show(
      ended("nothing pushed", { push: "none" }),
      { ...ended("running"), phase: "running", endedAt: undefined },
      { ...ended("hidden"), archived: true },
      { ...ended("no run"), workflow: undefined },
      { ...ended("known"), externalUrl: url },
    );
    await clock.advance(5 * minuteMs);
    assert.deepEqual(reads, []);
  });

  it("is asked for more and more seldom, and after a day not at all", async () => {
    show(ended("s1"));
    await clock.advance(60 * minuteMs);
    const first = reads.length;
    await clock.advance(23 * 60 * minuteMs);
    const rest = reads.length - first;
    assert.ok(first > 15 && first <= 40, `${first} in the first hour`);
    assert.ok(rest > 15 && rest < 60, `${rest} in the rest of the day`);
    await clock.advance(24 * 60 * minuteMs);
    assert.equal(reads.length, first + rest);
  });

  it("of many sessions is asked for in turn, five in a minute", async () => {
    show(...Array.from({ length: 12 }, (_, n) => ended(`s${n}`)));
    await clock.advance(2 * minuteMs);
    assert.equal(reads.length, 10);
    await clock.advance(minuteMs);
    assert.equal(new Set(reads).size, 12);
  });

  it("is asked for again after a fault, and never again of a session that is not ours to read", async () => {
    show(ended("s1"), ended("s2"), ended("s3"));
    answer = (sessionId) => {
      if (sessionId === "s1") throw lostAnswer();
      throw refused(sessionId === "s2" ? "notFound" : "forbidden");
    };
    await clock.advance(3 * minuteMs);
    assert.deepEqual(reads, ["s1", "s2", "s3", "s1", "s1"]);
  });
});

describe("a running worker", () => {
  it("finds the page that the platform opens after the step has ended, also over a reload", async () => {
    const world = new World();
    world.runtime.script = plain;
    world.platform.add(aRunSession("code"));
    await world.start();
    await world.untilPhase("s1", "complete", 10_000);
    await world.endProcess();
    await world.start();
    world.platform.set("s1", { externalUrl: url });
    await world.clock.until("the page", () => world.store.state.sessions.get("s1")?.externalUrl === url);
    await world.endProcess();
    assertPromises(world);
  });
});
