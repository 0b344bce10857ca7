import { messageOf } from "../../base/log";
import { asWritten } from "../../base/words";
import { JsonRpcConnectionError, JsonRpcResponseError } from "../jsonRpcErrors";
import { ProcessStartError } from "../processTransport";
import { headOf, tailOf } from "../textTail";
import { configurationFailure, failure, isConfigurationFault, type Failure } from "./failure";
import { foreignVersion } from "./version";

const methodNotFound = -32601;

/** How Codex says that it cannot read a request. An unknown method is an unknown variant to it, with the code of any refusal. */
const unread =
  /unknown variant|unknown field|missing field|invalid type|did not match any variant|requires experimentalApi/i;

/** Codex does not know what was asked, or not in this form: it speaks another version of the protocol. */
export function isForeign(error: JsonRpcResponseError): boolean {
  return error.code === methodNotFound || unread.test(error.message);
}

/**
 * Why a conversation could not be held. Pure.
 * @param lastWords what the process wrote to stderr, when it may be shown.
 * @param version of the Codex that answered, when it said so.
 */
export function startFailure(error: unknown, lastWords: string | undefined, version?: string): Failure {
  if (error instanceof ProcessStartError) {
    return failure(error.reason === "keeper" ? "keeperUnavailable" : "notFound", error.message);
  }
  if (error instanceof JsonRpcResponseError) {
    if (isConfigurationFault(error.message)) return configurationFailure(error.message);
    if (!isForeign(error)) return failure("turnFailed", asWritten("Codex refused: {0}", error.message));
    const refused = headOf(error.message, 300);
    return foreignVersion(
      "wrongVersion",
      asWritten("Codex did not understand the worker: {0}.", refused),
      version,
    );
  }
  const said = lastWords === undefined || lastWords.trim() === "" ? "" : `: ${tailOf(lastWords.trim(), 300)}`;
  if (isConfigurationFault(said)) return configurationFailure(said);
  if (error instanceof JsonRpcConnectionError) {
    if (error.kind === "closed") {
      return failure("crashed", asWritten("Codex ended unexpectedly ({0}){1}", error.message, said));
    }
    return failure("startTimeout", asWritten("Codex does not answer ({0}){1}", error.message, said));
  }
  return failure("protocol", asWritten("Codex could not be used: {0}{1}", messageOf(error), said));
}
