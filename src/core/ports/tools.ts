import type { ReviewVerdict } from "../session";

/** A call of one of the worker's own tools by the model, checked. All texts are untrusted. */
export type ToolCall =
  | { readonly tool: "report_progress"; readonly message: string }
  | { readonly tool: "request_input"; readonly question: string; readonly options: readonly string[] }
  | {
      readonly tool: "delegate_work";
      readonly prompt: string;
      readonly title: string | undefined;
      readonly targetWorkerId: string | undefined;
      readonly targetGroupId: string | undefined;
    }
  | { readonly tool: "set_review_verdict"; readonly verdict: ReviewVerdict; readonly reason: string }
  | { readonly tool: "write_document"; readonly title: string; readonly content: string };

/** What the model is told. `ok` is false where nothing was done. */
export interface ToolResult {
  readonly ok: boolean;
  readonly text: string;
}

/** A call that does something once, in the session's record. */
export interface UsedTool {
  readonly key: string;
  /** What the model was told; undefined while it is not known whether it was done. */
  readonly text: string | undefined;
}

/**
 * Carries a call out. Never rejects: what cannot be done is told.
 * @param key the same for calls that say the same, in every process.
 */
export type UseTool = (call: ToolCall, key: string, signal: AbortSignal) => Promise<ToolResult>;
