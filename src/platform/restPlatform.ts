import type { Log } from "../base/log";
import type {
  Activity,
  Agent,
  AgentPath,
  DelegatedWork,
  ListedWorker,
  NewDocument,
  Platform,
  Registration,
  SessionMetadata,
  TaskComment,
  Upload,
  UploadedFile,
  User,
  WorkerPath,
  WorkerRecord,
  Workspace,
} from "../core/ports/platform";
import type { Claim, Session } from "../core/session";
import type { HttpClient } from "./http/httpClient";
import {
  toAgent,
  toClaim,
  toListedWorker,
  toSession,
  toUploadedFile,
  toUser,
  toWorker,
  toWorkspace,
} from "./mapping";
import { activityBody, patchBody, registrationBody } from "./requestBodies";
import {
  agentList,
  fileEnvelope,
  userEnvelope,
  worker,
  workerEnvelope,
  workerList,
  workspaceList,
} from "./wire/bodies";
import {
  filePart,
  type ClaimBody,
  type CommentBody,
  type CompleteBody,
  type FailBody,
  type CreateSessionBody,
  type DocumentBody,
  type ReleaseBody,
} from "./wire/requests";
import { storedStatus } from "./wire/operations";
import { claimAnswer, session, sessionEnvelope, sessionList } from "./wire/sessions";

/** As many as one poll may ask for. */
const pollLimit = "100";

const agentIds = (path: AgentPath): Record<string, string> => ({
  workspaceId: path.workspaceId,
  agentId: path.agentId,
});
const workerIds = (path: WorkerPath): Record<string, string> => ({
  ...agentIds(path),
  workerId: path.workerId,
});
const sessionIds = (path: WorkerPath, sessionId: string): Record<string, string> => ({
  ...workerIds(path),
  sessionId,
});

/** The platform over HTTP. */
export class RestPlatform implements Platform {
  readonly #http: HttpClient;
  readonly #log: Log;

  constructor(http: HttpClient, log: Log) {
    this.#http = http;
    this.#log = log;
  }

