import assert from "node:assert/strict";
import { executingHere, mirrored } from "../../../src/core/mirror";
import { initialState, type WorkerState } from "../../../src/core/state";
import { contextKeys } from "../../../src/ui/contextModel";
import { notesFor, remember } from "../../../src/ui/notificationModel";
import { isPossible } from "../../../src/ui/sessionAbilities";
import { sessionTree } from "../../../src/ui/sessionTreeModel";
import { statusFace } from "../../../src/ui/statusBarModel";
import { workerMenu } from "../../../src/ui/workerMenuModel";
import { aSession, english, noon } from "./kit";

const running = aSession({ sessionId: "s1", phase: "running" });
const queued = aSession({ sessionId: "s2", phase: "listed", claimable: true });
const owner: WorkerState = {
  ...initialState,
  phase: { kind: "online" },
  lastBeatAt: noon - 1000,
  sessions: new Map([running, queued].map((one) => [one.sessionId, one])),
};
const state = mirrored(owner);

describe("a window that shows another one's worker", () => {
  it("draws the rows as the owner does, with the same actions", () => {
    assert.deepEqual(sessionTree(state, noon, english), sessionTree(owner, noon, english));
    assert.ok(isPossible("release", running, state) && isPossible("claim", queued, state));
  });

  it("says in the status bar that another window runs it, and what that one does", () => {
    const face = statusFace(state, { now: noon, sandbox: false }, english);
    assert.equal(face.text, "$(vm) other window");
    assert.match(face.spoken, /another window runs this worker: online, 1 of 3 slots busy/);
    assert.equal(face.background, undefined);
    const unknown = statusFace(
      { ...state, phase: { kind: "otherWindow" } },
      { now: noon, sandbox: false },
      english,
    );
    assert.match(unknown.spoken, /another window runs this worker\./);
  });

  it("offers what can be asked of the worker there", () => {
    const keys = contextKeys(state, noon, false);
    assert.equal(keys.get("oneHorizon.phase"), "online");
    assert.equal(keys.get("oneHorizon.state"), "otherWindow");
    assert.equal(keys.get("oneHorizon.can.claim"), true);
    const scene = { now: noon, sandbox: false };
    assert.deepEqual(workerMenu(state, scene, english), workerMenu(owner, scene, english));
  });

  it("counts none of its sessions as running in this window", () => {
    assert.equal(executingHere(owner), 1);
    assert.equal(executingHere(state), 0);
  });

  it("leaves it to the owner to tell of sessions", () => {
    const failed = { ...running, phase: "failed" as const, endedAt: noon };
    const after = mirrored({ ...owner, sessions: new Map([[failed.sessionId, failed]]) });
    assert.equal(notesFor(remember(state), after, "all", 0, english).length, 0);
    const told = notesFor(remember(owner), { ...after, phase: { kind: "online" } }, "all", 0, english);
    assert.equal(told.length, 1);
  });
});
