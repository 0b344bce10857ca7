import * as z from "zod/mini";
import { mostBeats } from "../core/beatHistory";
import type { WindowCommand } from "../core/ports/windowLink";
import type { RunView } from "../core/runView";
import type { SessionView, WorkerPhase, WorkerState } from "../core/state";
import { clip } from "../core/text";

/** Longest line of a command, and of what the owner sends, bytes. */
export const commandBytes = 256_000;
export const stateBytes = 1_000_000;
/** Sessions that are shown in other windows; those that run come first. */
export const mostSessions = 200;

const texts = { id: 500, line: 500, sentence: 2000, path: 4096, question: 16_000 };
const recent = 20;
const planSteps = 100;
const questionsShown = 20;
const questionParts = 10;
const questionOptions = 10;
const mostArtifacts = 50;

/** JSON has no `undefined`: it travels as null, and what an older window leaves out is undefined as well. */
function maybe<T extends z.ZodMiniType>(schema: T) {
  return z.pipe(
    z.nullish(schema),
    z.transform((value) => value ?? undefined),
  );
}
/** What an older window leaves out is an empty list. */
function listed<T extends z.ZodMiniType>(schema: T) {
  return z.pipe(
    z.nullish(z.array(schema).check(z.maxLength(questionsShown))),
    z.transform((value) => value ?? []),
  );
}
const text = (limit: number): z.ZodMiniString => z.string().check(z.maxLength(limit));
const id = z.string().check(z.minLength(1), z.maxLength(texts.id));
const count = z.number();

const usage = z.object({
  inputTokens: count,
  cachedInputTokens: count,
  outputTokens: count,
  reasoningOutputTokens: count,
  totalTokens: count,
  contextWindow: maybe(count),
});

const artifact = z.object({
  artifactId: maybe(id),
  name: text(texts.line),
  size: maybe(count),
  mediaType: maybe(text(texts.line)),
  state: z.enum(["waiting", "sending", "uploaded", "failed", "unknown", "refused"]),
  why: maybe(text(texts.line)),
  url: maybe(text(texts.path)),
});

const target = z.object({
  targetWorkerId: maybe(text(texts.line)),
  targetGroupId: maybe(text(texts.line)),
});
const run = z.object({
  runId: id,
  stepId: maybe(text(texts.line)),
  mode: maybe(text(texts.line)),
  branch: maybe(text(texts.line)),
  verdict: maybe(z.enum(["approve", "feedback", "reject"])),
  push: z.enum(["none", "pushed", "confirmed"]),
  parentId: maybe(text(texts.line)),
  childId: maybe(text(texts.line)),
  nextTarget: maybe(target),
  missing: maybe(text(texts.sentence)),
  movedOn: maybe(z.literal(true)),
});

const session = z.object({
  sessionId: id,
  title: text(texts.line),
  phase: z.enum([
    "listed",
    "claiming",
    "preparing",
    "running",
    "finishing",
    "awaitingInput",
    "interrupted",
    "complete",
    "failed",
    "cancelled",
    "released",
    "claimLost",
    "elsewhere",
  ]),
  createdAt: count,
  startedAt: maybe(count),
  endedAt: maybe(count),
  detail: maybe(text(texts.sentence)),
  branch: maybe(text(texts.line)),
  worktreePath: maybe(text(texts.path)),
  baseCommit: maybe(text(texts.line)),
  threadId: maybe(text(texts.line)),
  provider: maybe(text(texts.line)),
  model: maybe(text(texts.line)),
  externalUrl: maybe(text(texts.path)),
  plan: z
    .array(z.object({ text: text(texts.line), status: z.enum(["pending", "inProgress", "completed"]) }))
    .check(z.maxLength(planSteps)),
  liveStep: maybe(text(texts.line)),
  liveSince: maybe(count),
  questions: listed(
    z.object({
      questionId: id,
      askedAt: count,
      about: z.enum(["command", "fileChange", "permission", "question"]),
      what: text(texts.question),
      where: maybe(text(texts.line)),
      why: maybe(text(texts.sentence)),
      forSession: z.boolean(),
      parts: z
        .array(
          z.object({
            text: text(texts.sentence),
            options: z.array(text(texts.line)).check(z.maxLength(questionOptions)),
            secret: z.boolean(),
          }),
        )
        .check(z.maxLength(questionParts)),
    }),
  ),
  activities: z
    .array(
      z.object({
        activityId: id,
        type: z.enum([
          "progress",
          "plan",
          "url",
          "completion",
          "failure",
          "policy",
          "release",
          "cancellation",
        ]),
        message: text(texts.sentence),
        at: count,
      }),
    )
    .check(z.maxLength(recent)),
  usage: maybe(usage),
  // An older window says nothing of them.
  artifacts: z._default(z.array(artifact).check(z.maxLength(mostArtifacts)), []),
  stat: maybe(z.object({ files: count, added: count, deleted: count })),
  leaseEndsAt: maybe(count),
  claimable: z.boolean(),
  releasedByPerson: z.boolean(),
  archived: z.boolean(),
  workflow: maybe(run),
});

