import { createHash } from "node:crypto";
import * as z from "zod/mini";
import type { ToolCall } from "../core/ports/tools";
import { toolSchemas } from "./toolSchemas";

/** A tool as the model sees it. */
interface ToolSpec {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of its arguments. */
  readonly inputSchema: object;
}

const text = (most: number) => z.string().check(z.trim(), z.minLength(1), z.maxLength(most));
const id = z.string().check(z.minLength(1), z.maxLength(200));

const reportProgress = z.strictObject({ message: text(4000) });
const requestInput = z.strictObject({
  question: text(4000),
  options: z.optional(z.array(text(300)).check(z.maxLength(10))),
});
const delegateWork = z.strictObject({
  prompt: text(100_000),
  title: z.optional(text(300)),
  target_worker_id: z.optional(id),
  target_group_id: z.optional(id),
});
const setReviewVerdict = z.strictObject({
  verdict: z.enum(["approve", "feedback", "reject"]),
  reason: text(4000),
});
const writeDocument = z.strictObject({ title: text(300), content: text(500_000) });

/** By tool, what reads its arguments. */
export const toolArguments: Readonly<Record<ToolCall["tool"], z.ZodMiniType>> = {
  report_progress: reportProgress,
  request_input: requestInput,
  delegate_work: delegateWork,
  set_review_verdict: setReviewVerdict,
  write_document: writeDocument,
};

interface Tool {
  readonly description: string;
  /** Throws what zod throws. */
  readonly read: (given: unknown) => ToolCall;
}

const tools: Readonly<Record<ToolCall["tool"], Tool>> = {
  report_progress: {
    description: "Tells the people who follow this session what you are doing, in a sentence or two.",
    read: (given) => ({ tool: "report_progress", ...reportProgress.parse(given) }),
  },
  request_input: {
    description:
      "Asks a person a question and waits for the answer, which may take long. Only for what you cannot find out or decide yourself.",
    read: (given) => {
      const { question, options } = requestInput.parse(given);
      return { tool: "request_input", question, options: options ?? [] };
    },
  },
  delegate_work: {
    description:
      "In a workflow run: hands work to another agent. Give one target, or none for the run's next one.",
    read: (given) => {
      const { prompt, title, target_worker_id, target_group_id } = delegateWork.parse(given);
      return {
        tool: "delegate_work",
        prompt,
        title,
        targetWorkerId: target_worker_id,
        targetGroupId: target_group_id,
      };
    },
  },
  set_review_verdict: {
    description: "In a review step of a workflow run: sets its verdict.",
    read: (given) => ({ tool: "set_review_verdict", ...setReviewVerdict.parse(given) }),
  },
  write_document: {
    description: "Writes a Markdown document to the task of this session, such as a plan or a review.",
    read: (given) => ({ tool: "write_document", ...writeDocument.parse(given) }),
  },
};

function isTool(name: string): name is ToolCall["tool"] {
  return Object.hasOwn(tools, name);
}

/** What is offered to the model. */
export function toolSpecs(): readonly ToolSpec[] {
  return Object.keys(tools)
    .filter(isTool)
    .map((name) => ({ name, description: tools[name].description, inputSchema: toolSchemas[name] }));
}

/** The call, checked, with a key that calls which say the same share; or what is wrong with it, in words for the model. */
export function readToolCall(
  name: string,
  given: unknown,
): { readonly call: ToolCall; readonly key: string } | { readonly wrong: string } {
  if (!isTool(name)) return { wrong: `There is no tool named ${name.slice(0, 100)}.` };
  // Its error is asked for, not caught: naming the class would bring all of the library's languages along.
  const { error } = toolArguments[name].safeParse(given);
  if (error !== undefined) {
    const said = error.issues
      .slice(0, 5)
      .map((one) => `${one.path.join(".") || "arguments"}: ${wordsOf(one)}`);
    return { wrong: `The arguments of ${name} do not fit, and nothing was done. ${said.join("; ")}.` };
  }
  const call = tools[name].read(given);
  return { call, key: createHash("sha256").update(JSON.stringify(call)).digest("hex").slice(0, 32) };
}

/** The library's own words are a megabyte of languages away. */
function wordsOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `it has to be there and of the type ${issue.expected}`;
    case "too_small":
      return "it is empty";
    case "too_big":
      return `it is longer than ${issue.maximum}`;
    case "unrecognized_keys":
      return `it knows no ${issue.keys.map((key) => key.slice(0, 50)).join(", ")}`;
    case "invalid_value":
      return `it has to be one of ${issue.values.map(String).join(", ")}`;
    default:
      return "it does not fit";
  }
}
