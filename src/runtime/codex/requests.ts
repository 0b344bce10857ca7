import type { RuntimeEvent } from "../../core/ports/runtime";
import { headOf } from "../textTail";
import type { RpcAnswer } from "../jsonRpc";
import { approvalParams, toolCallParams } from "./protocol";

export interface RequestDecision {
  readonly answer: RpcAnswer;
  readonly event: RuntimeEvent | undefined;
}

const nobody = "Nobody is asked during a run: the owner's policy answers every request with no.";

/**
 * The policy's answer to a request of the app-server. Every request is answered, so that no turn hangs on one; nothing
 * that needs a person is ever granted. Undefined for a method that is not known. Pure.
 */
export function decide(method: string, params: unknown, nowMs: number): RequestDecision | undefined {
  switch (method) {
    case "item/commandExecution/requestApproval":
    case "item/fileChange/requestApproval":
      return declined(method, params, { decision: "decline" });
    case "item/permissions/requestApproval":
      return declined(method, params, { permissions: {}, scope: "turn" });
    case "execCommandApproval":
    case "applyPatchApproval":
      return declined(method, params, { decision: { denied: { rejection: nobody } } });
    case "mcpServer/elicitation/request":
      return declined(method, params, { action: "decline", content: null, _meta: null });
    case "item/tool/requestUserInput":
      return declined(method, params, { answers: {} });
    case "item/tool/call": {
      const tool = toolCallParams.safeParse(params).data?.tool ?? "unknown";
      const text = `There is no tool named ${headOf(tool, 100)}.`;
      return {
        answer: { result: { contentItems: [{ type: "inputText", text }], success: false } },
        event: undefined,
      };
    }
    case "currentTime/read":
      return { answer: { result: { currentTimeAt: Math.floor(nowMs / 1000) } }, event: undefined };
    default:
      return undefined;
  }
}

function declined(method: string, params: unknown, result: unknown): RequestDecision {
  const asked = approvalParams.safeParse(params).data;
  const command = typeof asked?.command === "string" ? asked.command : undefined;
  const words = [asked?.reason, command].filter((one) => typeof one === "string");
  const request = headOf([method, ...words].join(": "), 1000);
  return {
    answer: { result },
    event: { kind: "policyDecision", request, decision: "declined", reason: nobody },
  };
}