const phase = z.discriminatedUnion("kind", [
  z.object({
    kind: z.enum(["stopped", "starting", "online", "paused", "stopping", "signedOut", "untrusted"]),
  }),
  z.object({ kind: z.enum(["rejected", "noRepository"]), message: text(texts.sentence) }),
]);

const worker = z.object({
  phase,
  agentName: maybe(text(texts.line)),
  workspaceName: maybe(text(texts.line)),
  workerName: maybe(text(texts.line)),
  fault: maybe(
    z.object({
      ...{ reason: text(texts.line), message: text(texts.sentence), since: count },
      provider: maybe(text(texts.line)),
    }),
  ),
  lastBeatAt: maybe(count),
  lastBeatError: maybe(text(texts.sentence)),
  beatsFromMain: z.boolean(),
  // An older window says nothing of them.
  beats: z._default(
    z
      .array(z.object({ at: count, kind: z.enum(["accepted", "late", "failed"]) }))
      .check(z.maxLength(mostBeats)),
    [],
  ),
  lastPollAt: maybe(count),
  lastPollError: maybe(text(texts.sentence)),
  nextPollAt: maybe(count),
  maxConcurrentSessions: count,
  maxActiveExecutions: count,
});

/** What the owner sends. A state comes in several lines where it is long; `whole` stands in the last one. */
export const ownerMessage = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("state"),
    worker: maybe(worker),
    changed: z.array(z.unknown()),
    removed: z.array(id),
    whole: z.boolean(),
  }),
  z.object({ kind: z.literal("alive") }),
  z.object({ kind: z.literal("done"), id: count, text: text(texts.path) }),
  z.object({ kind: z.literal("failed"), id: count, message: text(texts.sentence) }),
]);
export type OwnerMessage = z.input<typeof ownerMessage>;

const sessionId = id;
const answer = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("decision"),
    decision: z.enum(["approve", "approveForSession", "deny", "cancel"]),
    guidance: maybe(text(10_000)),
  }),
  z.object({ kind: z.literal("texts"), texts: z.array(text(10_000)).check(z.maxLength(questionParts)) }),
  z.object({ kind: z.literal("input"), text: text(10_000) }),
]);
const command = z.discriminatedUnion("kind", [
  z.object({ kind: z.enum(["start", "stop", "pause", "resume", "restart", "signOut"]) }),
  z.object({ kind: z.enum(["claim", "release", "publishBranch", "archive"]), sessionId }),
  z.object({ kind: z.literal("fail"), sessionId, reason: text(10_000) }),
  z.object({
    kind: z.literal("delegate"),
    sessionId,
    work: z.object({
      prompt: text(100_000),
      title: maybe(text(300)),
      targetWorkerId: maybe(text(texts.id)),
      targetGroupId: maybe(text(texts.id)),
    }),
  }),
  z.object({ kind: z.literal("answer"), sessionId, questionId: maybe(id), answer }),
]);
const viewerMessage = z.object({ id: z.int(), command: z.unknown() });

export type ViewerMessage =
  | { readonly id: number; readonly command: WindowCommand }
  /** A command that this version does not know, or with something in it that is not allowed. */
  | { readonly id: number; readonly command: undefined };

/** @throws when the line is no message at all. */
export function parseViewerMessage(line: string): ViewerMessage {
  const json: unknown = JSON.parse(line);
  const message = viewerMessage.parse(json);
  const parsed = command.safeParse(message.command);
  return { id: message.id, command: parsed.success ? parsed.data : undefined };
}

