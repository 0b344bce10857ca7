import { asWritten } from "../../base/words";
import type { RunFailureReason, RunOutcome } from "../../core/ports/runtime";
import { headOf, tailOf } from "../textTail";
import type { TurnError } from "./protocol";

export type Failure = Extract<RunOutcome, { kind: "failed" }>;

/** Said of what is found before any work has begun. */
export const nothingChanged = asWritten("Nothing was changed.");
const kept = asWritten("The worktree and what was done in it are kept.");

/** A failure with one sentence on what happened, one on what was kept and one of advice. */
export function failure(
  reason: RunFailureReason,
  happened: string,
  ownAdvice = advice[reason],
  keptWords = keptBy(reason),
): Failure {
  const sentence = /[.!?…]$/.test(happened) ? happened : `${happened}.`;
  return { kind: "failed", reason, message: `${sentence} ${keptWords} ${ownAdvice}` };
}

/** Codex has read its own configuration and refuses it. */
export function configurationFailure(said: string): Failure {
  const mend = asWritten(
    "Correct config.toml in the folder of Codex (CODEX_HOME, or .codex in your home folder) and try again.",
  );
  return failure(
    "protocol",
    asWritten("Codex cannot read its configuration: {0}", tailOf(said.trim(), 300)),
    mend,
  );
}

/** Does this text of the tool speak of a configuration that it cannot use? */
export function isConfigurationFault(said: string): boolean {
  return /failed to load config|error loading config|config\.toml:\d/i.test(said);
}

function keptBy(reason: RunFailureReason): string {
  return beforeWork.has(reason) ? nothingChanged : kept;
}

/** These are found before a model was asked, so there is nothing to keep. */
const beforeWork: ReadonlySet<RunFailureReason> = new Set<RunFailureReason>([
  "notFound",
  "wrongVersion",
  "sandboxUnavailable",
  "keeperUnavailable",
  "startTimeout",
  "protocol",
]);

const advice: Readonly<Record<RunFailureReason, string>> = {
  notFound: asWritten(
    "Install Codex (npm install -g @openai/codex) or set runtime.command in WORKFLOW.md to its path.",
  ),
  wrongVersion: asWritten("Update Codex ({0}).", "npm install -g @openai/codex@latest"),
  notSignedIn: asWritten("Run `codex login` in a terminal and try again."),
  outOfQuota: asWritten("Wait until the usage limit of the Codex account resets, or raise it."),
  modelUnreachable: asWritten("Check the network, the proxy and the model provider of Codex, and try again."),
  sandboxUnavailable: asWritten(
    "Allow unprivileged user namespaces on this machine (or install bubblewrap); runs without a sandbox need runtime.sandbox: danger-full-access in WORKFLOW.md.",
  ),
  keeperUnavailable: asWritten(
    "Reload the window; if it happens again, install the One Horizon Worker extension anew, and see the log for what the system said.",
  ),
  startTimeout: asWritten("Try `codex app-server` in a terminal, and see the log for what it wrote."),
  turnTimeout: asWritten("Give the work in smaller parts or raise runtime.turn_timeout_ms in WORKFLOW.md."),
  stalled: asWritten(
    "Try again, or raise runtime.stall_timeout_ms in WORKFLOW.md for commands that are silent for long.",
  ),
  crashed: asWritten("Try again; the session's log has the last lines of Codex."),
  protocol: asWritten("Update Codex and this extension, and try again."),
  turnFailed: asWritten("Read the session's log and try again."),
  turnCancelled: asWritten("Send the work again, with what it may do instead."),
};

/** Why a turn failed, by the tool's own word; an unknown word is a failed turn. Pure. */
export function turnFailure(error: TurnError | undefined): Failure {
  const happened = error === undefined ? asWritten("Codex ended the turn without a reason") : describe(error);
  return failure(reasonOf(error), happened);
}

function describe(error: TurnError): string {
  const details = error.additionalDetails ?? undefined;
  const parts =
    details === undefined || error.message.includes(details) ? [error.message] : [error.message, details];
  return asWritten("Codex could not finish the turn: {0}", headOf(parts.join(" "), 1000));
}

const byWord: ReadonlyMap<string, RunFailureReason> = new Map<string, RunFailureReason>([
  ["usageLimitExceeded", "outOfQuota"],
  ["sessionBudgetExceeded", "outOfQuota"],
  ["rateLimitExceeded", "outOfQuota"],
  ["unauthorized", "notSignedIn"],
  ["httpConnectionFailed", "modelUnreachable"],
  ["responseStreamConnectionFailed", "modelUnreachable"],
  ["responseStreamDisconnected", "modelUnreachable"],
  ["responseTooManyFailedAttempts", "modelUnreachable"],
  ["serverOverloaded", "modelUnreachable"],
  ["internalServerError", "modelUnreachable"],
  ["policyCapacityUnavailable", "modelUnreachable"],
  ["flexUnavailable", "modelUnreachable"],
  ["sandboxError", "sandboxUnavailable"],
]);

function reasonOf(error: TurnError | undefined): RunFailureReason {
  const { word, status } = wordOf(error?.codexErrorInfo);
  if (status === 401 || status === 403) return "notSignedIn";
  if (status === 402) return "outOfQuota";
  const known = word === undefined ? undefined : byWord.get(word);
  return known ?? reasonOfText(error?.message ?? "");
}

/** Some failures carry their kind in the text alone. */
function reasonOfText(message: string): RunFailureReason {
  if (/\b401\b|unauthorized|not logged in|missing bearer|refresh token/i.test(message)) return "notSignedIn";
  if (/usage limit|quota|insufficient_quota/i.test(message)) return "outOfQuota";
  if (/stream disconnected|error sending request|connection (refused|failed)|\b50[0234]\b/i.test(message)) {
    return "modelUnreachable";
  }
  return "turnFailed";
}

/** `"word"` or `{"word": {httpStatusCode}}`. */
function wordOf(info: unknown): { readonly word: string | undefined; readonly status: number | undefined } {
  if (typeof info === "string") return { word: info, status: undefined };
  if (typeof info !== "object" || info === null) return { word: undefined, status: undefined };
  const [entry] = Object.entries(info);
  if (entry === undefined) return { word: undefined, status: undefined };
  const detail: unknown = entry[1];
  const hasStatus = typeof detail === "object" && detail !== null && "httpStatusCode" in detail;
  const status = hasStatus && typeof detail.httpStatusCode === "number" ? detail.httpStatusCode : undefined;
  return { word: entry[0], status };
}
