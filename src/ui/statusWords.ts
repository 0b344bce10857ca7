import { executingCount, slotCount } from "./slots";
import { workerPhase, type WorkerState } from "../core/state";
import { connection, type Connection } from "./connection";
import type { L10n } from "./l10n";
import { countNeedingPerson } from "./sessionTreeModel";
import { elapsedSpoken, elapsedWord, steady } from "./time";

/** The worker's state in short. */
export interface StatusWords {
  readonly icon: string;
  /** What stands beside the icon. */
  readonly word: string;
  /** The same as a sentence, without a full stop. */
  readonly say: string;
  /** Red only for what nobody but a person can mend. */
  readonly background: "error" | "warning" | undefined;
  /** True while beats are accepted, so that each of them may show. */
  readonly alive: boolean;
}

/** Faults that stay until somebody installs, signs in, edits or allows something. */
const mendedByPerson: ReadonlySet<string> = new Set([
  "workflow",
  "notFound",
  "wrongVersion",
  "notSignedIn",
  "sandboxUnavailable",
]);

/** What the worker does at `now`, milliseconds since the epoch. */
export function statusWords(state: WorkerState, now: number, l10n: L10n): StatusWords {
  const { phase } = state;
  switch (phase.kind) {
    case "signedOut":
      return isConfigured(state)
        ? words("error", l10n.t("sign in"), l10n.t("signed out, it runs nothing until you sign in"), "error")
        : words("account", l10n.t("sign in"), l10n.t("not signed in"));
    case "notConfigured":
      return words("gear", l10n.t("configure"), phase.message ?? l10n.t("not configured for this folder"));
    case "untrusted":
      return words("shield", l10n.t("restricted"), l10n.t("does not run in Restricted Mode"));
    case "noRepository":
      return words("repo", l10n.t("no repository"), phase.message);
    case "otherWindow":
      return viewerWords(state, phase.owner, now, l10n);
    case "rejected":
      return words("error", l10n.t("stopped"), phase.message, "error");
    case "stopped":
      return words("debug-stop", l10n.t("stopped"), l10n.t("stopped, it claims nothing"));
    case "starting":
      return startingWords(state, l10n);
    case "online":
    case "paused":
    case "stopping":
      return runningWords(state, now, l10n);
  }
}

/** What is asked can be answered in any window; all else is the business of the one that runs the worker. */
function viewerWords(
  state: WorkerState,
  owner: WorkerState["phase"] | undefined,
  now: number,
  l10n: L10n,
): StatusWords {
  const there = l10n.t("another window runs this worker");
  if (owner === undefined) return words("vm", l10n.t("other window"), there);
  const shown = statusWords({ ...state, phase: owner }, now, l10n);
  const say = l10n.t("another window runs this worker: {0}", shown.say);
  const asks = shown.icon === needsYouIcon;
  return asks
    ? words(shown.icon, shown.word, say, shown.background)
    : words("vm", l10n.t("other window"), say);
}

function startingWords({ lastPollError }: WorkerState, l10n: L10n): StatusWords {
  return lastPollError === undefined
    ? words("sync~spin", l10n.t("starting"), l10n.t("starting"))
    : words("sync~spin", l10n.t("connecting"), l10n.t("starting, One Horizon cannot be reached yet"));
}

/** A worker that should be beating: what is broken comes before what waits, and that before what goes well. */
function runningWords(state: WorkerState, now: number, l10n: L10n): StatusWords {
  const link = connection(state, now);
  if (link.kind !== "live" && link.kind !== "none") return brokenWords(link, l10n);
  const alive = link.kind === "live";
  const needing = countNeedingPerson(state);
  if (needing > 0) {
    const say = needing === 1 ? l10n.t("1 session needs you") : l10n.t("{0} sessions need you", needing);
    return { ...words(needsYouIcon, String(needing), say, "warning"), alive };
  }
  return { ...steadyWords(state, alive, l10n), alive };
}

const needsYouIcon = "comment-unresolved";

function brokenWords({ kind, forMs }: Extract<Connection, { forMs: number }>, l10n: L10n): StatusWords {
  const spoken = elapsedSpoken(steady(forMs), l10n);
  switch (kind) {
    case "offline":
      return words(
        "warning",
        l10n.t("offline {0}", elapsedWord(forMs, l10n)),
        l10n.t("offline for {0}, its claims have expired", spoken),
      );
    case "reconnecting":
      return words(
        "sync~spin",
        l10n.t("reconnecting"),
        l10n.t("reconnecting, no heartbeat was accepted for {0}", spoken),
      );
    case "stale":
      return words(
        "sync~spin",
        l10n.t("stale"),
        l10n.t("stale, no heartbeat was sent for {0}, the next is on its way", spoken),
      );
  }
}

function steadyWords(state: WorkerState, alive: boolean, l10n: L10n): StatusWords {
  const busy = executingCount(state);
  if (state.phase.kind === "stopping") {
    const say =
      busy === 0
        ? l10n.t("stopping")
        : busy === 1
          ? l10n.t("stopping when the running session has ended")
          : l10n.t("stopping when the {0} running sessions have ended", busy);
    return words("sync~spin", l10n.t("stopping"), say);
  }
  if (state.phase.kind === "paused") {
    const say = busy === 0 ? l10n.t("paused") : l10n.t("paused, {0} still running", busy);
    return words("debug-pause", l10n.t("paused"), say);
  }
  const { fault } = state;
  if (fault !== undefined) {
    const background = mendedByPerson.has(fault.reason) ? "warning" : undefined;
    return words("warning", l10n.t("not claiming"), l10n.t("not claiming"), background);
  }
  if (!alive) return words("sync~spin", l10n.t("connecting"), l10n.t("connecting"));
  const slots = slotCount(state);
  return words("pulse", `${busy}/${slots}`, l10n.t("online, {0} of {1} slots busy", busy, slots));
}

function words(icon: string, word: string, say: string, background?: StatusWords["background"]): StatusWords {
  return { icon, word, say, background, alive: false };
}

/** A worker was configured once, so that a lost sign-in stops real work. */
function isConfigured(state: WorkerState): boolean {
  return state.workerName !== undefined || state.agentName !== undefined;
}

/** Does some window of this folder run the worker now? */
export function isUp(state: Pick<WorkerState, "phase">): boolean {
  const { kind } = workerPhase(state.phase);
  return kind === "starting" || kind === "online" || kind === "paused" || kind === "stopping";
}