/** Undefined for a session that a window of another version sends in another shape. */
export function parseSession(value: unknown): SessionView | undefined {
  const parsed = session.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

/** The worker's part of a state, sessions left out, no longer than it may be. */
export function workerOf(state: WorkerState): z.input<typeof worker> {
  const { sessions: _sessions, phase: shown, fault, ...rest } = state;
  return {
    ...rest,
    beats: [...rest.beats],
    phase: phaseOf(shown),
    lastBeatError: clipped(rest.lastBeatError, texts.sentence),
    lastPollError: clipped(rest.lastPollError, texts.sentence),
    agentName: clipped(rest.agentName, texts.line),
    workspaceName: clipped(rest.workspaceName, texts.line),
    workerName: clipped(rest.workerName, texts.line),
    fault:
      fault === undefined
        ? undefined
        : {
            ...fault,
            reason: clip(fault.reason, texts.line),
            message: clip(fault.message, texts.sentence),
            provider: fitting(fault.provider, texts.line),
          },
  };
}

function phaseOf(shown: WorkerPhase): z.input<typeof phase> {
  switch (shown.kind) {
    case "rejected":
    case "noRepository":
      return { kind: shown.kind, message: clip(shown.message, texts.sentence) };
    case "otherWindow":
    case "notConfigured":
      // Between two owners: what it is, is told next.
      return { kind: "starting" };
    default:
      return { kind: shown.kind };
  }
}

/** A session's row, no longer than it may be. */
export function sessionOf(view: SessionView): SessionView {
  return {
    ...view,
    title: clip(view.title, texts.line),
    detail: clipped(view.detail, texts.sentence),
    branch: fitting(view.branch, texts.line),
    worktreePath: fitting(view.worktreePath, texts.path),
    baseCommit: fitting(view.baseCommit, texts.line),
    threadId: fitting(view.threadId, texts.line),
    provider: fitting(view.provider, texts.line),
    model: clipped(view.model, texts.line),
    externalUrl: fitting(view.externalUrl, texts.path),
    plan: view.plan
      .slice(0, planSteps)
      .map((step) => ({ text: clip(step.text, texts.line), status: step.status })),
    liveStep: clipped(view.liveStep, texts.line),
    questions: view.questions.slice(0, questionsShown).map((one) => ({
      ...one,
      what: clip(one.what, texts.question),
      where: clipped(one.where, texts.line),
      why: clipped(one.why, texts.sentence),
      parts: one.parts.slice(0, questionParts).map((part) => ({
        ...part,
        text: clip(part.text, texts.sentence),
        options: part.options.slice(0, questionOptions).map((option) => clip(option, texts.line)),
      })),
    })),
    artifacts: view.artifacts.slice(0, mostArtifacts).map((one) => ({
      ...one,
      name: clip(one.name, texts.line),
      why: clipped(one.why, texts.line),
      url: fitting(one.url, texts.path),
    })),
    activities: view.activities
      .slice(-recent)
      .map((one) => ({ ...one, message: clip(one.message, texts.sentence) })),
    ...(view.workflow === undefined ? {} : { workflow: runOf(view.workflow) }),
  };
}

/** A run whose id does not fit is none that could be told from another one. */
function runOf(view: RunView): RunView | undefined {
  if (view.runId === "" || view.runId.length > texts.id) return undefined;
  const { nextTarget } = view;
  return {
    ...view,
    stepId: fitting(view.stepId, texts.line),
    mode: clipped(view.mode, texts.line),
    branch: fitting(view.branch, texts.line),
    parentId: fitting(view.parentId, texts.line),
    childId: fitting(view.childId, texts.line),
    missing: clipped(view.missing, texts.sentence),
    nextTarget:
      nextTarget === undefined
        ? undefined
        : {
            targetWorkerId: fitting(nextTarget.targetWorkerId, texts.line),
            targetGroupId: fitting(nextTarget.targetGroupId, texts.line),
          },
  };
}

/** The longest message that a failed command may have. */
export function clippedMessage(message: string): string {
  return clip(message, texts.sentence);
}

function clipped(value: string | undefined, limit: number): string | undefined {
  return value === undefined ? undefined : clip(value, limit);
}

/** A path or a name that is cut off is another one: rather none. */
function fitting(value: string | undefined, limit: number): string | undefined {
  return value !== undefined && value.length <= limit ? value : undefined;
}
