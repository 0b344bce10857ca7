import { isExecuting, workerPhase, type WorkerState } from "../core/state";
import { connection } from "./connection";
import type { L10n } from "./l10n";
import { countNeedingPerson } from "./sessionTreeModel";
import { elapsedWord } from "./time";
import { tooltipCard } from "./tooltip";

/** The status bar item as data. */
export interface StatusFace {
  /** One icon and a short text. */
  readonly text: string;
  /** Red only for what nobody but a person can mend. */
  readonly background: "error" | "warning" | undefined;
  /** Markdown, all foreign text escaped. */
  readonly tooltip: string;
  readonly spoken: string;
  /** True while beats are accepted, so that each of them may show. */
  readonly alive: boolean;
}

type Short = Pick<StatusFace, "background" | "alive"> & {
  readonly icon: string;
  readonly word: string;
  readonly say: string;
};

/** What the status bar says at `now`. */
export function statusFace(state: WorkerState, now: number, l10n: L10n): StatusFace {
  const short = shortFace(state, now, l10n);
  return {
    text: `$(${short.icon}) ${short.word}`,
    background: short.background,
    alive: short.alive,
    tooltip: statusTooltip(state, short, now, l10n),
    spoken: l10n.t("One Horizon Worker: {0}", short.say),
  };
}

function shortFace(state: WorkerState, now: number, l10n: L10n): Short {
  const phase = state.phase;
  switch (phase.kind) {
    case "signedOut":
      return isConfigured(state)
        ? short("error", l10n.t("sign in"), l10n.t("signed out, sign in to go on"), "error")
        : short("account", l10n.t("sign in"), l10n.t("not signed in"));
    case "notConfigured":
      return short("gear", l10n.t("configure"), phase.message ?? l10n.t("not configured for this folder"));
    case "untrusted":
      return short("shield", l10n.t("restricted"), l10n.t("does not run in Restricted Mode"));
    case "noRepository":
      return short("repo", l10n.t("no repository"), phase.message);
    case "otherWindow":
      return short("vm", l10n.t("other window"), otherWindowSay(state, phase.owner, now, l10n));
    case "rejected":
      return short("error", l10n.t("stopped"), phase.message, "error");
    case "stopped":
      return short("debug-stop", l10n.t("stopped"), l10n.t("stopped"));
    case "starting":
      return short("sync~spin", l10n.t("starting"), l10n.t("starting"));
    case "online":
    case "paused":
    case "stopping":
      return runningFace(state, now, l10n);
  }
}

/** What the window that runs the worker shows, where it is known. */
function otherWindowSay(
  state: WorkerState,
  owner: WorkerState["phase"] | undefined,
  now: number,
  l10n: L10n,
): string {
  if (owner === undefined) return l10n.t("another window runs this worker");
  return l10n.t("another window runs this worker: {0}", shortFace({ ...state, phase: owner }, now, l10n).say);
}

/** A worker that should be beating: what is broken comes before what waits, and that before what goes well. */
function runningFace(state: WorkerState, now: number, l10n: L10n): Short {
  const link = connection(state, now);
  if (link.kind === "offline") {
    const span = elapsedWord(link.forMs, l10n);
    return short(
      "warning",
      l10n.t("offline {0}", span),
      l10n.t("offline for {0}, claims have expired", span),
    );
  }
  if (link.kind === "reconnecting") {
    const span = elapsedWord(link.forMs, l10n);
    return short("sync~spin", l10n.t("reconnecting"), l10n.t("reconnecting, last heartbeat {0} ago", span));
  }
  const alive = link.kind === "live";
  const needing = countNeedingPerson(state);
  if (needing > 0) {
    const say = needing === 1 ? l10n.t("1 session needs you") : l10n.t("{0} sessions need you", needing);
    return { ...short("comment-unresolved", String(needing), say, "warning"), alive };
  }
  return { ...steadyFace(state, alive, l10n), alive };
}

function steadyFace(state: WorkerState, alive: boolean, l10n: L10n): Short {
  const busy = countExecuting(state);
  if (state.phase.kind === "stopping") {
    const say = busy === 0 ? l10n.t("stopping") : l10n.t("stopping, {0} still running", busy);
    return short("sync~spin", l10n.t("stopping"), say);
  }
  if (state.phase.kind === "paused") {
    return short("debug-pause", l10n.t("paused"), l10n.t("paused, {0} running", busy));
  }
  if (state.fault !== undefined) return short("warning", l10n.t("not claiming"), state.fault.message);
  if (!alive) return short("sync~spin", l10n.t("connecting"), l10n.t("connecting"));
  const slots = slotCount(state);
  return short("pulse", `${busy}/${slots}`, l10n.t("online, {0} of {1} slots busy", busy, slots));
}

function statusTooltip(state: WorkerState, face: Short, now: number, l10n: L10n): string {
  const ago = (at: number | undefined): string | undefined =>
    at === undefined ? undefined : l10n.t("{0} ago", elapsedWord(now - at, l10n));
  const next = state.nextPollAt;
  const polls = workerPhase(state.phase).kind === "online";
  // A fault has its own line in the card, so that the heading stays a heading.
  const head = face.say === state.fault?.message ? face.word : face.say;
  return tooltipCard(l10n.t("One Horizon Worker: {0}", head), [
    { name: l10n.t("Not claiming"), value: state.fault?.message },
    { name: l10n.t("Agent"), value: state.agentName },
    { name: l10n.t("Workspace"), value: state.workspaceName },
    { name: l10n.t("Worker"), value: state.workerName },
    { name: l10n.t("Slots"), value: l10n.t("{0} of {1} busy", countExecuting(state), slotCount(state)) },
    { name: l10n.t("Last heartbeat"), value: ago(state.lastBeatAt) },
    { name: l10n.t("Heartbeats fail"), value: state.lastBeatError },
    {
      name: l10n.t("Heartbeats"),
      value: state.beatsFromMain
        ? l10n.t("sent by the main thread; the heartbeat thread does not get through")
        : undefined,
    },
    { name: l10n.t("Last poll"), value: ago(state.lastPollAt) },
    {
      name: l10n.t("Next poll"),
      value: polls && next !== undefined ? nextPoll(next - now, l10n) : undefined,
    },
    { name: l10n.t("Polls fail"), value: state.lastPollError },
  ]);
}

function nextPoll(inMs: number, l10n: L10n): string {
  return inMs <= 0 ? l10n.t("now") : l10n.t("in {0}", elapsedWord(inMs, l10n));
}

function short(icon: string, word: string, say: string, background?: "error" | "warning"): Short {
  return { icon, word, say, background, alive: false };
}

/** A worker was configured once, so that a lost sign-in stops real work. */
function isConfigured(state: WorkerState): boolean {
  return state.workerName !== undefined || state.agentName !== undefined;
}

/** How many attempts execute here. */
function countExecuting(state: WorkerState): number {
  return [...state.sessions.values()].filter((session) => isExecuting(session.phase)).length;
}

function slotCount(state: WorkerState): number {
  return Math.min(state.maxActiveExecutions, state.maxConcurrentSessions);
}
