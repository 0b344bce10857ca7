import * as z from "zod/mini";
import type { ModelRequest } from "./conversation";

/** What the worker says about a workflow step. Both are undefined outside of a run. */
export interface StepFacts {
  readonly mode: string | undefined;
  readonly branch: string | undefined;
}

const contentSchema = z.array(z.looseObject({ text: z.optional(z.string()) }));

/**
 * Reads the lines `Workflow mode: …` and `Workflow branch: …` of the instructions, which the worker writes itself. Only
 * what has the developer's role is looked at: nothing that a person or a repository wrote comes in under it.
 */
export function stepFacts(request: ModelRequest): StepFacts {
  const texts = request.input
    .filter((one) => one.role === "developer")
    .flatMap((one) => contentSchema.safeParse(one["content"]).data ?? [])
    .flatMap((one) => one.text ?? []);
  return { mode: lineOf(texts, "mode"), branch: lineOf(texts, "branch") };
}

/** The last one counts: the worker writes its own below what others may have written. */
function lineOf(texts: readonly string[], name: "mode" | "branch"): string | undefined {
  const line = new RegExp(`^Workflow ${name}: (.+)$`, "gm");
  return texts.flatMap((one) => [...one.matchAll(line)].map((match) => match[1]?.trim())).at(-1);
}
