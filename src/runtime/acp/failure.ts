import { RequestError } from "@agentclientprotocol/sdk";
import { messageOf } from "../../base/log";
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
  notFound: "Install the agent, or correct runtime.command in WORKFLOW.md.",
  wrongVersion: "Update the agent and this extension.",
  notSignedIn: "Sign in with the agent's own program in a terminal, and try again.",
  outOfQuota: "Wait until the usage limit of the agent's account resets, or raise it.",
  modelUnreachable: "Check the network, the proxy and the model provider of the agent, and try again.",
  sandboxUnavailable: "See docs/runtimes.md for what confines this agent.",
  keeperUnavailable:
    "Reload the window; if it happens again, install the One Horizon Worker extension anew, and see the log for what the system said.",
  startTimeout: "Try runtime.command in a terminal, and see the log for what it wrote.",
  turnTimeout: "Give the work in smaller parts or raise runtime.turn_timeout_ms in WORKFLOW.md.",
  stalled:
    "Try again, or raise runtime.stall_timeout_ms in WORKFLOW.md for commands that are silent for long.",
  crashed: "Try again; the worker's log has the last lines of the agent.",
  protocol: "Update the agent and this extension, and try again.",
  turnFailed: "Read the session's log and try again.",
  turnCancelled: "Send the work again, with what it may do instead.",
};

/** A failure with one sentence on what happened, one on what was kept and one of advice. */
export function failure(reason: RunFailureReason, happened: string, ownAdvice = advice[reason]): Failure {
  const sentence = /[.!?…]$/.test(happened) ? happened : `${happened}.`;
  const kept = beforeWork.has(reason)
    ? "Nothing was changed."
    : "The worktree and what was done in it are kept.";
  return { kind: "failed", reason, message: `${sentence} ${kept} ${ownAdvice}` };
}

/** The agent chose another version of the protocol than ours. Undefined when it speaks ours. Pure. */
export function versionFault(told: unknown): Failure | undefined {
  if (told === protocolVersion) return undefined;
  const shown = typeof told === "number" || typeof told === "string" ? String(told).slice(0, 20) : "unknown";
  return failure(
    "wrongVersion",
    `The agent speaks version ${shown} of the Agent Client Protocol, and this extension version ${protocolVersion}`,
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
    return failure("protocol", `The agent could not be used: ${messageOf(error)}${said}`);
  }
  if (error.kind === "closed") {
    return failure("crashed", `The agent ended unexpectedly (${error.message})${said}`);
  }
  return failure("startTimeout", `The agent does not answer (${error.message})${said}`);
}

function refusal({ code, message, data }: RequestError): Failure {
  if (code === authRequired) return failure("notSignedIn", "The agent is not signed in");
  const details = data === undefined ? "" : ` (${JSON.stringify(data)})`;
  const said = headOf(`${message}${details}`, 1000);
  return failure(reasonOf(said), `The agent refused: ${said}`);
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
