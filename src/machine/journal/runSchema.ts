import * as z from "zod/mini";
import type { RunNotes } from "../../core/runNotes";

const text = z.string();
const maybeText = z.optional(text);
const target = { targetWorkerId: maybeText, targetGroupId: maybeText };
const verdict = z.enum(["approve", "feedback", "reject"]);

const stored = z.object({
  runId: maybeText,
  stepId: maybeText,
  mode: maybeText,
  branch: maybeText,
  parentId: maybeText,
  nextTarget: z.optional(z.object(target)),
  pushed: z.optional(z.object({ commit: text, remote: text })),
  confirmed: z.boolean(),
  summary: maybeText,
  verdict: z.optional(z.object({ verdict, reason: text, accepted: z.boolean() })),
  document: z.optional(z.object({ reference: text, state: z.enum(["writing", "written", "inSummary"]) })),
  modelWrote: z.boolean(),
  writing: z.optional(z.object({ title: text, content: text })),
  kept: maybeText,
  words: z.optional(z.object({ prompt: text, title: maybeText })),
  delegated: z.array(z.object({ ...target, sessionId: text })),
  child: z.optional(z.union([z.literal("creating"), z.object({ sessionId: maybeText })])),
});

/** What is noted of a session of a workflow run; what is undefined is left out on the disk. */
export const runSchema = z.pipe(stored, z.transform(notesOf));

function notesOf(one: z.infer<typeof stored>): RunNotes {
  const { nextTarget, child, words } = one;
  return {
    runId: one.runId,
    stepId: one.stepId,
    mode: one.mode,
    branch: one.branch,
    parentId: one.parentId,
    nextTarget: nextTarget && targetOf(nextTarget),
    pushed: one.pushed,
    confirmed: one.confirmed,
    summary: one.summary,
    verdict: one.verdict,
    document: one.document,
    modelWrote: one.modelWrote,
    ...(one.writing && { writing: one.writing }),
    kept: one.kept,
    words: words && { prompt: words.prompt, title: words.title },
    delegated: one.delegated.map((each) => ({ ...targetOf(each), sessionId: each.sessionId })),
    child: typeof child === "object" ? { sessionId: child.sessionId } : child,
  };
}

function targetOf(one: {
  targetWorkerId?: string | undefined;
  targetGroupId?: string | undefined;
}): NonNullable<RunNotes["nextTarget"]> {
  return { targetWorkerId: one.targetWorkerId, targetGroupId: one.targetGroupId };
}
