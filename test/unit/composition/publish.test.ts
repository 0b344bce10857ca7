import assert from "node:assert/strict";
import { neverAborted } from "../../../src/base/abort";
import { silentLog } from "../../../src/base/log";
import { publish } from "../../../src/composition/actions";
import { UserError } from "../../../src/core/actions";
import { runNotesOf } from "../../../src/core/runNotes";
import { Store } from "../../../src/core/store";
import { aConfig, aRecord } from "../../fakes/builders";
import { aRunSession } from "../../fakes/runs";
import { FakeWorktrees } from "../../fakes/fakeWorktrees";

describe("publishing a branch", () => {
  let order: string[];
  let store: Store;
  let note: (step: string) => Promise<void>;

  beforeEach(() => {
    order = [];
    note = async (step) => {
      order.push(step);
      await Promise.resolve();
    };
  });

  function run(pushFailure?: Error): Promise<string> {
    store = new Store(() => undefined);
    const session = aRunSession("code");
    const failed = aRecord({ outcome: "failed", step: "ended", run: runNotesOf(session, undefined) });
    store.dispatch({ kind: "restored", records: [failed] });
    const worktrees = new FakeWorktrees();
    worktrees.publish = async () => {
      order.push("push");
      await Promise.resolve();
      if (pushFailure !== undefined) throw pushFailure;
      return "origin";
    };
    const workflow = (): Promise<ReturnType<typeof aConfig>> => Promise.resolve(aConfig());
    const notePublishing = (_sessionId: string, step: string): Promise<void> => note(step);
    return publish({ store, log: silentLog, worktrees, workflow, notePublishing, life: neverAborted }, "s1");
  }

  it("is noted before the push, and its end after", async () => {
    assert.equal(await run(), "origin");
    assert.deepEqual(order, ["publishing", "push", "ended"]);
    const shown = store.state.sessions.get("s1")?.workflow;
    assert.deepEqual(
      [shown?.push, shown?.missing],
      ["pushed", "The run lacks the confirmation that its branch is published."],
    );
  });

  it("does not happen when it cannot be noted", async () => {
    note = async () => Promise.reject(new UserError("The disk is full."));
    await assert.rejects(run(), /disk is full/u);
    assert.deepEqual(order, []);
  });

  it("tells why a push failed, also when its end cannot be noted", async () => {
    note = async (step) => (step === "ended" ? Promise.reject(new Error("disk")) : Promise.resolve());
    await assert.rejects(run(new Error("no remote")), /no remote/u);
  });
});
