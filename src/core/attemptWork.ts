import { messageOf } from "../base/log";
import { asWritten, say } from "../base/words";
import { discard, leave, prepare, whyNotAsNoted } from "./attemptCheckout";
import { afterTool, beforeTool } from "./attemptHooks";
import { shareArtifacts } from "./shareArtifacts";
import { keepUnfinished, keepWork, summaryOf } from "./keepWork";
import { LeaseLost } from "./lease";
import { metadataOf, narrate } from "./narrate";
import type { RunOutcome, RuntimeEvent } from "./ports/runtime";
import { concernsEverySession, WorktreeError, type Worktree } from "./ports/worktrees";
import { confirmAndHandOver, endLook, endOnBranch, endsByLooking, type Looked } from "./runEnd";
import { runWithRetries, type Tried, type Try } from "./retry";
import type { Session } from "./session";
import { StatWatcher } from "./statWatcher";
import { firstLine, plainTitle } from "./text";
import { noteTold, promptFor } from "./turnPrompt";
import {
  StorageError,
  type AttemptFolders,
  type Placed,
  type Prompt,
  type WorkContext,
  type WorkDeps,
  type WorkResult,
} from "./work";

/**
 * The work of one attempt while its claim lives: worktree, coding tool, commit, and for a session of a run what the run needs
 * to go on. Rejects only when the signal aborts (see AttemptAborted) or the claim is lost; everything else is a result.
 */
export async function doWork(deps: WorkDeps, context: WorkContext, signal: AbortSignal): Promise<WorkResult> {
  const { run } = context;
  const worked = await told(deps, context, signal, () => work(deps, context, signal));
  if (!endsByLooking(run?.mode, worked)) return worked;
  if (run === undefined) throw new Error("only a session of a run looks");
  return await told(deps, context, signal, () => endLook(deps, context, run, worked, signal));
}

async function work(deps: WorkDeps, context: WorkContext, signal: AbortSignal): Promise<WorkResult | Looked> {
  const folders = await makeFolders(deps);
  if ("kind" in folders) return folders;
  takeAnswer(context);
  context.change({ kind: "preparing", detail: say("making the worktree") });
  try {
    return await workInWorktree({ ...deps, made: folders }, context, signal);
  } finally {
    await folders.tidy();
  }
}

/** What goes wrong on the way as a result. */
async function told<T>(
  deps: WorkDeps,
  context: WorkContext,
  signal: AbortSignal,
  task: () => Promise<T>,
): Promise<T | Extract<WorkResult, { kind: "failed" }>> {
  signal.throwIfAborted();
  try {
    return await task();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof LeaseLost) throw error;
    if (error instanceof StorageError) return { kind: "failed", reason: "storage", message: error.message };
    if (error instanceof WorktreeError) {
      return {
        kind: "failed",
        reason: concernsEverySession(error) ? "storage" : "git",
        message: error.message,
      };
    }
    deps.log.error("an attempt failed inside the worker", {
      sessionId: context.session.sessionId,
      message: messageOf(error),
    });
    return {
      kind: "failed",
      reason: "internal",
      message: asWritten(
        "The worker itself failed: {0}. What was done is kept in the worktree.",
        messageOf(error),
      ),
    };
  }
}

async function makeFolders(
  deps: WorkDeps,
): Promise<AttemptFolders | Extract<WorkResult, { kind: "failed" }>> {
  try {
    return await deps.folders();
  } catch (error) {
    return {
      kind: "failed",
      reason: "storage",
      message: asWritten(
        "The session's folders could not be made: {0}. Check the disk and the permissions of ~/.one.",
        messageOf(error),
      ),
    };
  }
}

/** A person's answer is used up by this attempt; without one, what was asked is asked again. */
function takeAnswer(context: WorkContext): void {
  const { status, pendingResumeInput } = context.session;
  if (status !== "awaiting_input") return;
  if (pendingResumeInput !== undefined) {
    context.reporter.note({ status: "active", consumedResumeInputId: pendingResumeInput.inputId });
  } else if (context.asked === undefined) context.reporter.note({ status: "active" });
}

/** The session with the answer to what an earlier process asked. */
async function askAgain(context: WorkContext, signal: AbortSignal): Promise<Session> {
  const { asked, session, desk } = context;
  if (asked === undefined || session.pendingResumeInput !== undefined) return session;
  const answer = await desk.ask(asked, signal, asked);
  signal.throwIfAborted();
  const said = answer.kind === "texts" ? answer.texts.join("\n") : "No answer is given.";
  const text = `Question: ${asked.what}\nAnswer: ${said}`;
  return { ...session, pendingResumeInput: { inputId: asked.questionId, text } };
}

