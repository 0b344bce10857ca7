import { RequestError } from "@agentclientprotocol/sdk";
import { messageOf } from "../../base/log";
import { asWritten } from "../../base/words";
import type { RunFailureReason, RunOutcome } from "../../core/ports/runtime";
import { JsonRpcConnectionError } from "../jsonRpcErrors";
import { ProcessStartError } from "../processTransport";
import { headOf, tailOf } from "../textTail";
import { protocolVersion } from "./protocol";

export type Failure = Extract<RunOutcome, { kind: "failed" }>;

/** The protocol's own code for an agent that wants a sign-in first. */
export const authRequired = -32_000;

/** Found before a model was asked, so there is nothing to keep. */
const beforeWork: ReadonlySet<RunFailureReason> = new Set<RunFailureReason>([
  "notFound",
  "wrongVersion",
  "notSignedIn",
  "keeperUnavailable",
  "startTimeout",
  "protocol",
]);

const advice: Readonly<Record<RunFailureReason, string>> = {
  notFound: asWritten("Install the agent, or correct runtime.command in WORKFLOW.md."),
  wrongVersion: asWritten("Update the agent and this extension."),
  notSignedIn: asWritten("Sign in with the agent's own program in a terminal, and try again."),
  outOfQuota: asWritten("Wait until the usage limit of the agent's account resets, or raise it."),
  modelUnreachable: asWritten(
    "Check the network, the proxy and the model provider of the agent, and try again.",
  ),
  sandboxUnavailable: asWritten("See docs/runtimes.md for what confines this agent."),
  keeperUnavailable: asWritten(
    "Reload the window; if it happens again, install the One Horizon Worker extension anew, and see the log for what the system said.",
  ),
  startTimeout: asWritten("Try runtime.command in a terminal, and see the log for what it wrote."),
  turnTimeout: asWritten("Give the work in smaller parts or raise runtime.turn_timeout_ms in WORKFLOW.md."),
  stalled: asWritten(
    "Try again, or raise runtime.stall_timeout_ms in WORKFLOW.md for commands that are silent for long.",
  ),
  crashed: asWritten("Try again; the worker's log has the last lines of the agent."),
  protocol: asWritten("Update the agent and this extension, and try again."),
  turnFailed: asWritten("Read the session's log and try again."),
  turnCancelled: asWritten("Send the work again, with what it may do instead."),
};

/** A failure with one sentence on what happened, one on what was kept and one of advice. */
export function failure(reason: RunFailureReason, happened: string, ownAdvice = advice[reason]): Failure {
  const sentence = /[.!?…]$/.test(happened) ? happened : `${happened}.`;
  const kept = beforeWork.has(reason)
    ? asWritten("Nothing was changed.")
    : asWritten("The worktree and what was done in it are kept.");
  return { kind: "failed", reason, message: `${sentence} ${kept} ${ownAdvice}` };
}

/** The agent chose another version of the protocol than ours. Undefined when it speaks ours. Pure. */
export function versionFault(told: unknown): Failure | undefined {
  if (told === protocolVersion) return undefined;
  const shown = typeof told === "number" || typeof told === "string" ? String(told).slice(0, 20) : "unknown";
  return failure(
    "wrongVersion",
    asWritten(
      "The agent speaks version {0} of the Agent Client Protocol, and this extension version {1}",
      shown,
      protocolVersion,
    ),
  );
}

/**
 * Why a conversation could not be held. Pure.
 * @param lastWords what the process wrote to stderr, when it may be shown.
 */
export function failureOf(error: unknown, lastWords?: string): Failure {
  if (error instanceof ProcessStartError) {
    return failure(error.reason === "keeper" ? "keeperUnavailable" : "notFound", error.message);
  }
  if (error instanceof RequestError) return refusal(error);
  const said = lastWords === undefined || lastWords.trim() === "" ? "" : `: ${tailOf(lastWords.trim(), 300)}`;
  if (!(error instanceof JsonRpcConnectionError)) {
    return failure("protocol", asWritten("The agent could not be used: {0}{1}", messageOf(error), said));
  }
  if (error.kind === "closed") {
    return failure("crashed", asWritten("The agent ended unexpectedly ({0}){1}", error.message, said));
  }
  return failure("startTimeout", asWritten("The agent does not answer ({0}){1}", error.message, said));
}

function refusal({ code, message, data }: RequestError): Failure {
  if (code === authRequired) return failure("notSignedIn", asWritten("The agent is not signed in"));
  const details = data === undefined ? "" : ` (${JSON.stringify(data)})`;
  const said = headOf(`${message}${details}`, 1000);
  return failure(reasonOf(said), asWritten("The agent refused: {0}", said));
}

/** The protocol has no words for why a model could not be used; the text is all there is. */
function reasonOf(message: string): RunFailureReason {
  if (/\b401\b|unauthorized|not logged in|not authenticated|api key|refresh token/i.test(message)) {
    return "notSignedIn";
  }
  if (/\b429\b|usage limit|rate limit|quota/i.test(message)) return "outOfQuota";
  if (/stream disconnected|ECONNREFUSED|connection (refused|failed|error)|\b50[0234]\b/i.test(message)) {
    return "modelUnreachable";
  }
  return "turnFailed";
}
