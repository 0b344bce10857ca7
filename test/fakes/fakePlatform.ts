import { untilAborted } from "../../src/base/background";
import type { Clock } from "../../src/base/clock";
import { PlatformError } from "../../src/core/platformError";
import type {
  Activity,
  AgentPath,
  DelegatedWork,
  NewDocument,
  Agent,
  ControlSignal,
  ControlType,
  ListedWorker,
  Platform,
  SessionMetadata,
  TaskComment,
  Upload,
  UploadedFile,
  User,
  WorkerPath,
  WorkerRecord,
  Workspace,
} from "../../src/core/ports/platform";
import type { Claim, Session, WorkflowFacts } from "../../src/core/session";
import { aSession, us } from "./builders";
import { FakeSessions } from "./fakeSessions";
import { claimInactive, refused } from "./platformErrors";

export type Operation =
  | "getWorker"
  | "acknowledge"
  | "poll"
  | "get"
  | "claim"
  | "renew"
  | "patch"
  | "activity"
  | "complete"
  | "fail"
  | "release"
  | "upload"
  | "document"
  | "create"
  | "comment";

export interface Call {
  readonly operation: Operation;
  readonly sessionId: string | undefined;
  readonly claimId: string | undefined;
  readonly at: number;
}

/** What a hook may do with a call: fail it before or after the platform acted on it, or keep it waiting. */
export interface Fault {
  readonly error?: PlatformError;
  readonly acted?: boolean;
  readonly gate?: Promise<void>;
}

/** What the contract says of entering and leaving awaiting_input. */
function inputBreach(session: Session, patch: SessionMetadata): string | undefined {
  const pending = session.pendingResumeInput?.inputId;
  if (patch.inputRequest !== undefined && patch.status !== "awaiting_input") {
    return "an inputRequest without the status that belongs to it";
  }
  if (patch.status === "awaiting_input") {
    if (patch.inputRequest === undefined) return "awaiting input without a question";
    if (patch.consumedResumeInputId !== undefined) return "an input consumed on the way in";
  }
  const waits = session.status === "awaiting_input" && pending !== undefined;
  return waits && patch.status === "active" && patch.consumedResumeInputId !== pending
    ? "an answer of the platform's user that is passed over"
    : undefined;
}

/** After one of these only the finish comes. */
const lastOfClaim: ReadonlySet<Activity["type"]> = new Set(["completion", "failure", "release"]);

function isServed({ nextTarget }: WorkflowFacts, work: DelegatedWork): boolean {
  const { targetWorkerId, targetGroupId } = work;
  return nextTarget?.targetWorkerId === targetWorkerId && nextTarget?.targetGroupId === targetGroupId;
}

/** The platform in memory: its calls, each of which a test may fail or hold up, on the sessions it keeps. */
export class FakePlatform extends FakeSessions implements Platform {
  readonly calls: Call[] = [];
  readonly acknowledged: string[] = [];
  readonly uploads: (Upload & UploadedFile)[] = [];
  readonly comments: (TaskComment & { readonly taskId: string })[] = [];
  readonly documents: NewDocument[] = [];
  readonly delegated: DelegatedWork[] = [];
  /** The addresses that uploaded files get. */
  fileUrl: (name: string) => string | undefined = () => undefined;
  /** Claims of which the running worker was told that they are dead, and calls that it made with them all the same. */
  readonly knownDead = new Set<string>();
  readonly deadCalls: Call[] = [];
  /** Asked before each call; undefined lets it through. */
  onCall: (call: Call) => Fault | undefined = () => undefined;
  /** Told after each patch: what the platform makes of it, for example another next target. */
  onPatched: (sessionId: string, metadata: SessionMetadata) => void = () => undefined;
  controlSignal: ControlSignal | undefined;
  workers: readonly ListedWorker[] = [];
  /** Set: the worker record itself is refused. */
  workerRefusal: PlatformError | undefined;
  readonly #clock: Clock;
  #signals = 0;

  constructor(clock: Clock) {
    super(clock);
    this.#clock = clock;
  }

  count(operation: Operation, sessionId?: string): number {
    return this.calls.filter(
      (call) => call.operation === operation && (sessionId === undefined || call.sessionId === sessionId),
    ).length;
  }

  signal(type: ControlType): string {
    this.#signals += 1;
    this.controlSignal = { signalId: `signal-${this.#signals}`, type };
    return this.controlSignal.signalId;
  }

  async getCurrentUser(): Promise<User> {
    return await Promise.resolve({ userId: us.userId, name: undefined });
  }

