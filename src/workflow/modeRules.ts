import type { Session } from "../core/session";

/** What each task mode of a workflow run asks for. The mode comes from the platform, which alone can set it. */
const rules: ReadonlyMap<string, string> = new Map([
  [
    "plan",
    "This step plans. Change no files of the repository. Look at the code, then end with the plan as a Markdown document that somebody else can carry out without asking.",
  ],
  [
    "research",
    "This step finds out. Change no files of the repository. End with what you found as a Markdown document, with the places that show it.",
  ],
  ["code", "This step implements. Leave the change in the files, with its tests, ready to be reviewed."],
  ["execute", "This step carries out the task as it is written. Leave what it changes in the files."],
  [
    "review",
    "This step reviews the work on this branch. Change no files of the repository. Judge it against the task and come to one verdict: approve, feedback or reject. Where it cannot be judged safely, the verdict is reject, with the reason.",
  ],
  [
    "resolve_conflicts",
    "This step resolves the conflicts on this branch. Keep what both sides meant, and change nothing else.",
  ],
]);

/**
 * Undefined for ordinary sessions, and for a mode that is not known: that one is never run. The last lines name mode and
 * branch in the platform's words, for whoever reads a transcript and for the sandbox's scripted model.
 */
export function modeRules(workflow: Session["workflow"]): string | undefined {
  const { taskMode, branchName } = workflow ?? {};
  const text = taskMode === undefined ? undefined : rules.get(taskMode);
  if (text === undefined || taskMode === undefined) return undefined;
  const branch = branchName?.replace(/\s+/g, " ").trim() ?? "";
  return [
    text,
    "",
    `Workflow mode: ${taskMode}`,
    ...(branch === "" ? [] : [`Workflow branch: ${branch}`]),
  ].join("\n");
}
