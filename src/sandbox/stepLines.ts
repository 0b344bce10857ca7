/** What the worker says about a workflow step in its own instructions. Both are undefined outside of a run. */
export interface StepFacts {
  readonly mode: string | undefined;
  readonly branch: string | undefined;
}

/**
 * Reads the lines `Workflow mode: …` and `Workflow branch: …`. The last of each counts: the worker writes its own below
 * what others may have written.
 */
export function stepLines(instructions: readonly string[]): StepFacts {
  const lineOf = (name: "mode" | "branch"): string | undefined => {
    const line = new RegExp(`^Workflow ${name}: (.+)$`, "gm");
    return instructions.flatMap((one) => [...one.matchAll(line)].map((match) => match[1]?.trim())).at(-1);
  };
  return { mode: lineOf("mode"), branch: lineOf("branch") };
}