  async listWorkspaces(): Promise<readonly Workspace[]> {
    return await Promise.resolve([{ workspaceId: us.workspaceId, name: "Workspace" }]);
  }

  async listAgents(): Promise<readonly Agent[]> {
    return await Promise.resolve([{ agentId: us.agentId, name: "Agent", executionModes: ["local"] }]);
  }

  async registerWorker(): Promise<WorkerRecord> {
    return await Promise.resolve(this.#record());
  }

  getWorker(_path: WorkerPath, signal: AbortSignal): Promise<WorkerRecord> {
    return this.#call("getWorker", undefined, undefined, signal, () => {
      if (this.workerRefusal !== undefined) throw this.workerRefusal;
      return this.#record();
    });
  }

  listWorkers(): Promise<readonly ListedWorker[]> {
    return Promise.resolve(this.workers);
  }

  acknowledgeControlSignal(_path: WorkerPath, signalId: string, signal: AbortSignal): Promise<void> {
    return this.#call("acknowledge", undefined, undefined, signal, () => {
      this.acknowledged.push(signalId);
      if (this.controlSignal?.signalId === signalId) this.controlSignal = undefined;
    });
  }

  pollSessions(_path: WorkerPath, signal: AbortSignal): Promise<readonly Session[]> {
    return this.#call("poll", undefined, undefined, signal, () => {
      if (this.workerRefusal !== undefined) throw this.workerRefusal;
      return this.offered();
    });
  }

  getSession(_path: WorkerPath, sessionId: string, signal: AbortSignal): Promise<Session> {
    return this.#call("get", sessionId, undefined, signal, () => {
      if (!this.ids.includes(sessionId)) throw refused("notFound");
      return this.view(this.of(sessionId));
    });
  }

  claimSession(
    path: WorkerPath,
    sessionId: string,
    options: { readonly leaseSeconds: number; readonly claimId?: string },
    signal: AbortSignal,
  ): Promise<{ readonly claim: Claim; readonly session: Session }> {
    const operation = options.claimId === undefined ? "claim" : "renew";
    return this.#call(operation, sessionId, options.claimId, signal, () => {
      const held = this.of(sessionId);
      const claim =
        options.claimId === undefined
          ? this.newClaim(held, path.workerId, options.leaseSeconds)
          : this.renew(held, options.claimId, options.leaseSeconds);
      return { claim, session: this.view(held) };
    });
  }

  patchSession(
    _path: WorkerPath,
    sessionId: string,
    claimId: string,
    metadata: SessionMetadata,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#call("patch", sessionId, claimId, signal, () => {
      const held = this.claimed(sessionId, claimId);
      const isOver = held.activities.some(
        (one) => one.claimId === claimId && lastOfClaim.has(one.activity.type),
      );
      if (isOver) held.remarks.push(`a patch after the last activity: ${JSON.stringify(metadata)}`);
      const breach = inputBreach(held.session, metadata);
      if (breach !== undefined) {
        held.remarks.push(breach);
        throw refused("badRequest", breach);
      }
      held.patches.push({ claimId, metadata });
      const { status, consumedResumeInputId, reviewVerdict, workflowPushConfirmed: pushConfirmed } = metadata;
      const { workflow } = this.of(sessionId).session;
      if (reviewVerdict !== undefined) this.set(sessionId, { reviewVerdict });
      if (pushConfirmed !== undefined && workflow !== undefined) {
        this.set(sessionId, { workflow: { ...workflow, pushConfirmed } });
      }
      this.onPatched(sessionId, metadata);
      if (status !== undefined) this.set(sessionId, { status });
      if (consumedResumeInputId !== undefined) this.set(sessionId, { pendingResumeInput: undefined });
    });
  }

  createActivity(
    _path: WorkerPath,
    sessionId: string,
    claimId: string,
    activity: Activity,
    signal: AbortSignal,
  ): Promise<"stored" | "known"> {
    return this.#call("activity", sessionId, claimId, signal, () => {
      const held = this.claimed(sessionId, claimId);
      if (held.activities.some((one) => one.activity.activityId === activity.activityId)) return "known";
      const sequence = (held.claim?.sequence ?? 0) + 1;
      if (activity.sequence !== sequence) throw refused("badRequest", `the sequence has to be ${sequence}`);
      held.activities.push({ claimId, activity });
      if (held.claim !== undefined) held.claim.sequence = sequence;
      return "stored";
    });
  }

  completeSession(
    _path: WorkerPath,
    sessionId: string,
    claimId: string,
    summary: string | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#finish("complete", sessionId, claimId, summary ?? "", signal);
  }

  failSession(
    _path: WorkerPath,
    sessionId: string,
    claimId: string,
    error: { readonly message: string; readonly reason: string },
    signal: AbortSignal,
  ): Promise<void> {
    return this.#finish("fail", sessionId, claimId, error.message, signal);
  }

  releaseSession(
    _path: WorkerPath,
    sessionId: string,
    claimId: string,
    reason: string,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#finish("release", sessionId, claimId, reason, signal);
  }

  uploadFile(_workspaceId: string, file: Upload, signal: AbortSignal): Promise<UploadedFile> {
    return this.#call("upload", undefined, undefined, signal, () => {
      const stored = { fileId: `file-${this.uploads.length + 1}`, url: this.fileUrl(file.name) };
      this.uploads.push({ ...file, ...stored });
      return stored;
    });
  }

  createDocument(_workspaceId: string, document: NewDocument, signal: AbortSignal): Promise<void> {
    return this.#call("document", undefined, undefined, signal, () => {
      this.documents.push(document);
      const documentId = `document-${this.documents.length}`;
      this.addToTask(document.taskId, ({ comments, documents }) => ({
        comments,
        documents: [...documents, { ...document, documentId }],
      }));
    });
  }

  createSession(_path: AgentPath, work: DelegatedWork, signal: AbortSignal): Promise<string> {
    return this.#call("create", undefined, undefined, signal, () => {
      const { session } = this.claimed(work.delegatingSessionId, work.claimId);
      if (session.status !== "active") throw claimInactive();
      if ((work.targetWorkerId === undefined) === (work.targetGroupId === undefined)) {
        throw refused("badRequest", "exactly one target");
      }
      this.delegated.push(work);
      const { workflow, sessionId } = session;
      if (workflow !== undefined && isServed(workflow, work)) {
        // The run goes on with it, so it waits for nobody any more.
        this.set(sessionId, { workflow: { ...workflow, nextTarget: undefined } });
      }
      const childId = `child-${this.delegated.length}`;
      if (work.targetWorkerId === us.workerId) {
        const { prompt, taskId } = work;
        this.add(aSession({ sessionId: childId, prompt, taskId, delegatingSessionId: sessionId }));
      }
      return childId;
    });
  }

  saveComment(
    _workspaceId: string,
    taskId: string,
    comment: TaskComment,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#call("comment", undefined, undefined, signal, () => {
      this.comments.push({ ...comment, taskId });
      const commentId = `comment-${this.comments.length}`;
      this.addToTask(taskId, ({ comments, documents }) => ({
        comments: [...comments, { commentId, content: comment.content }],
        documents,
      }));
    });
  }

  #finish(
    kind: "complete" | "fail" | "release",
    sessionId: string,
    claimId: string,
    text: string,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#call(kind, sessionId, claimId, signal, () => {
      const held = this.claimed(sessionId, claimId);
      held.finishes.push({ claimId, kind, text });
      held.claim = undefined;
      const status = { complete: "complete", fail: "error", release: "queued" } as const;
      this.set(sessionId, { status: status[kind] });
    });
  }

  async #call<T>(
    operation: Operation,
    sessionId: string | undefined,
    claimId: string | undefined,
    signal: AbortSignal,
    act: () => T,
  ): Promise<T> {
    signal.throwIfAborted();
    const call: Call = { operation, sessionId, claimId, at: this.#clock.monotonic() };
    this.calls.push(call);
    if (claimId !== undefined && this.knownDead.has(claimId)) this.deadCalls.push(call);
    const fault = this.onCall(call);
    await untilAborted(fault?.gate ?? Promise.resolve(), signal);
    if (fault?.error !== undefined && fault.acted !== true) throw fault.error;
    const answer = this.#noting(claimId, act);
    if (fault?.error !== undefined) throw fault.error;
    return answer;
  }

  /** A refusal takes a moment to be heard. */
  #noting<T>(claimId: string | undefined, act: () => T): T {
    try {
      return act();
    } catch (error) {
      const dead = PlatformError.is(error, "conflict") && error.conflictReason === "claim_inactive";
      if (dead && claimId !== undefined) setImmediate(() => this.knownDead.add(claimId));
      throw error;
    }
  }

  #record(): WorkerRecord {
    return {
      workerId: us.workerId,
      name: "Worker",
      ownerUserId: us.userId,
      status: "online",
      controlSignal: this.controlSignal,
    };
  }
}
