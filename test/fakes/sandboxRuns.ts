import { randomUUID } from "node:crypto";
import type { Sandbox } from "../../src/sandbox/server";
import type { RunView } from "../../src/sandbox/dashboard/runView";
import { agentPath, type Answer, type Api } from "./sandboxClient";

/** A bare worker at the sandbox: it calls the platform and runs nothing. */
export interface BareWorker {
  readonly api: Api;
  readonly workerId: string;
  readonly path: string;
}

/** A session under a claim of a bare worker. */
export interface Held {
  readonly sessionId: string;
  readonly claimId: string;
  /** The session as the claim's answer showed it. */
  readonly first: Answer;
  read(): Promise<Answer>;
  patch(fields: object): Promise<Answer>;
  /** Says what belongs before the end and completes. */
  complete(summary?: string): Promise<Answer>;
  fail(errorMessage: string): Promise<Answer>;
  document(title: string, content: string): Promise<Answer>;
  /** Creates a child with this session as its parent. */
  delegate(body: object): Promise<Answer>;
}

/** The session that the worker is offered, claimed. Throws where there is not exactly one. */
export async function take(worker: BareWorker): Promise<Held> {
  const offered = await worker.api("GET", `${worker.path}/sessions`);
  const queued = sessionsOf(offered).filter((one) => one.status === "queued");
  if (queued.length !== 1) throw new Error(`${queued.length} sessions are offered.`);
  return claim(worker, queued[0]?.sessionId ?? "");
}

const sessionsOf = (polled: Answer): { readonly sessionId: string; readonly status: string }[] =>
  Array.from({ length: 100 }, (_, at) => at).flatMap((at) =>
    polled.get("sessions", at) === undefined
      ? []
      : [
          {
            sessionId: polled.text("sessions", at, "sessionId"),
            status: polled.text("sessions", at, "status"),
          },
        ],
  );

/** How many sessions a poll offers to the worker as queued. */
export const offeredTo = async ({ api, path }: BareWorker): Promise<readonly string[]> =>
  sessionsOf(await api("GET", `${path}/sessions`)).flatMap((one) =>
    one.status === "queued" ? [one.sessionId] : [],
  );

async function claim({ api, path }: BareWorker, sessionId: string): Promise<Held> {
  const at = `${path}/sessions/${sessionId}`;
  const first = await api("POST", `${at}/claim`, {});
  const claimId = first.text("claim", "claimId");
  let sequence = 0;
  const tell = (type: string, message: string): Promise<Answer> =>
    api("POST", `${at}/activities`, {
      claimId,
      activityId: randomUUID(),
      sequence: (sequence += 1),
      type,
      message,
      occurredAt: new Date().toISOString(),
    });
  return {
    sessionId,
    claimId,
    first,
    read: () => api("GET", at),
    patch: (fields) => api("PATCH", at, { claimId, ...fields }),
    complete: async (summary = "Done.") => {
      await tell("completion", summary);
      return api("POST", `${at}/complete`, { claimId, summary });
    },
    fail: async (errorMessage) => {
      await tell("failure", errorMessage);
      return api("POST", `${at}/fail`, { claimId, errorMessage });
    },
    document: (title, content) =>
      api("POST", "/workspaces/ws_sandbox/documents", {
        taskId: first.text("session", "taskId"),
        title,
        content,
        workflowRunId: first.text("session", "workflowRunId"),
        workflowStepId: first.text("session", "workflowStepId"),
      }),
    delegate: (body) =>
      api("POST", `${agentPath}/sessions`, {
        prompt: "Go on",
        delegatingSessionId: sessionId,
        claimId,
        ...body,
      }),
  };
}

/** Starts a run through the dashboard; gives its id. */
export async function startRun(sandbox: Sandbox, body: object): Promise<string> {
  await sandbox.dashboard("POST", "runs", { title: "Add a note", prompt: "Please add a note.", ...body });
  return sandbox.state().runs.at(-1)?.runId ?? "";
}

/** The run as the dashboard shows it. Throws where there is none. */
export function runIn(sandbox: Sandbox, runId: string): RunView {
  const run = sandbox.state().runs.find((one) => one.runId === runId);
  if (run === undefined) throw new Error(`There is no run ${runId}.`);
  return run;
}
