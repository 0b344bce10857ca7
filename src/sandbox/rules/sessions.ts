import { badRequest } from "../refusal";
import type { Platform } from "../state/platform";
import type { Session, SessionStatus, SignalType, Worker } from "../state/schema";
import { dropClaim, setStatus } from "./time";

/** What is said when a session is made; all else starts empty. */
export type NewSession = Pick<Session, "workspaceId" | "agentId" | "ownerUserId" | "title" | "prompt"> &
  Partial<Session>;

/** Of no run. Sessions change theirs in place, so each needs a copy. */
export const noWorkflow: Readonly<Session["workflow"]> = {
  runId: null,
  stepId: null,
  taskMode: null,
  branchName: null,
  pushConfirmed: null,
  nextTarget: null,
};

/** Adds a session, queued unless said otherwise. */
export function addSession(
  platform: Pick<Platform, "state" | "clock" | "nextId">,
  given: NewSession,
): Session {
  const now = platform.clock.now();
  const status: SessionStatus = given.status ?? "queued";
  const session: Session = {
    sessionId: platform.nextId("session"),
    executionMode: "local",
    taskId: null,
    targetWorkerId: null,
    targetGroupId: null,
    offeredToAll: false,
    claim: null,
    lastOwnerId: null,
    input: null,
    lastConsumedInputId: null,
    inputRequest: null,
    workflow: { ...noWorkflow },
    reviewVerdict: null,
    delegatingSessionId: null,
    plan: null,
    externalUrl: null,
    errorMessage: null,
    errorReason: null,
    summary: null,
    releaseReason: null,
    metadata: {},
    usage: {},
    activities: [],
    patches: [],
    claims: [],
    remarks: [],
    createdAt: now,
    updatedAt: now,
    ...given,
    status,
    history: [{ at: now, status }],
  };
  platform.state.sessions.push(session);
  return session;
}

/** Stores the user's answer to a session that waits. Throws 400 where it does not wait or is answered already. */
export function answerSession(platform: Platform, session: Session, answer: string): string {
  if (session.status !== "awaiting_input") throw badRequest("The session does not await input.");
  if (session.input) throw badRequest("An answer is waiting for the worker already.");
  const inputId = platform.nextId("input");
  session.input = { inputId, text: answer, submittedAt: platform.clock.now() };
  session.updatedAt = platform.clock.now();
  return inputId;
}

const cancellable: readonly SessionStatus[] = ["queued", "pending", "active", "awaiting_input"];

/** Cancels for the user; a claim on it is dead from here on. Throws 400 where it has ended already. */
export function cancelSession(session: Session, now: number): void {
  if (!cancellable.includes(session.status)) {
    throw badRequest(`A session that is ${session.status} cannot be cancelled.`);
  }
  dropClaim(session);
  session.input = null;
  session.inputRequest = null;
  setStatus(session, "cancelled", now);
}

/** Puts a stale session back into the queue, for any worker. */
export function requeueSession(session: Session, now: number): void {
  if (session.status !== "stale") throw badRequest("Only a stale session can be queued again.");
  setStatus(session, "queued", now);
}

/** Asks a worker for something; a request that still stands is replaced. */
export function signalWorker(platform: Platform, worker: Worker, type: SignalType): string {
  const signalId = platform.nextId("signal");
  worker.signal = { signalId, type, requestedAt: platform.clock.now() };
  return signalId;
}
