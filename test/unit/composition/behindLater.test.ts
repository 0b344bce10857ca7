import assert from "node:assert/strict";
import { neverAborted } from "../../../src/base/abort";
import { actionsLater } from "../../../src/composition/actionsLater";
import type { Behind } from "../../../src/composition/behind";
import { BehindLater } from "../../../src/composition/behindLater";
import type { TimelineNews } from "../../../src/core/ports/timeline";
import { ManualClock } from "../../fakes/manualClock";

const unasked = (): Promise<never> => Promise.reject(new Error("nobody asks for this"));

/** What is loaded: it writes down what was done with it. */
function behindWith(done: string[], facts: Partial<Behind> = {}): Behind {
  const noted = (what: string): Promise<void> => {
    done.push(what);
    return Promise.resolve();
  };
  return {
    actions: { ...actionsLater(unasked), claim: (sessionId) => noted(`claim ${sessionId}`) },
    diagnostics: { run: unasked },
    changes: {
      ...{ changedFiles: () => Promise.resolve([]), fileAt: unasked, fileNow: unasked, patch: unasked },
      ...{ revertFile: unasked, lookAtCheckOut: unasked, checkOut: unasked, compareCommit: unasked },
    },
    cleanUp: { candidates: () => Promise.resolve([]), remove: unasked },
    timeline: {
      follow: (sessionId, listener) => {
        done.push(`follow ${sessionId}`);
        listener({ kind: "timeline", entries: [], dropped: 7 });
        return { dispose: () => done.push(`unfollow ${sessionId}`) };
      },
    },
    artifactPath: unasked,
    threadCommand: unasked,
    tools: unasked,
    sandboxRuns: () => false,
    dashboardUrl: () => undefined,
    receive: unasked,
    bringUp: () => done.push("bring up"),
    shutDown: () => noted("shut down"),
    dispose: () => done.push("dispose"),
    ...facts,
  };
}

interface Scene {
  readonly clock: ManualClock;
  readonly done: string[];
  readonly told: unknown[];
  readonly later: BehindLater;
  /** Ends the loading, well or with an error. */
  readonly end: (ending: Behind | Error) => Promise<void>;
}

function scene(): Scene {
  const clock = new ManualClock();
  const done: string[] = [];
  const told: unknown[] = [];
  const endings: ((ending: Behind | Error) => void)[] = [];
  const load = async (): Promise<Behind> => {
    done.push("load");
    const ending = await new Promise<Behind | Error>((resolve) => endings.push(resolve));
    if (ending instanceof Error) throw ending;
    return ending;
  };
  const later = new BehindLater({ clock, load, onError: (error) => told.push(error) });
  const end = async (ending: Behind | Error): Promise<void> => {
    await clock.advance(0);
    endings.forEach((one) => one(ending));
    await clock.advance(0);
  };
  return { clock, done, told, later, end };
}

describe("what stands behind the views", () => {
  it("is loaded when the editor has its answer, and brought up then", async () => {
    const { clock, done, later, end } = scene();
    await Promise.resolve();
    assert.deepEqual(done, []);
    await clock.advance(0);
    assert.deepEqual(done, ["load"]);
    assert.equal(later.now, undefined);
    const behind = behindWith(done);
    await end(behind);
    assert.equal(await later.loaded, behind);
    assert.equal(later.now, behind);
    assert.deepEqual(done, ["load", "bring up"]);
    later.dispose();
  });

  it("hears everything that it was asked for before, in order", async () => {
    const { done, later, end } = scene();
    const asked = [later.actions.claim("one"), later.actions.claim("two")];
    const files = later.changes.changedFiles("/tree", "base");
    const candidates = later.cleanUp.candidates(neverAborted);
    await end(behindWith(done));
    await Promise.all(asked);
    assert.deepEqual(done, ["load", "bring up", "claim one", "claim two"]);
    assert.deepEqual([await files, await candidates], [[], []]);
    later.dispose();
  });

  it("tells a timeline from then on, to whoever still listens", async () => {
    const { done, later, end } = scene();
    const news: TimelineNews[] = [];
    const gone = later.timeline.follow("gone", (one) => news.push(one));
    const there = later.timeline.follow("there", (one) => news.push(one));
    gone.dispose();
    await end(behindWith(done));
    assert.deepEqual(news, [{ kind: "timeline", entries: [], dropped: 7 }]);
    there.dispose();
    assert.deepEqual(done, ["load", "bring up", "follow there", "unfollow there"]);
    later.dispose();
  });

  it("says once why it cannot be loaded, and again to whoever asks", async () => {
    const { told, later, end } = scene();
    const news: TimelineNews[] = [];
    const error = new Error("the disk is gone");
    const asked = assert.rejects(later.actions.start(), error);
    const following = later.timeline.follow("any", (one) => news.push(one));
    await end(error);
    await asked;
    await assert.rejects(later.actions.signIn(), error);
    await assert.rejects(later.loaded, error);
    assert.deepEqual(told, [error]);
    assert.deepEqual(news, [{ kind: "timeline", entries: [], dropped: 0 }]);
    await later.shutDown();
    following.dispose();
    later.dispose();
  });

  it("is shut down, and not brought up, when the window ends while it is loaded", async () => {
    const { done, later, end } = scene();
    const ended = later.shutDown();
    await end(behindWith(done));
    await ended;
    assert.deepEqual(done, ["load", "shut down"]);
    later.dispose();
    assert.deepEqual(done, ["load", "shut down", "dispose"]);
  });

  it("is given back, and nobody is told, when the views close while it is loaded", async () => {
    const { clock, done, told, later, end } = scene();
    await clock.advance(0);
    later.dispose();
    await end(behindWith(done));
    await assert.rejects(later.loaded, /the views are closed/);
    assert.deepEqual(done, ["load", "dispose"]);
    assert.deepEqual(told, []);
    assert.equal(later.now, undefined);
  });

  it("is not loaded at all when the views close before", async () => {
    const { clock, done, told, later } = scene();
    later.dispose();
    await clock.advance(0);
    await assert.rejects(later.loaded, /the views are closed/);
    assert.deepEqual([done, told], [[], []]);
  });
});
