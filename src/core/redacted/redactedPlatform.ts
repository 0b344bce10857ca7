import type { TextRedactor } from "../../base/redaction/redactor";
import { messageLimit } from "../burst";
import type { Activity, Platform, Registration, SessionMetadata } from "../ports/platform";
import { clip } from "../text";

const planLimit = 50_000;
const reasonLimit = 2000;
const nameLimit = 100;
const titleLimit = 300;
const promptLimit = 100_000;

/**
 * The platform behind the redactor: no text of ours reaches it with a secret. Ids pass as they are, and so do the bytes of
 * files, which are redacted where they are collected. A method that is added to the port has to be added here.
 */
export function redactedPlatform(platform: Platform, redactor: TextRedactor): Platform {
  const hide = (text: string, limit = Number.POSITIVE_INFINITY): string => clip(redactor.redact(text), limit);
  return {
    getCurrentUser: (signal) => platform.getCurrentUser(signal),
    listWorkspaces: (signal) => platform.listWorkspaces(signal),
    listAgents: (workspaceId, signal) => platform.listAgents(workspaceId, signal),
    registerWorker: (path, registration, signal) =>
      platform.registerWorker(path, redactedRegistration(registration, hide), signal),
    getWorker: (path, signal) => platform.getWorker(path, signal),
    listWorkers: (path, signal) => platform.listWorkers(path, signal),
    acknowledgeControlSignal: (path, signalId, signal) =>
      platform.acknowledgeControlSignal(path, signalId, signal),
    pollSessions: (path, signal) => platform.pollSessions(path, signal),
    getSession: (path, sessionId, signal) => platform.getSession(path, sessionId, signal),
    claimSession: (path, sessionId, options, signal) =>
      platform.claimSession(path, sessionId, options, signal),
    patchSession: (path, sessionId, claimId, metadata, signal) =>
      platform.patchSession(path, sessionId, claimId, redactedMetadata(metadata, hide), signal),
    createActivity: (path, sessionId, claimId, activity, signal) =>
      platform.createActivity(path, sessionId, claimId, redactedActivity(activity, hide), signal),
    completeSession: (path, sessionId, claimId, summary, signal) => {
      const told = summary === undefined ? undefined : hide(summary, messageLimit);
      return platform.completeSession(path, sessionId, claimId, told, signal);
    },
    failSession: (path, sessionId, claimId, { message, reason }, signal) => {
      const error = { message: hide(message, messageLimit), reason: hide(reason) };
      return platform.failSession(path, sessionId, claimId, error, signal);
    },
    releaseSession: (path, sessionId, claimId, reason, signal) =>
      platform.releaseSession(path, sessionId, claimId, hide(reason, reasonLimit), signal),
    uploadFile: (workspaceId, file, signal) =>
      platform.uploadFile(workspaceId, { ...file, name: hide(file.name, nameLimit) }, signal),
    createDocument: (workspaceId, document, signal) =>
      platform.createDocument(
        workspaceId,
        { ...document, title: hide(document.title, titleLimit), content: hide(document.content) },
        signal,
      ),
    createSession: (path, work, signal) => {
      const title = work.title === undefined ? undefined : hide(work.title, titleLimit);
      return platform.createSession(path, { ...work, title, prompt: hide(work.prompt, promptLimit) }, signal);
    },
    saveComment: (workspaceId, taskId, comment, signal) =>
      platform.saveComment(workspaceId, taskId, { ...comment, content: hide(comment.content) }, signal),
  };
}

/** A text without secrets, cut where it is longer than the limit, since a replacement may be longer than the secret. */
export type Hide = (text: string, limit?: number) => string;

function redactedRegistration(registration: Registration, hide: Hide): Registration {
  const { name, instructions } = registration;
  return {
    ...registration,
    name: hide(name, nameLimit),
    instructions: instructions === undefined ? undefined : hide(instructions, reasonLimit),
  };
}

export function redactedActivity(activity: Activity, hide: Hide): Activity {
  const { message, url } = activity;
  return {
    ...activity,
    message: hide(message, messageLimit),
    ...(url === undefined ? {} : { url: hide(url) }),
  };
}

export function redactedMetadata(metadata: SessionMetadata, hide: Hide): SessionMetadata {
  const { providerStatus, plan, externalUrl, workingDirectory, worktreePath, inputRequest } = metadata;
  return {
    ...metadata,
    ...(providerStatus === undefined ? {} : { providerStatus: hide(providerStatus) }),
    ...(plan === undefined ? {} : { plan: hide(plan, planLimit) }),
    ...(externalUrl === undefined ? {} : { externalUrl: hide(externalUrl) }),
    ...(workingDirectory === undefined ? {} : { workingDirectory: hide(workingDirectory) }),
    ...(worktreePath === undefined ? {} : { worktreePath: hide(worktreePath) }),
    ...(inputRequest === undefined ? {} : { inputRequest: hide(inputRequest, messageLimit) }),
  };
}
