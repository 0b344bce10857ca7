import * as z from "zod/mini";
import type { ArtifactNotes, NotedArtifact } from "../../core/artifactNotes";
import type { AttemptRecord, AttemptStep, PendingEnding } from "../../core/ports/journal";
import type { Question } from "../../core/ports/person";
import type { RunFailureReason, RunOutcome } from "../../core/ports/runtime";
import { usageSchema } from "./outboxSchema";
import { runSchema } from "./runSchema";

const text = z.string();
const maybeText = z.optional(text);

/** Every member of a union, so that the compiler asks for a new one here. */
type All<T extends string> = { readonly [K in T]: K };
const step = z.enum({
  claiming: "claiming",
  preparing: "preparing",
  executing: "executing",
  committing: "committing",
  publishing: "publishing",
  finishing: "finishing",
  ended: "ended",
} satisfies All<AttemptStep>);
const outcome = z.enum({
  running: "running",
  completed: "completed",
  failed: "failed",
  released: "released",
  cancelled: "cancelled",
  abandoned: "abandoned",
  interrupted: "interrupted",
} satisfies All<AttemptRecord["outcome"]>);
const failureReason = z.enum({
  notFound: "notFound",
  wrongVersion: "wrongVersion",
  notSignedIn: "notSignedIn",
  outOfQuota: "outOfQuota",
  modelUnreachable: "modelUnreachable",
  sandboxUnavailable: "sandboxUnavailable",
  keeperUnavailable: "keeperUnavailable",
  startTimeout: "startTimeout",
  turnTimeout: "turnTimeout",
  stalled: "stalled",
  crashed: "crashed",
  protocol: "protocol",
  turnFailed: "turnFailed",
  turnCancelled: "turnCancelled",
} satisfies All<RunFailureReason>);

const ranSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("completed"), finalMessage: maybeText }),
  z.object({ kind: z.literal("failed"), reason: failureReason, message: text }),
]);
const finishSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("complete"), summary: maybeText }),
  z.object({ kind: z.literal("fail"), message: text, reason: text }),
  z.object({ kind: z.literal("release"), reason: text }),
]);
const endingSchema = z.object({
  finish: finishSchema,
  activityId: text,
  byPerson: z.boolean(),
  detail: maybeText,
  fault: z.optional(z.object({ reason: text, message: text })),
});
const artifactsSchema = z.object({
  files: z.array(
    z.object({
      artifactId: text,
      name: text,
      mediaType: text,
      size: z.number(),
      binary: z.boolean(),
      upload: z.enum({
        waiting: "waiting",
        sending: "sending",
        uploaded: "uploaded",
        failed: "failed",
        unknown: "unknown",
      } satisfies All<NotedArtifact["upload"]>),
      fileId: maybeText,
      url: maybeText,
      why: maybeText,
    }),
  ),
  refused: z.array(z.object({ name: text, why: text })),
  unnamed: z.number(),
  reference: text,
  comment: z.enum({
    waiting: "waiting",
    sending: "sending",
    told: "told",
    failed: "failed",
    none: "none",
  } satisfies All<ArtifactNotes["comment"]>),
});
const askedSchema = z.object({
  questionId: text,
  askedAt: z.number(),
  about: z.enum({
    command: "command",
    fileChange: "fileChange",
    permission: "permission",
    question: "question",
  } satisfies All<Question["about"]>),
  what: text,
  where: maybeText,
  why: maybeText,
  forSession: z.boolean(),
  parts: z.array(z.object({ text, options: z.array(text), secret: z.boolean() })),
});
const stored = z.object({
  sessionId: text.check(z.minLength(1)),
  claimId: text,
  title: text,
  startedAt: z.number(),
  step,
  worktreePath: maybeText,
  workingDirectory: maybeText,
  branch: maybeText,
  baseCommit: maybeText,
  baseBranch: maybeText,
  headCommit: maybeText,
  threadId: maybeText,
  provider: maybeText,
  marker: maybeText,
  tries: z.int().check(z.minimum(0)),
  outcome,
  ran: z.optional(ranSchema),
  ending: z.optional(endingSchema),
  endedAt: z.optional(z.number()),
  asked: z.optional(askedSchema),
  used: z.optional(z.array(z.object({ key: text, text: maybeText }))),
  documents: maybeText,
  told: z.optional(z.object({ threadId: text, texts: z.array(text) })),
  detail: maybeText,
  stat: z.optional(z.object({ files: z.number(), added: z.number(), deleted: z.number() })),
  usage: z.optional(usageSchema),
  folders: maybeText,
  artifacts: z.optional(artifactsSchema),
  run: z.optional(runSchema),
  releasedByPerson: z.boolean(),
  archived: z.boolean(),
});

/** One attempt as it lies on the disk; what is undefined is left out there. */
export const recordSchema = z.pipe(stored, z.transform(recordOf));

function recordOf(one: z.infer<typeof stored>): AttemptRecord {
  return {
    sessionId: one.sessionId,
    claimId: one.claimId,
    title: one.title,
    startedAt: one.startedAt,
    step: one.step,
    worktreePath: one.worktreePath,
    workingDirectory: one.workingDirectory,
    branch: one.branch,
    baseCommit: one.baseCommit,
    baseBranch: one.baseBranch,
    headCommit: one.headCommit,
    threadId: one.threadId,
    ...(one.provider !== undefined && { provider: one.provider }),
    marker: one.marker,
    tries: one.tries,
    outcome: one.outcome,
    ran: one.ran && ranOf(one.ran),
    ending: one.ending && endingOf(one.ending),
    endedAt: one.endedAt,
    used: one.used?.map(({ key, text: told }) => ({ key, text: told })),
    asked: one.asked && { ...one.asked, where: one.asked.where, why: one.asked.why },
    documents: one.documents,
    told: one.told,
    detail: one.detail,
    stat: one.stat,
    usage: one.usage,
    folders: one.folders,
    artifacts: one.artifacts,
    run: one.run,
    releasedByPerson: one.releasedByPerson,
    archived: one.archived,
  };
}

function ranOf(ran: z.infer<typeof ranSchema>): RunOutcome {
  return ran.kind === "completed" ? { kind: "completed", finalMessage: ran.finalMessage } : ran;
}

function endingOf({
  finish,
  activityId,
  byPerson,
  detail,
  fault,
}: z.infer<typeof endingSchema>): PendingEnding {
  return {
    finish: finish.kind === "complete" ? { kind: "complete", summary: finish.summary } : finish,
    activityId,
    byPerson,
    detail,
    fault,
  };
}
