import assert from "node:assert/strict";
import { changedKeys, contextKeys, welcomeState } from "../../../src/ui/contextModel";
import { aFullSession, aSession, aState, allWorkerPhases, noon } from "./kit";

describe("context keys", () => {
  it("name a welcome for every phase", () => {
    assert.deepEqual(
      allWorkerPhases.map((phase) => welcomeState(aState({ phase }))),
      [
        "signedOut",
        "notConfigured",
        "untrusted",
        "noRepository",
        "stopped",
        "otherWindow",
        "starting",
        "ready",
        "paused",
        "stopping",
        "rejected",
      ],
    );
    const fault = (reason: string): string =>
      welcomeState(aState({ fault: { reason, message: "m", since: noon } }));
    assert.deepEqual([fault("notFound"), fault("outOfQuota")], ["noRuntime", "ready"]);
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
      "can.claim",
      "can.release",
      "can.fail",
      "can.delegate",
      "can.show",
      "can.showChanges",
      "can.openWorktree",
      "can.openUrl",
      "can.openLog",
      "can.copyId",
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
