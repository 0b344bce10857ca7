import assert from "node:assert/strict";
import * as z from "zod/mini";
import { turnFailure } from "../../src/runtime/codex/failure";
import { isRead } from "../../src/runtime/codex/mapping";
import * as protocol from "../../src/runtime/codex/protocol";
import { planRequest, type RequestPlan } from "../../src/runtime/codex/requests";
import { readNode, type CodexSchema, type Direction, type Node } from "./codexSchema";
import { used } from "./codexWords";
import { gaps, memberOf, words } from "./schemaGaps";
import type { TranscriptLine } from "./transcripts";

/** For whoever sees one of these checks fail. */
export const advice = "See “When a new Codex appears” in CONTRIBUTING.md.";

/** What is read of each notification, request and answer. */
export const notifications: Readonly<Record<string, z.ZodMiniType>> = {
  "turn/started": protocol.turnStartedNote,
  "turn/completed": protocol.turnCompletedNote,
  "turn/plan/updated": protocol.planNote,
  "thread/tokenUsage/updated": protocol.usageNote,
  "item/started": protocol.itemNote,
  "item/completed": protocol.itemNote,
  error: protocol.errorNote,
  warning: protocol.warningNote,
  configWarning: protocol.configWarningNote,
  "serverRequest/resolved": protocol.resolvedNote,
};
const requests: Readonly<Record<string, z.ZodMiniType>> = {
  "item/commandExecution/requestApproval": protocol.approvalParams,
  "item/fileChange/requestApproval": protocol.filePermissionParams,
  "item/permissions/requestApproval": protocol.permissionParams,
  "item/tool/requestUserInput": protocol.userInputParams,
  "item/tool/call": protocol.toolCallParams,
};
/** Of the others nothing but their success is read. */
const answers: Readonly<Record<string, z.ZodMiniType>> = {
  initialize: protocol.initializeAnswer,
  "account/read": protocol.accountAnswer,
  "thread/start": protocol.threadAnswer,
  "thread/resume": protocol.threadAnswer,
  "thread/turns/list": protocol.turnsAnswer,
  "turn/start": protocol.turnAnswer,
};
/** Every method that the worker uses. */
export const sentMethods = [
  ...Object.keys(answers),
  "initialized",
  "turn/interrupt",
  "turn/steer",
  "thread/backgroundTerminals/clean",
];

const schemaOf = (ours: z.ZodMiniType): Node => readNode(z.toJSONSchema(ours, { io: "input" }));
export const answerOf = (params: string): string => params.replace(/Params$/u, "Response");

/** The name of a method's params. Throws where this codex does not know the method. */
export function paramsOf(codex: CodexSchema, direction: Direction, method: string): string {
  const methods = codex.methods(direction);
  assert.ok(methods.has(method), `this codex knows no ${direction} ${method}. ${advice}`);
  return methods.get(method) ?? assert.fail(`${method} has no params`);
}

/** Everything in which this codex and our schemas differ. */
export function differences(codex: CodexSchema): readonly string[] {
  const items = schemaOf(protocol.itemSchema);
  const ofItems = [
    ...(items.anyOf ?? items.oneOf ?? []),
    schemaOf(protocol.userMessageItem),
    schemaOf(protocol.changeItem).properties?.["item"] ?? {},
  ].flatMap((ours) => {
    const type = String(ours.properties?.["type"]?.const);
    const theirs = memberOf(codex, codex.named("ThreadItem"), type);
    return theirs === undefined ? [`${type}: codex knows no such item`] : gaps(codex, ours, theirs, type);
  });
  const ofParams = (direction: "ServerNotification" | "ServerRequest", table: typeof notifications) =>
    Object.entries(table).flatMap(([method, ours]) => {
      const theirs = codex.methods(direction).get(method);
      if (theirs === undefined) return [`${method}: codex knows no such method`];
      return gaps(codex, schemaOf(ours), codex.named(theirs), method);
    });
  const ofAnswers = Object.entries(answers).flatMap(([method, ours]) => {
    const params = codex.methods("ClientRequest").get(method);
    if (params === undefined) return [`${method}: codex knows no such method`];
    return gaps(codex, schemaOf(ours), codex.named(answerOf(params)), `${method} →`);
  });
  return [...ofItems, ...ofParams("ServerNotification", notifications), ...ofParams("ServerRequest", requests), ...ofAnswers]; // prettier-ignore
}

/** What the side that hears it would not take of a conversation, be it the worker or codex. */
export function faultsIn(codex: CodexSchema, lines: readonly TranscriptLine[]): readonly string[] {
  const asked = new Map<string, string>();
  return lines.flatMap((line) => faultsOf(codex, line, asked));
}

function faultsOf(codex: CodexSchema, line: TranscriptLine, asked: Map<string, string>): readonly string[] {
  const { id, method, params, result } = line.message;
  const ofWorker = line.from === "worker";
  if (method === undefined) {
    const to = asked.get(`${ofWorker ? "codex" : "worker"} ${id}`) ?? assert.fail("an answer to nothing");
    if (line.message.error !== undefined) return [`${to} was refused: ${JSON.stringify(line.message.error)}`];
    if (ofWorker) return codex.faults(answerOf(paramsOf(codex, "ServerRequest", to)), result);
    return unread(answers[to], result, to);
  }
  if (id !== undefined) asked.set(`${line.from} ${id}`, method);
  if (!ofWorker) return unread((id === undefined ? notifications : requests)[method], params, method);
  if (id !== undefined) return codex.faults(paramsOf(codex, "ClientRequest", method), params);
  return codex.methods("ClientNotification").has(method)
    ? []
    : [`${method}: codex knows no such notification`];
}

function unread(schema: z.ZodMiniType | undefined, value: unknown, method: string): readonly string[] {
  const parsed = schema?.safeParse(value);
  return parsed?.success === false ? [`${method}: ${JSON.stringify(parsed.error.issues)}`] : [];
}

/** The words of one kind with which the worker does something. */
export function usedWords(codex: CodexSchema, kind: string): readonly string[] {
  const all = wordsOf(codex, kind);
  switch (kind) {
    case "ServerNotification":
      return all.filter((one) => isRead(one) || one === "serverRequest/resolved");
    case "ServerRequest":
      return all.filter((one) => plan(one, {}) !== undefined);
    case "CodexErrorInfo":
      return all.filter((one) => turnFailure({ message: "", codexErrorInfo: one }).reason !== "turnFailed");
    case "ThreadItem": {
      const items = schemaOf(protocol.itemSchema);
      const types = (items.anyOf ?? items.oneOf ?? []).map((one) => String(one.properties?.["type"]?.const));
      return [...types, "userMessage"];
    }
    default:
      return used[kind] ?? [];
  }
}

/** The words of one kind that this codex knows. */
export function wordsOf(codex: CodexSchema, kind: string): readonly string[] {
  if (kind === "ServerRequest" || kind === "ServerNotification") return [...codex.methods(kind).keys()];
  return words(codex, kind);
}

/** What the worker makes of a request of codex where people are asked. */
export function plan(method: string, params: unknown): RequestPlan | undefined {
  return planRequest(method, params, {
    nowMs: 1_795_167_806_917,
    approvals: "on-request",
    workingDirectory: "/project",
    filesOf: () => ["/project/a.txt"],
  });
}
