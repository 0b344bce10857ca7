import * as z from "zod/mini";
import type { MappedRule } from "./mappedRules";

/** One line of a run's results, as scripts/mochaResults.cjs writes it. */
const result = z.object({
  state: z.enum(["passed", "failed", "skipped"]),
  /** The test's own title, without its suites'. */
  own: z.optional(z.string()),
  /** Where it stands, relative to the project with forward slashes. */
  file: z.optional(z.string()),
});
export type TestRun = z.infer<typeof result>;

export type Verdict =
  | { readonly kind: "passed"; readonly runs: number }
  | { readonly kind: "failed" | "skipped" | "not run"; readonly test: string }
  | { readonly kind: "does not apply"; readonly reason: string };

/** Lines that are no results of tests, such as the end of a process, are left out. */
export function readRuns(text: string): readonly TestRun[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .flatMap((line) => {
      const { data } = z.safeParse(result, JSON.parse(line) as unknown);
      return data?.own === undefined ? [] : [data];
    });
}

/** What a run says of a rule: each of its tests must have run, and each of their runs must have passed. */
export function verdictOf(rule: MappedRule, runs: readonly TestRun[]): Verdict {
  if ("doesNotApply" in rule) return { kind: "does not apply", reason: rule.doesNotApply };
  let count = 0;
  for (const test of rule.tests) {
    const [file = "", title = ""] = test.split(" › ", 2);
    const pattern = patternOf(title);
    const found = runs.filter((one) => isOf(one, file) && pattern.test(one.own ?? ""));
    if (found.length === 0) return { kind: "not run", test };
    for (const state of ["failed", "skipped"] as const) {
      if (found.some((one) => one.state === state)) return { kind: state, test };
    }
    count += found.length;
  }
  return { kind: "passed", runs: count };
}

/** Tests inside the editor run from a bundle, so that their title alone tells them. */
function isOf(run: TestRun, file: string): boolean {
  if (file.startsWith("host/suite/")) return true;
  return run.file === `test/${file}`;
}

/** `…` stands for what a title computes. */
function patternOf(title: string): RegExp {
  const parts = title.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "su");
}
