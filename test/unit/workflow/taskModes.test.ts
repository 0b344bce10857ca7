import assert from "node:assert/strict";
import type { RunPolicy } from "../../../src/core/policy";
import { forTaskMode } from "../../../src/core/workflowConfig";
import { aConfig } from "../../fakes/builders";

describe("the workflow of a task mode", () => {
  const plain = aConfig();
  const { provider } = plain.runtime;
  const review = { provider, command: ["judge"], model: "large", effort: "high" };
  const config = aConfig({ runtime: { ...plain.runtime, modes: new Map([["review", review]]) } });

  it("has the mode's own tool, model and effort, a sandbox for who only looks, and the rest as it is", () => {
    const { runtime, policy, ...rest } = forTaskMode(config, "review");
    assert.deepEqual(runtime, { ...config.runtime, ...review });
    assert.deepEqual(policy, { ...config.policy, sandbox: "read-only" });
    const { runtime: _runtime, policy: _policy, ...same } = config;
    assert.deepEqual(rest, same);
  });

  for (const mode of [undefined, "", "dance", "__proto__", "constructor", "Review"]) {
    it(`is the same for ${mode ?? "no mode"}, which has nothing of its own`, () => {
      assert.equal(forTaskMode(config, mode), config);
    });
  }

  for (const mode of ["plan", "research", "review"]) {
    for (const sandbox of ["read-only", "workspace-write", "danger-full-access"] as const) {
      it(`lets ${mode} write nothing where ${sandbox} is configured`, () => {
        const wide: RunPolicy = { sandbox, approvals: "on-request", network: true };
        const narrow = { sandbox: "read-only", approvals: "never", network: true };
        assert.deepEqual(forTaskMode(aConfig({ policy: wide }), mode).policy, narrow);
        const asking: RunPolicy = { sandbox, approvals: "untrusted", network: false };
        assert.deepEqual(forTaskMode(aConfig({ policy: asking }), mode).policy, {
          ...asking,
          sandbox: "read-only",
        });
      });
    }
  }

  for (const mode of ["code", "execute", "resolve_conflicts"]) {
    it(`leaves ${mode} what is configured, in a worktree of its own also in repository mode`, () => {
      const shared = aConfig({ worktree: { ...plain.worktree, mode: "repository" } });
      const { worktree, policy } = forTaskMode(shared, mode);
      assert.deepEqual([worktree, policy], [plain.worktree, plain.policy]);
      assert.equal(forTaskMode(shared, undefined).worktree.mode, "repository");
    });
  }
});
