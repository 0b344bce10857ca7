import assert from "node:assert/strict";
import { silentLog } from "../../../src/base/log";
import { runPageLoop } from "../../../src/core/pageLoop";
import type { RunView } from "../../../src/core/runView";
import type { SessionView } from "../../../src/core/state";
import { aSession } from "../../fakes/builders";
import { ManualClock } from "../../fakes/manualClock";
import { lostAnswer, refused } from "../../fakes/platformErrors";
import { aRun, aSession as aView } from "../ui/kit";

const minuteMs = 60_000;

describe("the page of a session that has ended", () => {
  let clock: ManualClock;
  let views: SessionView[];
  let reads: string[];
  let pages: string[];
  let answer: (sessionId: string) => string | undefined;
  let end: AbortController;
  let running: Promise<unknown>;

  beforeEach(() => {
    clock = new ManualClock();
    [views, reads, pages] = [[], [], []];
    answer = () => undefined;
    end = new AbortController();
    running = runPageLoop(
      {
        clock,
        log: silentLog,
        sessions: () => views,
        read: (sessionId) => {
          reads.push(sessionId);
          return Promise.resolve().then(() => aSession({ sessionId, externalUrl: answer(sessionId) }));
        },
        onPage: (sessionId, externalUrl) => {
          pages.push(`${sessionId} ${externalUrl}`);
          views = views.map((one) => (one.sessionId === sessionId ? { ...one, externalUrl } : one));
        },
      },
      end.signal,
    ).catch((error: unknown) => error);
  });
  afterEach(async () => {
    end.abort(new Error("over"));
    assert.match(String(await running), /over/);
    assert.equal(clock.sleeping, 0);
  });

  function ended(sessionId: string, run: Partial<RunView> = { push: "confirmed" }): SessionView {
    return aView({ sessionId, phase: "complete", endedAt: clock.now(), workflow: aRun(run) });
  }

  it("is asked for until the platform names it, and then no more", async () => {
    views = [ended("s1")];
    await clock.advance(3 * minuteMs);
    assert.deepEqual(reads, ["s1", "s1", "s1"]);
    answer = () => "https://git.example/pull/7";
    await clock.advance(10 * minuteMs);
    assert.deepEqual(pages, ["s1 https://git.example/pull/7"]);
    assert.equal(reads.length, 4);
  });

  it("is asked for only where something was pushed and the session is over, shown and here", async () => {
    views = [
      ended("nothing pushed", { push: "none" }),
      { ...ended("running"), phase: "running", endedAt: undefined },
      { ...ended("hidden"), archived: true },
      { ...ended("no run"), workflow: undefined },
      { ...ended("known"), externalUrl: "https://git.example/pull/1" },
    ];
    await clock.advance(5 * minuteMs);
    assert.deepEqual(reads, []);
  });

  it("is asked for more and more seldom, and after a day not at all", async () => {
    views = [ended("s1")];
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
    views = Array.from({ length: 12 }, (_, n) => ended(`s${n}`));
    await clock.advance(2 * minuteMs);
    assert.equal(reads.length, 10);
    await clock.advance(minuteMs);
    assert.equal(new Set(reads).size, 12);
  });

  it("is asked for again after a fault, and never again of a session that is not ours to read", async () => {
    views = [ended("s1"), ended("s2"), ended("s3")];
    answer = (sessionId) => {
      if (sessionId === "s1") throw lostAnswer();
      if (sessionId === "s2") throw refused("notFound");
      throw refused("forbidden");
    };
    await clock.advance(3 * minuteMs);
    assert.deepEqual(reads, ["s1", "s2", "s3", "s1", "s1"]);
  });
});
