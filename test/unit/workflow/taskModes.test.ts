import assert from "node:assert/strict";
import { forTaskMode } from "../../../src/core/workflowConfig";
import { aConfig } from "../../fakes/builders";

describe("the workflow of a task mode", () => {
  const plain = aConfig();
  const { provider } = plain.runtime;
  const review = { provider, command: ["judge"], model: "large", effort: "high" };
  const config = aConfig({ runtime: { ...plain.runtime, modes: new Map([["review", review]]) } });

  it("has the mode's own tool, model and effort, and the rest as it is", () => {
    const { runtime, ...rest } = forTaskMode(config, "review");
    assert.deepEqual(runtime, { ...config.runtime, ...review });
    const { runtime: _, ...same } = config;
    assert.deepEqual(rest, same);
  });

  for (const mode of [undefined, "plan", "", "__proto__", "constructor", "Review"]) {
    it(`is the same for ${mode ?? "no mode"}, which has nothing of its own`, () => {
      assert.equal(forTaskMode(config, mode), config);
    });
  }
});
