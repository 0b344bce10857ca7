import { messageOf } from "../../base/log";
import { JsonRpcConnectionError, JsonRpcResponseError } from "../jsonRpcErrors";
import { ProcessStartError } from "../processTransport";
import { tailOf } from "../textTail";
import { configurationFailure, failure, isConfigurationFault, type Failure } from "./failure";

const methodNotFound = -32601;

/**
 * Why a conversation could not be held. Pure.
 * @param lastWords what the process wrote to stderr, when it may be shown.
 */
export function startFailure(error: unknown, lastWords: string | undefined): Failure {
  if (error instanceof ProcessStartError) {
    return failure(error.reason === "keeper" ? "keeperUnavailable" : "notFound", error.message);
  }
  if (error instanceof JsonRpcResponseError) {
    if (isConfigurationFault(error.message)) return configurationFailure(error.message);
    const reason = error.code === methodNotFound ? "wrongVersion" : "turnFailed";
    return failure(reason, `Codex refused: ${error.message}`);
  }
  const said = lastWords === undefined || lastWords.trim() === "" ? "" : `: ${tailOf(lastWords.trim(), 300)}`;
  if (isConfigurationFault(said)) return configurationFailure(said);
  if (error instanceof JsonRpcConnectionError) {
    if (error.kind === "closed") {
      return failure("crashed", `Codex ended unexpectedly (${error.message})${said}`);
    }
    return failure("startTimeout", `Codex does not answer (${error.message})${said}`);
  }
  return failure("protocol", `Codex could not be used: ${messageOf(error)}${said}`);
}