async function workIn(
  deps: Placed,
  context: WorkContext,
  worktree: Worktree,
  signal: AbortSignal,
): Promise<WorkResult | Looked> {
  const { change, session, run } = context;
  const outcome = context.ran ?? (await executeBetweenHooks(deps, context, worktree, signal));
  if ("byHook" in outcome) return outcome.byHook;
  // The tool is gone, so nothing runs any more, however long the note takes.
  change({
    kind: "finishing",
    detail: run?.mode.work === "look" ? say("reading what it found") : say("committing"),
  });
  await context.step("committing", { ran: outcome });
  if (run?.mode.work === "look") return await whatItSaw(deps, context, outcome, signal);
  if (outcome.kind === "failed") {
    const notes = await keepUnfinished(deps, context, worktree, signal);
    return { kind: "failed", reason: outcome.reason, message: [outcome.message, ...notes].join(" ") };
  }
  const { finalMessage } = outcome;
  const subject = firstLine(plainTitle(session.title), 72);
  const committed = await keepWork(deps, context, worktree, subject, signal);
  const shared = await shareArtifacts(deps, context, deps.made.artifacts, signal);
  const documents = context.documents() ?? "";
  const kept = { ...committed, notes: [...committed.notes, ...shared, documents] };
  if (run !== undefined) {
    return await endOnBranch(deps, context, run, worktree, { ...kept, finalMessage }, signal);
  }
  return { kind: "done", summary: summaryOf(finalMessage, worktree, kept) };
}

/** Nothing is taken from the checkout of a session that only looks. */
async function whatItSaw(
  deps: Placed,
  context: WorkContext,
  outcome: RunOutcome,
  signal: AbortSignal,
): Promise<WorkResult | Looked> {
  if (outcome.kind === "failed") return outcome;
  const notes = await shareArtifacts(deps, context, deps.made.artifacts, signal);
  return { kind: "looked", finalMessage: outcome.finalMessage, notes };
}

/** The tool's own end, or why the attempt ended before or after it. */
async function executeBetweenHooks(
  deps: Placed,
  context: WorkContext,
  worktree: Worktree,
  signal: AbortSignal,
): Promise<RunOutcome | { readonly byHook: WorkResult }> {
  const before = await beforeTool(deps, context, worktree, signal);
  if (before !== undefined) return { byHook: before };
  const outcome = await execute(deps, context, worktree, signal);
  const after = await afterTool(deps, context, worktree, signal);
  return after === undefined ? outcome : { byHook: after };
}

async function execute(
  deps: Placed,
  context: WorkContext,
  worktree: Worktree,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const { tries, resumeThreadId, interrupted } = context;
  const { maxRetryAttempts } = deps.config;
  const session = await askAgain(context, signal);
  return await runWithRetries(
    {
      clock: deps.clock,
      maxRetries: maxRetryAttempts,
      start: async (one) => {
        context.change({ kind: "preparing", detail: say("starting the coding tool") });
        await context.step("executing", { tries: one.number, folders: deps.made.id, asked: undefined });
        const prompt = await promptFor(deps, context, session, worktree, one);
        return await runTool(deps, context, worktree, prompt, one, signal);
      },
      onRetry: async (failed, next, waitMs) => {
        const seconds = Math.round(waitMs / 1000);
        context.change({ kind: "preparing", detail: say("retrying in {0} s", seconds) });
        context.reporter.tell(
          "progress",
          `Try ${next.number - 1} of ${maxRetryAttempts + 1} failed: ${failed.message} It is tried again in ${seconds} s.`,
        );
        // The count is noted before the wait: a process that dies in it goes on with the next try.
        await context.record({ tries: next.number });
      },
    },
    { number: Math.max(1, tries), resumeThreadId, interrupted },
    signal,
  );
}

