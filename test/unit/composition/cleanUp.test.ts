import assert from "node:assert/strict";
import { neverAborted } from "../../../src/base/abort";
import { silentLog } from "../../../src/base/log";
import { worktreeCleanUp } from "../../../src/composition/cleanUp";
import { UserError } from "../../../src/core/actions";
import type { CleanUpResult } from "../../../src/core/cleanUp";
import type { RemovalRequest, WorktreeCleanUp } from "../../../src/core/ports/worktreeCleanUp";
import { Store } from "../../../src/core/store";
import type { WorkflowConfig } from "../../../src/core/workflowConfig";
import { aConfig } from "../../fakes/builders";
import { aCandidate } from "../../fakes/cleanUp";
import { FakeHooks } from "../../fakes/fakeHooks";
import { seededRandom } from "../../fakes/seededRandom";

const removing: WorktreeCleanUp = {
  listWorktrees: () => Promise.resolve([]),
  removeWorktree: ({ path }: RemovalRequest) =>
    Promise.resolve({
      ...{
        path,
        branch: "b",
        snapshot: undefined,
        moduleSnapshots: [],
        dropped: 0,
        restore: "git worktree add",
      },
    }),
  keyOf: (sessionId) => sessionId,
};

describe("the hook before a worktree is removed", () => {
  const withHook = aConfig({
    hooks: { ...aConfig().hooks, beforeRemove: ["docker", "compose", "down"], timeoutMs: 5 },
  });

  async function removeOne(
    workflow: () => Promise<WorkflowConfig>,
    hooks: FakeHooks,
  ): Promise<CleanUpResult> {
    const source = worktreeCleanUp({
      worktrees: removing,
      store: new Store(() => assert.fail("a listener failed")),
      records: () => Promise.resolve([]),
      folder: () => "/repository",
      requireTrust: () => undefined,
      workflow,
      hooks,
      random: seededRandom(1),
      log: silentLog,
      workerName: () => "VS Code worker",
      life: neverAborted,
    });
    return await source.remove([aCandidate({ path: "/w/s1" })], true, () => undefined, neverAborted);
  }

  it("runs in the worktree, in the sandbox that the workflow names", async () => {
    const hooks = new FakeHooks();
    const result = await removeOne(() => Promise.resolve(withHook), hooks);
    assert.deepEqual([result.removed.length, result.notes], [1, []]);
    const [ran] = hooks.ran;
    assert.ok(ran !== undefined);
    assert.deepEqual(ran.hook, ["docker", "compose", "down"]);
    assert.deepEqual(
      [ran.workingDirectory, ran.policy, ran.unsandboxed, ran.timeoutMs, ran.artifactsDirectory],
      ["/w/s1", withHook.policy, false, 5, undefined],
    );
    assert.match(ran.marker, /^[0-9a-f-]{36}$/);
  });

  it("only reports that it failed", async () => {
    const hooks = new FakeHooks();
    hooks.outcomes.set("docker", { kind: "failed", how: "exit code 1", outputTail: "no daemon" });
    const result = await removeOne(() => Promise.resolve(withHook), hooks);
    assert.equal(result.removed.length, 1);
    assert.match(result.notes[0] ?? "", /before_remove hook .*exit code 1.*no daemon/);
  });

  it("is not run while the workflow may not take effect, and that is told", async () => {
    const hooks = new FakeHooks();
    const waiting = (): Promise<never> => Promise.reject(new UserError("It waits for your consent."));
    const result = await removeOne(waiting, hooks);
    assert.deepEqual(hooks.ran, []);
    assert.equal(result.removed.length, 1);
    assert.deepEqual(result.notes, ["No before_remove hook was run: It waits for your consent."]);
  });

  it("is none by default", async () => {
    const hooks = new FakeHooks();
    assert.deepEqual((await removeOne(() => Promise.resolve(aConfig()), hooks)).notes, []);
    assert.deepEqual(hooks.ran, []);
  });
});
