import type { ToolCall } from "../core/ports/tools";

const text = (maxLength: number) => ({ type: "string", minLength: 1, maxLength }) as const;

function record(required: readonly string[], properties: Readonly<Record<string, object>>): object {
  return { type: "object", properties, required, additionalProperties: false };
}

/**
 * The arguments of each tool as JSON Schema, for the model. By hand, since the library's own conversion brings 400 kB of
 * languages along; a test holds them against the schemas that read the calls.
 */
export const toolSchemas: Readonly<Record<ToolCall["tool"], object>> = {
  report_progress: record(["message"], { message: text(4000) }),
  request_input: record(["question"], {
    question: text(4000),
    options: { type: "array", items: text(300), maxItems: 10 },
  }),
  delegate_work: record(["prompt"], {
    prompt: text(100_000),
    title: text(300),
    target_worker_id: text(200),
    target_group_id: text(200),
  }),
  set_review_verdict: record(["verdict", "reason"], {
    verdict: { type: "string", enum: ["approve", "feedback", "reject"] },
    reason: text(4000),
  }),
  write_document: record(["title", "content"], { title: text(300), content: text(500_000) }),
};
