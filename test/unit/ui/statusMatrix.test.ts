import assert from "node:assert/strict";
import { mirrored } from "../../../src/core/mirror";
import type { WorkerState } from "../../../src/core/state";
import { statusFace } from "../../../src/ui/statusBarModel";
import { aSession, allWorkerPhases, aState, english, noon } from "./kit";

const scene = { now: noon, sandbox: false };
const fault = { reason: "notFound", message: "Codex was not found.", since: noon };
const asks = aSession({ sessionId: "w", phase: "awaitingInput" });

type Kind = WorkerState["phase"]["kind"];
/** Of each phase: alone, with a fault, with a session that needs somebody, and the same three in another window. */
type Faces = readonly [string, string, string, string, string, string];

const elsewhere = "$(vm) other window";
const needs = "$(comment-unresolved) 1 warning";
/** What stands whatever else is: nothing runs. */
const always = (face: string): Faces => [face, face, face, elsewhere, elsewhere, elsewhere];
const running = (face: string, broken = face): Faces => [face, broken, needs, elsewhere, elsewhere, needs];

const faces: Readonly<Record<Kind, Faces>> = {
  signedOut: always("$(account) sign in"),
  notConfigured: always("$(gear) configure"),
  untrusted: always("$(shield) restricted"),
  noRepository: always("$(repo) no repository"),
  stopped: always("$(debug-stop) stopped"),
  otherWindow: always(elsewhere),
  starting: always("$(sync~spin) starting"),
  online: running("$(pulse) 0/3", "$(warning) not claiming warning"),
  paused: running("$(debug-pause) paused"),
  stopping: running("$(sync~spin) stopping"),
  rejected: always("$(error) stopped error"),
};

const face = (state: WorkerState): string => {
  const { text, background } = statusFace(state, scene, english);
  return background === undefined ? text : `${text} ${background}`;
};

describe("the status bar in every state", () => {
  for (const phase of allWorkerPhases) {
    it(`says what ${phase.kind} is, with a fault, with a question, and in another window`, () => {
      const states = [aState({ phase }), aState({ phase, fault }), aState({ phase }, asks)];
      const seen = [...states, ...states.map(mirrored)].map(face);
      assert.deepEqual(seen, faces[phase.kind]);
    });

    it(`speaks whole sentences of ${phase.kind}`, () => {
      for (const sandbox of [false, true]) {
        const state = aState({ phase, fault, agentName: "Fixer" }, asks);
        for (const one of [state, mirrored(state)]) {
          const { spoken, text, tooltip } = statusFace(one, { now: noon, sandbox }, english);
          assert.match(
            spoken,
            /^One Horizon Worker: [^$]+\. Codex was not found\. Works for the agent Fixer\./,
          );
          assert.match(spoken, /Press to see what the worker can do\.$/);
          assert.equal(spoken.includes("sandbox platform"), sandbox);
          assert.equal(text.endsWith(" · sandbox"), sandbox);
          assert.doesNotMatch(`${spoken}${text}${tooltip}`, /\{\d\}|undefined|NaN/);
        }
      }
    });
  }

  it("is red only where nobody but a person can mend it, and nothing runs until then", () => {
    const red = allWorkerPhases.filter(
      (phase) =>
        statusFace(aState({ phase, workerName: "w", fault }, asks), scene, english).background === "error",
    );
    assert.deepEqual(
      red.map(({ kind }) => kind),
      ["signedOut", "rejected"],
    );
  });

  it("says which folder it works in where the window has several, and what to do where it has none", () => {
    const several = statusFace(aState(), { ...scene, folder: "app" }, english);
    assert.match(several.spoken, /Works in the folder app\./);
    assert.match(several.tooltip, /\*\*Folder\*\* app/);
    assert.doesNotMatch(statusFace(aState(), scene, english).tooltip, /Folder/);
    const none = aState({ phase: { kind: "noRepository", message: "Open a folder to work in." } });
    assert.match(statusFace(none, scene, english).spoken, /Open a folder to work in\./);
  });
});
