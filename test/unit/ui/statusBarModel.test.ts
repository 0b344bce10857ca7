import assert from "node:assert/strict";
import type { WorkerState } from "../../../src/core/state";
import { statusFace } from "../../../src/ui/statusBarModel";
import { aSession, aState, allWorkerPhases, english, minuteMs, noon } from "./kit";

const face = (state: WorkerState): string => {
  const { text, background, alive } = statusFace(state, { now: noon, sandbox: false }, english);
  return [text, background ?? "", alive ? "alive" : ""].join("|");
};
const online = (over: Partial<WorkerState> = {}): WorkerState =>
  aState(over, aSession({ sessionId: "a" }), aSession({ sessionId: "b", phase: "finishing" }));
const fault = { reason: "notFound", message: "Codex was not found.", since: noon };

describe("status bar", () => {
  const byPhase: Readonly<Record<WorkerState["phase"]["kind"], string>> = {
    signedOut: "$(account) sign in||",
    notConfigured: "$(gear) configure||",
    untrusted: "$(shield) restricted||",
    noRepository: "$(repo) no repository||",
    stopped: "$(debug-stop) stopped||",
    otherWindow: "$(vm) other window||",
    starting: "$(sync~spin) starting||",
    online: "$(pulse) 0/3||alive",
    paused: "$(debug-pause) paused||alive",
    stopping: "$(sync~spin) stopping||alive",
    rejected: "$(error) stopped|error|",
  };
  for (const phase of allWorkerPhases) {
    it(`says ${phase.kind}`, () => assert.equal(face(aState({ phase })), byPhase[phase.kind]));
  }

  const waiting = aSession({ sessionId: "w", phase: "awaitingInput" });
  const cases: readonly { name: string; state: WorkerState; want: string }[] = [
    { name: "busy and all slots", state: online(), want: "$(pulse) 2/3||alive" },
    {
      name: "no more slots than sessions it may hold",
      state: online({ maxConcurrentSessions: 2 }),
      want: "$(pulse) 2/2||alive",
    },
    {
      name: "signed out in red once configured",
      state: aState({ phase: { kind: "signedOut" }, workerName: "w" }),
      want: "$(error) sign in|error|",
    },
    {
      name: "connecting before the first beat",
      state: online({ lastBeatAt: undefined }),
      want: "$(sync~spin) connecting||",
    },
    { name: "online at 12 s", state: online({ lastBeatAt: noon - 12_000 }), want: "$(pulse) 2/3||alive" },
    {
      name: "stale past 12 s, where no beat is known to have failed",
      state: online({ lastBeatAt: noon - 12_001 }),
      want: "$(sync~spin) stale||",
    },
    {
      name: "reconnecting as soon as a beat failed",
      state: online({ lastBeatError: "gone" }),
      want: "$(sync~spin) reconnecting||",
    },
    {
      name: "reconnecting at 5 min",
      state: online({ lastBeatAt: noon - 5 * minuteMs, lastBeatError: "gone" }),
      want: "$(sync~spin) reconnecting||",
    },
    {
      name: "offline past 5 min",
      state: online({ lastBeatAt: noon - 7 * minuteMs }),
      want: "$(warning) offline 7m||",
    },
    {
      name: "reconnecting while paused too",
      state: online({ phase: { kind: "paused" }, lastBeatAt: noon - 20_000, lastBeatError: "gone" }),
      want: "$(sync~spin) reconnecting||",
    },
    {
      name: "no stale beat of a stopped worker",
      state: aState({ phase: { kind: "stopped" }, lastBeatAt: noon - 20 * minuteMs }),
      want: "$(debug-stop) stopped||",
    },
    {
      name: "what needs a person",
      state: aState({}, waiting),
      want: "$(comment-unresolved) 1|warning|alive",
    },
    {
      name: "a fault that a person mends",
      state: online({ fault }),
      want: "$(warning) not claiming|warning|alive",
    },
    {
      name: "a fault that goes by itself",
      state: online({ fault: { ...fault, reason: "outOfQuota" } }),
      want: "$(warning) not claiming||alive",
    },
    {
      name: "that the platform cannot be reached at the start",
      state: aState({ phase: { kind: "starting" }, lastPollError: "refused" }),
      want: "$(sync~spin) connecting||",
    },
    {
      name: "the lost connection before what needs a person",
      state: aState({ lastBeatAt: noon - 20_000 }, waiting),
      want: "$(sync~spin) stale||",
    },
  ];
  for (const { name, state, want } of cases) it(`says ${name}`, () => assert.equal(face(state), want));
});
