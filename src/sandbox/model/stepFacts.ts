import * as z from "zod/mini";
import { stepLines, type StepFacts } from "../stepLines";
import type { ModelRequest } from "./conversation";

const contentSchema = z.array(z.looseObject({ text: z.optional(z.string()) }));

/** Only what has the developer's role is looked at: nothing that a person or a repository wrote comes in under it. */
export function stepFacts(request: ModelRequest): StepFacts {
  const texts = request.input
    .filter((one) => one.role === "developer")
    .flatMap((one) => contentSchema.safeParse(one["content"]).data ?? [])
    .flatMap((one) => one.text ?? []);
  return stepLines(texts);
}