  async getCurrentUser(signal: AbortSignal): Promise<User> {
    return toUser((await this.#http.call("getCurrentUser", userEnvelope, { signal })).user);
  }

  async listWorkspaces(signal: AbortSignal): Promise<readonly Workspace[]> {
    return (await this.#http.call("listWorkspaces", workspaceList, { signal })).workspaces.map(toWorkspace);
  }

  async listAgents(workspaceId: string, signal: AbortSignal): Promise<readonly Agent[]> {
    const path = { workspaceId };
    return (await this.#http.call("listAgents", agentList, { path, signal })).agents.map(toAgent);
  }

  async registerWorker(
    path: AgentPath,
    registration: Registration,
    signal: AbortSignal,
  ): Promise<WorkerRecord> {
    const body = registrationBody(registration);
    const options = { path: agentIds(path), body, signal };
    return toWorker((await this.#http.call("registerWorker", workerEnvelope, options)).worker);
  }

  async getWorker(path: WorkerPath, signal: AbortSignal): Promise<WorkerRecord> {
    const options = { path: workerIds(path), signal };
    return toWorker((await this.#http.call("getWorker", workerEnvelope, options)).worker);
  }

  async listWorkers(path: AgentPath, signal: AbortSignal): Promise<readonly ListedWorker[]> {
    const options = { path: agentIds(path), signal };
    const { workers } = await this.#http.call("listWorkers", workerList, options);
    return workers.flatMap((one) => {
      const parsed = worker.safeParse(one);
      if (parsed.success) return [toListedWorker(parsed.data)];
      this.#log.warn("a listed worker does not fit the contract and is skipped");
      return [];
    });
  }

  async acknowledgeControlSignal(path: WorkerPath, signalId: string, signal: AbortSignal): Promise<void> {
    await this.#http.order("acknowledgeControlSignal", { path: { ...workerIds(path), signalId }, signal });
  }

  async pollSessions(path: WorkerPath, signal: AbortSignal): Promise<readonly Session[]> {
    const options = { path: workerIds(path), query: { limit: pollLimit }, signal };
    const { sessions } = await this.#http.call("pollSessions", sessionList, options);
    const fitting = sessions.flatMap((one) => {
      const parsed = session.safeParse(one);
      if (parsed.success) return [toSession(parsed.data)];
      const field = parsed.error.issues[0]?.path.map(String).join(".") ?? "";
      this.#log.warn("a polled session does not fit the contract and is skipped", { field });
      return [];
    });
    this.#http.calls.polledMisfits = sessions.length - fitting.length;
    return fitting;
  }

  async getSession(path: WorkerPath, sessionId: string, signal: AbortSignal): Promise<Session> {
    const options = { path: sessionIds(path, sessionId), signal };
    return toSession((await this.#http.call("getAgentSession", sessionEnvelope, options)).session);
  }

  async claimSession(
    path: WorkerPath,
    sessionId: string,
    claim: { readonly leaseSeconds: number; readonly claimId?: string },
    signal: AbortSignal,
  ): Promise<{ readonly claim: Claim; readonly session: Session }> {
    const body: ClaimBody = {
      leaseSeconds: claim.leaseSeconds,
      claimId: claim.claimId,
    };
    const options = { path: sessionIds(path, sessionId), body, signal };
    const answer = await this.#http.call("claimSession", claimAnswer, options);
    return { claim: toClaim(answer.claim), session: toSession(answer.session) };
  }

  async patchSession(
    path: WorkerPath,
    sessionId: string,
    claimId: string,
    metadata: SessionMetadata,
    signal: AbortSignal,
  ): Promise<void> {
    const body = patchBody(claimId, metadata);
    await this.#http.order("patchAgentSession", { path: sessionIds(path, sessionId), body, signal });
  }

  async createActivity(
    path: WorkerPath,
    sessionId: string,
    claimId: string,
    activity: Activity,
    signal: AbortSignal,
  ): Promise<"stored" | "known"> {
    const body = activityBody(claimId, activity);
    const options = { path: sessionIds(path, sessionId), body, signal };
    return (await this.#http.order("createActivity", options)) === storedStatus ? "stored" : "known";
  }

  async completeSession(
    path: WorkerPath,
    sessionId: string,
    claimId: string,
    summary: string | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const body: CompleteBody = { claimId, summary };
    await this.#http.order("completeSession", { path: sessionIds(path, sessionId), body, signal });
  }

  async failSession(
    path: WorkerPath,
    sessionId: string,
    claimId: string,
    error: { readonly message: string; readonly reason: string },
    signal: AbortSignal,
  ): Promise<void> {
    const body: FailBody = { claimId, errorMessage: error.message, errorReason: error.reason };
    await this.#http.order("failSession", { path: sessionIds(path, sessionId), body, signal });
  }

  async releaseSession(
    path: WorkerPath,
    sessionId: string,
    claimId: string,
    reason: string,
    signal: AbortSignal,
  ): Promise<void> {
    const body: ReleaseBody = { claimId, reason };
    await this.#http.order("releaseSession", { path: sessionIds(path, sessionId), body, signal });
  }

  async uploadFile(workspaceId: string, file: Upload, signal: AbortSignal): Promise<UploadedFile> {
    const options = { path: { workspaceId }, file: { part: filePart, ...file }, signal };
    return toUploadedFile((await this.#http.call("uploadWorkspaceFile", fileEnvelope, options)).file);
  }

  async createDocument(workspaceId: string, document: NewDocument, signal: AbortSignal): Promise<void> {
    const { taskId, title, content, workflowRunId, workflowStepId } = document;
    const body: DocumentBody = { taskId, title, content, workflowRunId, workflowStepId };
    await this.#http.order("createDocument", { path: { workspaceId }, body, signal });
  }

  async createSession(path: AgentPath, work: DelegatedWork, signal: AbortSignal): Promise<string> {
    const { prompt, title, taskId, delegatingSessionId, claimId, targetWorkerId, targetGroupId } = work;
    const body: CreateSessionBody = {
      prompt,
      title,
      taskId,
      delegatingSessionId,
      claimId,
      targetWorkerId,
      targetGroupId,
    };
    const options = { path: agentIds(path), body, signal };
    return (await this.#http.call("createSession", sessionEnvelope, options)).session.sessionId;
  }

  async saveComment(
    workspaceId: string,
    taskId: string,
    { content, fileIds }: TaskComment,
    signal: AbortSignal,
  ): Promise<void> {
    const body: CommentBody = { content, fileIds };
    await this.#http.order("saveTaskComment", { path: { workspaceId, taskId }, body, signal });
  }
}
