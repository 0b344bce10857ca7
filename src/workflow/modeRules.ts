import type { Session } from "../core/session";

/** What each task mode of a workflow run asks for. The mode comes from the platform, which alone can set it. */
const rules: ReadonlyMap<string, string> = new Map([
  [
    "plan",
    "This step plans. You cannot change files here. Look at the code, then write the plan as a Markdown document that somebody else can carry out without asking: with the tool `write_document`, or as your last message.",
  ],
  [
    "research",
    "This step finds out. You cannot change files here. Write what you found as a Markdown document, with the places that show it: with the tool `write_document`, or as your last message.",
  ],
  [
    "code",
    "This step implements. Leave the change in the files, with its tests, ready to be reviewed. The worker commits it and publishes the branch.",
  ],
  [
    "execute",
    "This step carries out the task as it is written. Leave what it changes in the files. The worker commits it and publishes the branch.",
  ],
  [
    "review",
    "This step reviews the work on this branch. You cannot change files here. Judge it against the task and come to one verdict: approve, feedback or reject. Tell it, with the reason, with the tool `set_review_verdict`: without that the branch is rejected. Where it cannot be judged safely, the verdict is reject, with the reason. End with the review as a Markdown text.",
  ],
  [
    "resolve_conflicts",
    "This step resolves the conflicts on this branch. A merge of the base branch is begun here, and its conflicts stand in the files between the markers of git. Keep what both sides meant, leave no marker, and change nothing else. The worker commits the merge and publishes the branch.",
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