/** Lets go of the checkout, however the work ended. */
async function workInWorktree(
  deps: Placed,
  context: WorkContext,
  signal: AbortSignal,
): Promise<WorkResult | Looked> {
  const { run, ran, leftAt } = context;
  if (run?.mode.work === "look" && ran !== undefined) {
    const seen = await whatItSaw(deps, context, ran, signal);
    await discard(deps, context, leftAt, signal);
    return seen;
  }
  // What follows a push needs no checkout, which another session may have by now.
  if (run?.log.notes.pushed !== undefined) return await confirmAndHandOver(deps, context, run.log, signal);
  const differs = await whyNotAsNoted(deps, context, signal);
  if (differs !== undefined) return { kind: "failed", reason: "git", message: differs };
  const worktree = await prepare(deps, context, signal);
  try {
    const worked = await workIn(deps, context, worktree, signal);
    if (worktree.detached === true) await discard(deps, context, worktree.path, signal);
    return worked;
  } finally {
    await leave(deps, context, worktree);
  }
}

async function runTool(
  deps: Placed,
  context: WorkContext,
  worktree: Worktree,
  prompt: Prompt,
  one: Try,
  signal: AbortSignal,
): Promise<Tried> {
  const { config } = deps;
  let threadId: string | undefined;
  const stats = new StatWatcher({
    clock: deps.clock,
    log: deps.log,
    count: (inner) => deps.worktrees.diffStat(worktree, inner),
    onStat: (stat) => context.change({ kind: "stat", stat }),
  });
  try {
    const outcome = await deps.runtime.run(
      {
        sessionId: context.session.sessionId,
        provider: config.runtime.provider,
        workingDirectory: worktree.workingDirectory,
        trustedInstructions: prompt.trustedInstructions,
        untrustedInput: prompt.untrustedInput,
        inputAnew: prompt.inputAnew,
        policy: config.policy,
        command: config.runtime.command,
        model: config.runtime.model,
        effort: config.runtime.effort,
        environmentNames: config.runtime.environment,
        workerName: deps.workerName,
        marker: context.marker,
        artifactsDirectory: deps.made.artifacts.path,
        turnTimeoutMs: config.runtime.turnTimeoutMs,
        stallTimeoutMs: config.runtime.stallTimeoutMs,
        resumeThreadId: one.resumeThreadId,
        workKey: workKeyOf(context.session),
        ask: (question, inner) => context.desk.ask(question, inner),
        useTool: context.useTool,
      },
      (event) => {
        if (event.kind === "threadStarted") threadId = event.threadId;
        if (event.kind === "turnStarted" && threadId !== undefined) {
          void noteTold(context, one, threadId, prompt);
        }
        hear(deps, context, metered(context, withRelativePaths(event, worktree.path)));
        const mayChange = event.kind === "filesChanged" || event.kind === "commandCompleted";
        // What differs from the base in a checkout that is only looked at is others' work.
        if (mayChange && worktree.detached !== true) stats.look(signal);
      },
      signal,
    );
    // It runs no more, however long the last count takes.
    context.change({ kind: "finishing", detail: say("looking at what changed") });
    return { outcome, threadId };
  } finally {
    await stats.settled();
  }
}

/** A thread holds the work of one session, and what a person answered in between; new work begins a new thread. */
function workKeyOf({ sessionId, pendingResumeInput }: Session): string {
  return pendingResumeInput?.inputId ?? sessionId;
}

/** Files are named as the repository names them, never by a path of this machine. */
function withRelativePaths(event: RuntimeEvent, root: string): RuntimeEvent {
  if (event.kind !== "filesChanged") return event;
  const inside = (path: string): boolean => path.startsWith(`${root}/`) || path.startsWith(`${root}\\`);
  const files = event.files.map((file) =>
    inside(file.path) ? { ...file, path: file.path.slice(root.length + 1) } : file,
  );
  return { ...event, files };
}

function metered({ meter }: WorkContext, event: RuntimeEvent): RuntimeEvent {
  if (event.kind === "threadStarted") meter.thread(event.threadId);
  return event.kind === "usage" ? { ...event, usage: meter.take(event.usage) } : event;
}

function hear(deps: WorkDeps, context: WorkContext, event: RuntimeEvent): void {
  const { provider } = deps.config.runtime;
  context.change({ kind: "runtime", event, at: deps.clock.now(), provider });
  const narration = narrate(event);
  if (narration !== undefined) context.reporter.tell(narration.type, narration.text);
  const metadata = metadataOf(event);
  if (metadata !== undefined) context.reporter.note(metadata);
  if (event.kind === "threadStarted") {
    context.record({ threadId: event.threadId, provider }).catch((error: unknown) => {
      deps.log.warn("the thread id could not be stored", {
        sessionId: context.session.sessionId,
        message: messageOf(error),
      });
    });
  }
}
