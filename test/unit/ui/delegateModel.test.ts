import assert from "node:assert/strict";
import type { ListedWorker } from "../../../src/core/ports/platform";
import { targetChoices } from "../../../src/ui/delegateModel";
import { givenPrompt, givenTarget } from "../../../src/ui/sessionTargets";
import { english } from "./kit";

const worker = (workerId: string, name: string, groupId?: string): ListedWorker => ({
  workerId,
  name,
  status: "online",
  groupId,
});

describe("whom work can be delegated to", () => {
  const workers = [
    worker("me", "Mine"),
    worker("w1", "Ada's", "reviewers"),
    worker("w2", "Bo's", "reviewers"),
  ];
  const shown = (next?: {
    targetWorkerId: string | undefined;
    targetGroupId: string | undefined;
  }): readonly string[] =>
    targetChoices(workers, "me", next, english).map((one) => `${one.label} | ${one.description}`);

  it("is each group and worker, this worker last", () => {
    assert.deepEqual(shown(), [
      "$(organization) reviewers | group of 2 workers",
      "$(vm) Ada's | online",
      "$(vm) Bo's | online",
      "$(vm) Mine | this worker · online",
    ]);
    assert.deepEqual(targetChoices([], "me", undefined, english), []);
  });

  it("is first where the run goes next", () => {
    assert.equal(
      shown({ targetWorkerId: "w2", targetGroupId: undefined })[0],
      "$(vm) Bo's | online · the run's next step",
    );
    assert.equal(
      shown({ targetWorkerId: undefined, targetGroupId: "reviewers" })[0],
      "$(organization) reviewers | group of 2 workers · the run's next step",
    );
  });

  it("is exactly one id", () => {
    const targets = targetChoices(workers, "me", undefined, english).map((one) => one.target);
    assert.deepEqual(targets.slice(0, 2), [
      { targetWorkerId: undefined, targetGroupId: "reviewers" },
      { targetWorkerId: "w1", targetGroupId: undefined },
    ]);
  });

  it("draws no icon of a stranger's name, and cuts a long one", () => {
    const hostile = [worker("w", "$(error) x\n\u202e".padEnd(500, "y"), "$(bug)")];
    const [group, one] = targetChoices(hostile, undefined, undefined, english);
    assert.equal(group?.label, "$(organization) \\$(bug)");
    assert.match(one?.label ?? "", /^\$\(vm\) \\\$\(error\) x y/);
    assert.ok((one?.label.length ?? 0) < 120);
  });

  it("can be said by a script", () => {
    assert.deepEqual(givenTarget({ sessionId: "s", targetWorkerId: "w" }), {
      targetWorkerId: "w",
      targetGroupId: undefined,
    });
    assert.deepEqual(givenTarget({ targetGroupId: "g" }), { targetWorkerId: undefined, targetGroupId: "g" });
    assert.equal(givenTarget({ targetGroupId: "g", targetWorkerId: "w" }), "both");
    for (const none of [undefined, "w", {}, { targetWorkerId: 7 }, { targetGroupId: "" }]) {
      assert.equal(givenTarget(none), undefined);
    }
    assert.equal(givenPrompt({ prompt: "Do it." }), "Do it.");
    assert.equal(givenPrompt({ prompt: "" }), undefined);
  });
});
