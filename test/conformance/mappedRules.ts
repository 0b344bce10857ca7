import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import * as z from "zod/mini";

const rule = z.union([
  z.strictObject({
    section: z.optional(z.string()),
    rule: z.string(),
    tests: z.array(z.string()).check(z.minLength(1)),
  }),
  z.strictObject({ section: z.optional(z.string()), rule: z.string(), doesNotApply: z.string() }),
]);

/** A rule with the tests that hold it, each as `file › title`, or the reason why it does not apply. */
export type MappedRule = z.infer<typeof rule>;

/** The rules of one page, as this folder's YAML maps them. */
export function mappedRules(page: "contract" | "symphony"): readonly MappedRule[] {
  const text = readFileSync(join(import.meta.dirname, `${page}.yaml`), "utf8");
  return z.parse(z.array(rule), parse(text));
}
