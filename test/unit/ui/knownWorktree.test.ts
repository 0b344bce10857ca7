import assert from "node:assert/strict";
import { Emitter } from "../../../src/base/emitter";
import type { WorkerPhase, WorkerState } from "../../../src/core/state";
import { isKnownWorktree } from "../../../src/ui/knownWorktree";
import { ManualClock, settle } from "../../fakes/manualClock";
import { aFullSession, aState } from "./kit";

const session = aFullSession();
const path = session.worktreePath ?? "";
const minute = 60_000;

/** A window that was just loaded, and what it has found out so far. */
function aWindow(kind: "starting" | "signedOut") {
  const clock = new ManualClock();
  const changed = new Emitter<WorkerState>(() => assert.fail("a listener threw"));
  const life = new AbortController();
  let state = aState({ phase: { kind } satisfies WorkerPhase });
  const source = {
    get state() {
      return state;
    },
    onDidChange: changed.event,
  };
  const answers: boolean[] = [];
  return {
    ...{ clock, life, answers },
    ask: async (): Promise<void> => {
      void isKnownWorktree(path, { source, clock, signal: life.signal }).then((one) => answers.push(one));
      await settle();
    },
    become: async (next: WorkerState): Promise<void> => {
      state = next;
      changed.fire(next);
      await settle();
    },
  };
}

describe("whether a session has the worktree of a file that is shown", () => {
  it("is known at once where one has it", async () => {
    const window = aWindow("starting");
    await window.become(aState({}, session));
    await window.ask();
    assert.deepEqual([window.answers, window.clock.sleeping], [[true], 0]);
  });

  it("is waited for after a reload, as long as the worker starts", async () => {
    const window = aWindow("starting");
    await window.ask();
    await window.clock.advance(10 * minute);
    assert.deepEqual(window.answers, []);
    await window.become(aState({ phase: { kind: "online" } }, session));
    assert.deepEqual([window.answers, window.clock.sleeping], [[true], 0]);
  });

  it("is no where the worker does not come up, after a while", async () => {
    const window = aWindow("signedOut");
    await window.ask();
    assert.deepEqual(window.answers, []);
    await window.clock.advance(minute);
    assert.deepEqual([window.answers, window.clock.sleeping], [[false], 0]);
  });

  it("is no once the window closes", async () => {
    const window = aWindow("starting");
    await window.ask();
    window.life.abort(new Error("the window closes"));
    await settle();
    assert.deepEqual([window.answers, window.clock.sleeping], [[false], 0]);
  });
});
