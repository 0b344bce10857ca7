import type {
  Activity,
  DelegatedWork,
  NewDocument,
  Platform,
  SessionMetadata,
  TaskComment,
  Upload,
  UploadedFile,
  WorkerPath,
} from "./ports/platform";
import type { Claim, Session } from "./session";

/** The platform's calls about one session, bound to this worker. */
export interface SessionCalls {
  read(signal: AbortSignal): Promise<Session>;
  /** Another session, which may not be ours to read. */
  readOther(sessionId: string, signal: AbortSignal): Promise<Session>;
  /** What this worker may act on now. */
  poll(signal: AbortSignal): Promise<readonly Session[]>;
  claim(leaseSeconds: number, signal: AbortSignal): Promise<{ claim: Claim; session: Session }>;
  renew(claimId: string, leaseSeconds: number, signal: AbortSignal): Promise<Claim>;
  patch(claimId: string, metadata: SessionMetadata, signal: AbortSignal): Promise<void>;
  activity(claimId: string, activity: Activity, signal: AbortSignal): Promise<"stored" | "known">;
  complete(claimId: string, summary: string | undefined, signal: AbortSignal): Promise<void>;
  fail(claimId: string, error: { message: string; reason: string }, signal: AbortSignal): Promise<void>;
  release(claimId: string, reason: string, signal: AbortSignal): Promise<void>;
  upload(file: Upload, signal: AbortSignal): Promise<UploadedFile>;
  writeDocument(document: NewDocument, signal: AbortSignal): Promise<void>;
  delegate(work: DelegatedWork, signal: AbortSignal): Promise<string>;
  comment(taskId: string, comment: TaskComment, signal: AbortSignal): Promise<void>;
}

export function bindSession(platform: Platform, path: WorkerPath, sessionId: string): SessionCalls {
  return {
    read: (signal) => platform.getSession(path, sessionId, signal),
    readOther: (other, signal) => platform.getSession(path, other, signal),
    poll: (signal) => platform.pollSessions(path, signal),
    claim: (leaseSeconds, signal) => platform.claimSession(path, sessionId, { leaseSeconds }, signal),
    renew: async (claimId, leaseSeconds, signal) =>
      (await platform.claimSession(path, sessionId, { leaseSeconds, claimId }, signal)).claim,
    patch: (claimId, metadata, signal) => platform.patchSession(path, sessionId, claimId, metadata, signal),
    activity: (claimId, activity, signal) =>
      platform.createActivity(path, sessionId, claimId, activity, signal),
    complete: (claimId, summary, signal) =>
      platform.completeSession(path, sessionId, claimId, summary, signal),
    fail: (claimId, error, signal) => platform.failSession(path, sessionId, claimId, error, signal),
    release: (claimId, reason, signal) => platform.releaseSession(path, sessionId, claimId, reason, signal),
    upload: (file, signal) => platform.uploadFile(path.workspaceId, file, signal),
    writeDocument: (document, signal) => platform.createDocument(path.workspaceId, document, signal),
    delegate: (work, signal) => platform.createSession(path, work, signal),
    comment: (taskId, comment, signal) => platform.saveComment(path.workspaceId, taskId, comment, signal),
  };
}
