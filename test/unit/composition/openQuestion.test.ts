import assert from "node:assert/strict";
import type { Disposable } from "../../../src/base/disposable";
import { withdrawWhenOver } from "../../../src/composition/openQuestion";
import { Store } from "../../../src/core/store";
import type { WorkerPhase } from "../../../src/core/state";

describe("the question for consent", () => {
  let store: Store;
  let following: Disposable;
  let withdrawn: number;
  beforeEach(() => {
    store = new Store((error) => assert.fail(String(error)));
    withdrawn = 0;
    following = withdrawWhenOver(store, () => (withdrawn += 1));
  });
  afterEach(() => {
    following.dispose();
    store.dispose();
  });
  const enter = (phase: WorkerPhase): number => {
    const before = withdrawn;
    store.dispatch({ kind: "phaseChanged", phase });
    return withdrawn - before;
  };
  for (const kind of ["signedOut", "stopped", "stopping", "untrusted", "otherWindow"] as const) {
    it(`is withdrawn once the worker is ${kind}`, () => {
      assert.equal(enter({ kind: "online" }), 0);
      assert.equal(enter({ kind }), 1);
      store.dispatch({ kind: "faultCleared" });
      assert.equal(enter({ kind }), 0, "once");
    });
  }

  it("stays while the worker starts, works or pauses, and while it is configured", () => {
    for (const kind of ["notConfigured", "starting", "online", "paused", "online"] as const) {
      assert.equal(enter({ kind }), 0, kind);
    }
    assert.equal(enter({ kind: "rejected", message: "no" }), 1);
  });
});
