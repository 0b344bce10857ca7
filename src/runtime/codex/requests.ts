import { asWritten } from "../../base/words";
import type { Answer, Question } from "../../core/ports/person";
import type { RuntimeEvent } from "../../core/ports/runtime";
import { headOf } from "../textTail";
import type { RpcAnswer } from "../jsonRpc";
import {
  approvalQuestion,
  fileQuestion,
  inputQuestion,
  permissionQuestion,
  type Asks,
  type RequestContext,
} from "./questions";
import { approvalParams, toolCallParams } from "./protocol";

/** What a request of the app-server leads to. */
export type RequestPlan =
  | { readonly kind: "answered"; readonly answer: RpcAnswer; readonly event: RuntimeEvent | undefined }
  | {
      readonly kind: "asks";
      readonly question: Question;
      readonly answer: (given: Answer) => unknown;
      /** The answer itself cannot end the turn: a cancelling person's wish needs more. */
      readonly interrupts: boolean;
    }
  | { readonly kind: "uses"; readonly tool: string; readonly arguments: unknown };

const unshown = asWritten(
  "It is too long to be shown, or in an unknown form: nobody could know what they approve.",
);
const nobody = asWritten("Nobody is asked during a run: the owner's policy answers every request with no.");

/**
 * What becomes of a request of the app-server. Every request is answered, so that no turn hangs on one. Where the owner's
 * policy is to ask nobody, nothing that needs a person is ever granted. Undefined for a method that is not known. Pure.
 */
export function planRequest(
  method: string,
  params: unknown,
  context: RequestContext,
): RequestPlan | undefined {
  switch (method) {
    case "item/commandExecution/requestApproval":
      return approval(method, params, context, approvalQuestion, { decision: "decline" });
    case "item/fileChange/requestApproval":
      return approval(method, params, context, fileQuestion, { decision: "decline" });
    case "item/permissions/requestApproval":
      return approval(method, params, context, permissionQuestion, { permissions: {}, scope: "turn" });
    case "item/tool/requestUserInput": {
      const asks = inputQuestion(params);
      return asks === undefined ? declined(method, params, { answers: {} }) : { kind: "asks", ...asks };
    }
    case "execCommandApproval":
    case "applyPatchApproval":
      return declined(method, params, { decision: { denied: { rejection: nobody } } });
    case "mcpServer/elicitation/request":
      return declined(method, params, { action: "decline", content: null, _meta: null });
    case "item/tool/call": {
      const call = toolCallParams.safeParse(params).data;
      return { kind: "uses", tool: call?.tool ?? "unknown", arguments: call?.arguments };
    }
    case "currentTime/read":
      return {
        kind: "answered",
        answer: { result: { currentTimeAt: Math.floor(context.nowMs / 1000) } },
        event: undefined,
      };
    default:
      return undefined;
  }
}

/** As the tool wants the result of one of our own tools. */
export function toolAnswer(text: string, success: boolean): RpcAnswer {
  return { result: { contentItems: [{ type: "inputText", text }], success } };
}

function approval(
  method: string,
  params: unknown,
  context: RequestContext,
  read: (params: unknown, context: RequestContext) => Asks | undefined,
  no: unknown,
): RequestPlan {
  const asks = context.approvals === "never" ? undefined : read(params, context);
  if (asks !== undefined) return { kind: "asks", ...asks };
  return declined(method, params, no, context.approvals === "never" ? nobody : unshown);
}

function declined(method: string, params: unknown, result: unknown, reason = nobody): RequestPlan {
  const asked = approvalParams.safeParse(params).data;
  const command = typeof asked?.command === "string" ? asked.command : undefined;
  const words = [asked?.reason, command].filter((one) => typeof one === "string");
  const request = headOf([method, ...words].join(": "), 1000);
  return {
    kind: "answered",
    answer: { result },
    event: { kind: "policyDecision", request, decision: "declined", reason },
  };
}
