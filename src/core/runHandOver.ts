import { untilAborted } from "../base/background";
import { asWritten } from "../base/words";
import { badTarget, chainTooLong, isChainFull } from "./delegation";
import { insist, type InsistDeps } from "./insist";
import { claimGoneMessage, LeaseLost } from "./lease";
import { PlatformError } from "./platformError";
import { troubleWith } from "./platformWords";
import { isSameTarget, type RunLog, type RunTarget } from "./runNotes";
import type { Reporter } from "./reporter";
import type { Session } from "./session";
import type { SessionCalls } from "./sessionCalls";
import { clip } from "./text";

/** Lengths that the platform takes. */
const promptLimit = 100_000;
const titleLimit = 300;
/** How soon a session that is not active again is read once more, milliseconds. */
const againMs = 500;

export interface HandOverContext {
  readonly session: Session;
  readonly claimId: string;
  readonly calls: Pick<SessionCalls, "read" | "readOther" | "poll" | "delegate">;
  readonly reporter: Pick<Reporter, "flush" | "note">;
  readonly run: RunLog;
}

/** `failed`: the run cannot go on from here, for a reason that no later try would mend. A sentence. */
export type HandedOver =
  | { readonly kind: "notNeeded" }
  | { readonly kind: "done"; readonly childId: string | undefined }
  | { readonly kind: "failed"; readonly message: string };

/**
 * Creates the session that the run goes on with, where its next step is another agent's, exactly once: noted before and
 * after, and asked about where nobody knows whether it was created. Throws LeaseLost when the claim is gone.
 * @param result what this step ended with, for whoever goes on.
 */
export async function handOver(
  deps: InsistDeps,
  context: HandOverContext,
  result: string,
  signal: AbortSignal,
): Promise<HandedOver> {
  const { run } = context;
  const session = await readOwn(deps, context, signal);
  const { child } = run.notes;
  if (typeof child === "object") return { kind: "done", childId: child.sessionId };
  const target = session.workflow?.nextTarget;
  await run.note({ nextTarget: target });
  if (target === undefined) return await withoutTarget(deps, context, signal);
  const bad = badTarget(target);
  if (bad !== undefined) return failed(asWritten("the run's next target cannot be used, since {0}", bad));
  const before = run.notes.delegated.find((one) => isSameTarget(one, target));
  if (before !== undefined) return await handedOver(context, before.sessionId);
  if (await isChainFull((id, inner) => readAny(deps, context, id, inner), session, signal)) {
    return failed(chainTooLong);
  }
  return await create(deps, context, target, result, signal);
}

async function handedOver({ run }: HandOverContext, sessionId: string | undefined): Promise<HandedOver> {
  await run.note({ child: { sessionId } });
  return { kind: "done", childId: sessionId };
}

function failed(why: string): HandedOver {
  const message = asWritten(
    "The run could not be handed over: {0}. The work of this step is kept. Look at the run on One Horizon, and hand it over by hand.",
    why,
  );
  return { kind: "failed", message };
}

/** The run needs nobody, or it has moved on already: by the session that an earlier process was creating. */
async function withoutTarget(
  deps: InsistDeps,
  context: HandOverContext,
  signal: AbortSignal,
): Promise<HandedOver> {
  if (context.run.notes.child !== "creating") return { kind: "notNeeded" };
  const polled = await insist(
    deps,
    { what: "poll", send: (inner) => findChild(context, inner), ofSession: true },
    signal,
  );
  return await handedOver(context, polled);
}

