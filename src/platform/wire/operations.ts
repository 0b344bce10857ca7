/** One call of the platform, as openapi.yaml names it. */
export interface Operation {
  readonly method: "GET" | "POST" | "PATCH";
  /** Path template; every `{name}` is filled with one encoded segment. */
  readonly path: string;
  /** Statuses that mean the call was carried out. */
  readonly expected: readonly number[];
  /** True: repeating it after an unknown outcome does no harm. */
  readonly idempotent: boolean;
  /** Longest wait for the whole answer of one attempt. */
  readonly deadlineMs: number;
  /** False: sent without a token (a browser page or the token endpoint). */
  readonly authorized: boolean;
}

/** An activity was stored now; the other expected status: it was stored before. */
export const storedStatus = 201;

const agent = "/api/v1/workspaces/{workspaceId}/agents/{agentId}";
const worker = `${agent}/workers/{workerId}`;
const session = `${worker}/sessions/{sessionId}`;

const read = (path: string): Operation => ({
  method: "GET",
  path,
  expected: [200],
  idempotent: true,
  deadlineMs: 15_000,
  authorized: true,
});
const write = (path: string, more: Partial<Operation> = {}): Operation => ({
  ...read(path),
  method: "POST",
  ...more,
});

/** Makes something new each time. */
const created = { idempotent: false, expected: [201] } as const;

/** Every operation the worker uses. Nothing else in the code spells a method, a path or an expected status. */
export const operations = {
  authorize: { ...read("/app/auth/authorize"), expected: [302], authorized: false },
  token: write("/app/auth/token", { idempotent: false, authorized: false }),
  getCurrentUser: read("/api/v1/me"),
  listWorkspaces: read("/api/v1/workspaces"),
  listAgents: read("/api/v1/workspaces/{workspaceId}/agents"),
  // The idempotency key makes a repeated registration find the same worker.
  registerWorker: write(`${agent}/workers`, { expected: [200, 201] }),
  getWorker: read(worker),
  listWorkers: read(`${agent}/workers`),
  // One beat has a cut-off of its own, far below this.
  heartbeat: write(`${worker}/heartbeat`, { deadlineMs: 5_000 }),
  acknowledgeControlSignal: write(`${worker}/control-signals/{signalId}/acknowledge`, { expected: [204] }),
  pollSessions: read(`${worker}/sessions`),
  getAgentSession: read(session),
  patchAgentSession: write(session, { method: "PATCH" }),
  claimSession: write(`${session}/claim`, { idempotent: false }),
  // The platform stores an activity id once.
  createActivity: write(`${session}/activities`, { expected: [200, storedStatus] }),
  completeSession: write(`${session}/complete`, { idempotent: false }),
  failSession: write(`${session}/fail`, { idempotent: false }),
  releaseSession: write(`${session}/release`, { idempotent: false }),
  // As long as a slow line takes for the largest file.
  uploadWorkspaceFile: write("/api/v1/workspaces/{workspaceId}/files", {
    ...created,
    deadlineMs: 180_000,
  }),
  createDocument: write("/api/v1/workspaces/{workspaceId}/documents", created),
  createSession: write(`${agent}/sessions`, created),
  saveTaskComment: write("/api/v1/workspaces/{workspaceId}/tasks/{taskId}/comments", created),
} as const satisfies Readonly<Record<string, Operation>>;

export type OperationId = keyof typeof operations;
