import assert from "node:assert/strict";
import type { WorkerPhase, WorkerState } from "../../../src/core/state";
import { changedKeys, contextKeys, welcomeState, type WelcomeState } from "../../../src/ui/contextModel";
import { aFullSession, aSession, aState, allWorkerPhases, noon } from "./kit";

type NoRepository = Extract<WorkerPhase, { kind: "noRepository" }>;

function noRepository(reason: NonNullable<NoRepository["reason"]>): Partial<WorkerState> {
  return { phase: { kind: "noRepository", message: "m", reason } };
}

function fault(reason: string, provider?: string): Partial<WorkerState> {
  return { fault: { reason, message: "m", since: noon, provider } };
}

describe("context keys", () => {
  it("name a welcome for every phase", () => {
    assert.deepEqual(
      allWorkerPhases.map((phase) => welcomeState(aState({ phase }), noon)),
      [
        "signedOut",
        "notConfigured",
        "untrusted",
        "repositoryTrouble",
        "stopped",
        "otherWindow",
        "starting",
        "ready",
        "paused",
        "stopping",
        "rejected",
      ],
    );
  });

  const missing: readonly (readonly [string, Partial<WorkerState>, WelcomeState])[] = [
    ["no folder", noRepository("noFolder"), "noFolder"],
    ["no repository", noRepository("noRepository"), "noRepository"],
    ["no commit", noRepository("noCommit"), "noCommit"],
    ["no git", noRepository("noGit"), "noGit"],
    ["an old git", noRepository("gitTooOld"), "oldGit"],
    ["a bare repository", noRepository("bareRepository"), "repositoryTrouble"],
    ["no codex", fault("notFound"), "noRuntime"],
    ["another codex", fault("wrongVersion"), "otherRuntime"],
    ["a codex that is not signed in", fault("notSignedIn"), "runtimeSignedOut"],
    ["a codex without a sandbox", fault("sandboxUnavailable"), "noRuntimeSandbox"],
    ["no more quota", fault("outOfQuota"), "runtimeTrouble"],
    ["another tool than codex", fault("notFound", "gemini"), "agentTrouble"],
    ["a codex that is named", fault("notFound", "codex"), "noRuntime"],
    ["a broken workflow file, which has words of its own", fault("workflow"), "ready"],
    ["no platform at the start", { phase: { kind: "starting" }, lastPollError: "no way" }, "unreachable"],
    ["no platform any more", { lastPollError: "no way", lastBeatAt: noon - 60_000 }, "unreachable"],
    ["a platform that never answered", { lastPollError: "no way", lastBeatAt: undefined }, "unreachable"],
    ["one poll that failed while beats arrive", { lastPollError: "no way" }, "ready"],
  ];
  for (const [what, over, welcome] of missing) {
    it(`name what is missing: ${what}`, () => {
      assert.equal(welcomeState(aState(over), noon), welcome);
    });
  }

  it("tick off what was reached for sure, and nothing before the worker has looked", () => {
    const reached = (kind: WorkerPhase["kind"]): readonly unknown[] => {
      const phase = allWorkerPhases.find((one) => one.kind === kind);
      const keys = contextKeys(aState(phase === undefined ? {} : { phase }), noon, false);
      return ["signIn", "agent"].map((step) => keys.get(`oneHorizon.reached.${step}`));
    };
    for (const kind of ["stopped", "starting", "signedOut", "untrusted", "noRepository"] as const) {
      assert.deepEqual(reached(kind), [false, false], kind);
    }
    assert.deepEqual(reached("notConfigured"), [true, false]);
    for (const kind of ["online", "paused", "stopping", "otherWindow", "rejected"] as const) {
      assert.deepEqual(reached(kind), [true, true], kind);
    }
  });

  it("say what is possible for some session", () => {
    const keys = contextKeys(
      aState({}, aFullSession(), aSession({ sessionId: "q", phase: "listed", claimable: true })),
      noon,
      true,
    );
    const yes = [...keys]
      .filter(([, value]) => value === true)
      .map(([key]) => key.replace("oneHorizon.", ""));
    assert.deepEqual(yes, [
      "signedIn",
      "sandbox",
      "reached.signIn",
      "reached.agent",
      "worked",
      "can.claim",
      "can.release",
      "can.fail",
      "can.delegate",
      "can.show",
      "can.showChanges",
      "can.showFile",
      "can.openFile",
      "can.compare",
      "can.openWorktree",
      "can.openUrl",
      "can.openLog",
      "can.copyId",
      "can.copyPatch",
    ]);
  });

  it("are set again only when they change", () => {
    const before = contextKeys(aState(), noon, false);
    const after = contextKeys(aState({ phase: { kind: "paused" } }), noon, false);
    assert.deepEqual(changedKeys(before, before), []);
    assert.deepEqual(changedKeys(before, after), [
      ["oneHorizon.state", "paused"],
      ["oneHorizon.phase", "paused"],
    ]);
    assert.equal(changedKeys(new Map(), before).length, before.size);
  });
});