async function create(
  deps: InsistDeps,
  context: HandOverContext,
  target: RunTarget,
  result: string,
  signal: AbortSignal,
): Promise<HandedOver> {
  const { run, calls, claimId, session } = context;
  // The run still waits for it, so only what a poll shows can be the session that an earlier process was creating.
  const unsure = run.notes.child === "creating";
  if (!unsure) await run.note({ child: "creating" });
  const work = {
    ...wordsFor(context, result),
    taskId: session.taskId,
    delegatingSessionId: session.sessionId,
    claimId,
    targetWorkerId: target.targetWorkerId,
    targetGroupId: target.targetGroupId,
  };
  try {
    const created = await insist<{ readonly sessionId: string | undefined }>(
      deps,
      {
        what: "create session",
        send: async (inner) => ({
          sessionId:
            (unsure ? await findChild(context, inner) : undefined) ?? (await calls.delegate(work, inner)),
        }),
        find: (inner) => findCreated(deps, context, inner),
        ofSession: false,
      },
      signal,
    );
    return await handedOver(context, created.sessionId);
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    await run.note({ child: undefined });
    return failed(asWritten("the session for its next step was not created: {0}", troubleWith(error)));
  }
}

/** What the next step is told: the model's own words for it, or the work as it was given to this one and how it ended. */
function wordsFor(
  { session, run }: HandOverContext,
  result: string,
): { readonly prompt: string; readonly title: string } {
  const { words } = run.notes;
  const { title } = session;
  if (words !== undefined) {
    return { prompt: clip(words.prompt, promptLimit), title: clip(words.title ?? title, titleLimit) };
  }
  const before = result.trim() === "" ? "" : `\n\nThe step before this one ended with:\n\n${result.trim()}`;
  const given = session.prompt.trim() === "" ? title : session.prompt;
  return {
    prompt: clip(`${clip(given, promptLimit - 12_000)}${before}`, promptLimit),
    title: clip(title, titleLimit),
  };
}

/** After an outcome that nobody knows: the child, where a poll shows it, or that the run waits for nobody any more. */
async function findCreated(
  deps: InsistDeps,
  context: HandOverContext,
  signal: AbortSignal,
): Promise<{ readonly sessionId: string | undefined } | undefined> {
  const sessionId = await findChild(context, signal);
  if (sessionId !== undefined) return { sessionId };
  const session = await readOwn(deps, context, signal);
  return session.workflow?.nextTarget === undefined ? { sessionId: undefined } : undefined;
}

/** A session that was handed over from here, and that is not known. */
async function findChild(
  { calls, session, run }: HandOverContext,
  signal: AbortSignal,
): Promise<string | undefined> {
  const known = new Set(run.notes.delegated.map((one) => one.sessionId));
  const polled = await calls.poll(signal).catch((error: unknown) => {
    // It is ours no more that hears this.
    if (PlatformError.is(error, "forbidden", "notFound")) throw new LeaseLost(claimGoneMessage(error));
    throw error;
  });
  return polled.find((one) => one.delegatingSessionId === session.sessionId && !known.has(one.sessionId))
    ?.sessionId;
}

/**
 * The session as it is now, active under our claim. Nobody asks anything any more: where it still awaits input, by a question
 * of an earlier process or one whose end is not told yet, it is led back.
 */
async function readOwn(deps: InsistDeps, context: HandOverContext, signal: AbortSignal): Promise<Session> {
  const { calls, claimId, reporter } = context;
  const send = (inner: AbortSignal): Promise<Session> => calls.read(inner);
  for (;;) {
    await untilAborted(reporter.flush(), signal);
    const session = await insist(deps, { what: "read", send, ofSession: true }, signal);
    const ours = session.claim?.claimId === claimId;
    if (ours && session.status === "active") return session;
    if (!ours || session.status !== "awaiting_input") {
      throw new LeaseLost(asWritten("the session is {0} on the platform", session.status));
    }
    const inputId = session.pendingResumeInput?.inputId;
    reporter.note({ status: "active", ...(inputId !== undefined && { consumedResumeInputId: inputId }) });
    await deps.clock.sleep(againMs, signal);
  }
}

async function readAny(
  deps: InsistDeps,
  { calls }: HandOverContext,
  sessionId: string,
  signal: AbortSignal,
): Promise<Session> {
  const send = (inner: AbortSignal): Promise<Session> => calls.readOther(sessionId, inner);
  return await insist(deps, { what: "read", send, ofSession: false }, signal);
}
