import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Authorization } from "../auth/authorize";
import { callerOf } from "../auth/bearer";
import type { PendingCodes } from "../auth/codes";
import { tokenEndpoint } from "../auth/token";
import type { Contract, Match } from "../contract/validate";
import { faultReply, type FaultBook } from "../faults";
import { mediaType, type HttpReply, type HttpRequest } from "../http/call";
import { refusalReply } from "../http/listener";
import { badRequest, notFound, Refusal } from "../refusal";
import type { RequestLog } from "../requestLog";
import type { Platform } from "../state/platform";
import type { Uploads } from "../state/uploads";
import { handlers } from "./operations";

export interface EndpointParts {
  readonly platform: Platform;
  readonly contract: Contract;
  readonly codes: PendingCodes;
  readonly authorization: Authorization;
  readonly faults: FaultBook;
  readonly log: RequestLog;
  readonly uploads: Uploads;
  readonly onError: (error: unknown) => void;
}

/** Answers every path of the contract: finds the operation, meets its faults, acts, and logs what happened. */
export async function answerContractCall(
  parts: EndpointParts,
  request: HttpRequest,
  response: ServerResponse,
): Promise<HttpReply | undefined> {
  const { platform, log, faults } = parts;
  const match = attempt(parts, () => matchOf(parts.contract, request));
  if (!("operation" in match)) {
    log.add(platform.clock.now(), request, undefined, match);
    return match;
  }
  const { operationId } = match.operation;
  const fault = faults.take(operationId, request.path);
  const late = fault?.type === "delay" ? fault : undefined;
  const early = fault !== undefined && (!("when" in fault) || fault.when === "before");
  if (late?.when === "before") await sleep(late.delayMs, undefined, { signal: request.signal });
  const acts = fault === undefined || late !== undefined || fault.type === "body" || !early;
  const done = acts ? attempt(parts, () => act(parts, match, request)) : undefined;
  if (late?.when === "after") await sleep(late.delayMs, undefined, { signal: request.signal });
  const cut = fault?.type === "drop";
  const reply = cut ? undefined : ((fault && faultReply(fault)) ?? done);
  log.add(platform.clock.now(), request, operationId, reply);
  if (cut) response.destroy();
  return reply;
}

function matchOf(contract: Contract, request: HttpRequest): Match {
  const match = contract.match(request.method, request.path);
  if (!match) throw notFound("path");
  return match;
}

/** The value, or the answer that tells the refusal. What was not meant to happen is also told to the owner. */
function attempt<T extends object>(parts: EndpointParts, work: () => T): T | HttpReply {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Refusal)) parts.onError(error);
    return refusalReply(error);
  }
}

function act(parts: EndpointParts, match: Match, request: HttpRequest): HttpReply {
  const { platform, contract } = parts;
  const { operation, params } = match;
  platform.settle();
  if (operation.operationId === "authorize") {
    contract.checkQuery(operation, request.query);
    return parts.authorization.show(request.query);
  }
  if (operation.operationId === "token") return answerToken(parts, match, request);
  const user = callerOf(platform, request.headers.authorization);
  const query = contract.checkQuery(operation, request.query);
  const body = operation.bodies.size > 0 ? bodyOf(contract, match, request) : undefined;
  const handler = handlers[operation.operationId];
  if (!handler) throw new Error(`The operation ${operation.operationId} has no handler.`);
  const reply = handler({ platform, user, params, query, body, request, uploads: parts.uploads });
  // A test may offer a session without an owner, which the contract's own schema does not know.
  const isProper = platform.state.sessions.every((one) => one.ownerUserId !== null);
  if (isProper) contract.checkAnswer(operation, reply.status, reply.json);
  return reply;
}

function answerToken(parts: EndpointParts, { operation }: Match, request: HttpRequest): HttpReply {
  const type = mediaType(request.headers);
  if (!operation.bodies.has(type)) throw new Refusal(415, "The token endpoint reads forms.");
  const pairs = [...new URLSearchParams(request.body.toString("utf8"))];
  const form = Object.fromEntries(pairs);
  if (Object.keys(form).length !== pairs.length) throw badRequest("A form field is given twice.");
  const reply = tokenEndpoint(parts.platform, parts.codes, form);
  parts.contract.checkAnswer(operation, reply.status, reply.json);
  return reply;
}

function bodyOf(contract: Contract, { operation }: Match, request: HttpRequest): unknown {
  const type = mediaType(request.headers);
  if (type === "multipart/form-data" && operation.bodies.has(type)) return undefined;
  let body: unknown;
  try {
    body = type === "application/json" ? JSON.parse(request.body.toString("utf8")) : undefined;
  } catch {
    throw badRequest("The body is not JSON.");
  }
  contract.checkBody(operation, type, body);
  return body;
}
