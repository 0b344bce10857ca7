import type { Platform } from "../../src/core/ports/platform";

/** One call of the worker to its platform. Instants are monotonic, milliseconds. */
export interface TimedCall {
  readonly operation: "claim" | "activity" | "complete";
  readonly sessionId: string;
  readonly startedAt: number;
  readonly answeredAt: number;
}

/** A platform that notes when claims, activities and completions of sessions left and were accepted. */
export class TimedPlatform {
  readonly calls: TimedCall[] = [];
  readonly platform: Platform;
  readonly #waiting: { readonly fits: (call: TimedCall) => boolean; readonly resolve: () => void }[] = [];

  constructor(inner: Platform) {
    const time = this.#time.bind(this);
    this.platform = {
      getCurrentUser: (signal) => inner.getCurrentUser(signal),
      listWorkspaces: (signal) => inner.listWorkspaces(signal),
      listAgents: (workspaceId, signal) => inner.listAgents(workspaceId, signal),
      registerWorker: (path, facts, signal) => inner.registerWorker(path, facts, signal),
      getWorker: (path, signal) => inner.getWorker(path, signal),
      listWorkers: (path, signal) => inner.listWorkers(path, signal),
      acknowledgeControlSignal: (path, id, signal) => inner.acknowledgeControlSignal(path, id, signal),
      pollSessions: (path, signal) => inner.pollSessions(path, signal),
      getSession: (path, sessionId, signal) => inner.getSession(path, sessionId, signal),
      claimSession: (path, sessionId, options, signal) => {
        const call = (): ReturnType<Platform["claimSession"]> =>
          inner.claimSession(path, sessionId, options, signal);
        return options.claimId === undefined ? time("claim", sessionId, call) : call();
      },
      patchSession: (path, sessionId, claimId, metadata, signal) =>
        inner.patchSession(path, sessionId, claimId, metadata, signal),
      createActivity: (path, sessionId, claimId, activity, signal) =>
        time("activity", sessionId, () => inner.createActivity(path, sessionId, claimId, activity, signal)),
      completeSession: (path, sessionId, claimId, summary, signal) =>
        time("complete", sessionId, () => inner.completeSession(path, sessionId, claimId, summary, signal)),
      failSession: (path, sessionId, claimId, error, signal) =>
        inner.failSession(path, sessionId, claimId, error, signal),
      releaseSession: (path, sessionId, claimId, reason, signal) =>
        inner.releaseSession(path, sessionId, claimId, reason, signal),
      createDocument: (workspaceId, document, signal) => inner.createDocument(workspaceId, document, signal),
      createSession: (path, work, signal) => inner.createSession(path, work, signal),
      uploadFile: (workspaceId, file, signal) => inner.uploadFile(workspaceId, file, signal),
      saveComment: (workspaceId, taskId, comment, signal) =>
        inner.saveComment(workspaceId, taskId, comment, signal),
    };
  }

  /** The calls of one kind, in order of their answers. */
  of(operation: TimedCall["operation"]): readonly TimedCall[] {
    return this.calls.filter((one) => one.operation === operation);
  }

  /** Resolves once `count` sessions are complete. */
  async completed(count: number): Promise<void> {
    if (this.of("complete").length >= count) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push({ fits: () => this.of("complete").length >= count, resolve });
    });
  }

  async #time<T>(operation: TimedCall["operation"], sessionId: string, call: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const answer = await call();
    const timed = { operation, sessionId, startedAt, answeredAt: performance.now() };
    this.calls.push(timed);
    for (const one of this.#waiting) if (one.fits(timed)) one.resolve();
    return answer;
  }
}
