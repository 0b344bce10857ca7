import * as z from "zod/mini";
import { json } from "../http/call";
import { forbidden, notFound } from "../refusal";
import type { Worker, WorkerFacts } from "../state/schema";
import { agentOf, workerOf, type Call, type Handler } from "./context";
import { workerView } from "./views";

const registerBody = z.object({
  name: z.string(),
  runtime: z.object({ provider: z.string(), version: z.optional(z.string()) }),
  policy: z.optional(
    z.object({
      sandbox: z.optional(z.string()),
      approvals: z.optional(z.string()),
      network: z.optional(z.boolean()),
    }),
  ),
  worktreeMode: z.enum(["task", "repository"]),
  maxConcurrentSessions: z.number(),
  instructions: z.optional(z.string()),
  groupId: z.optional(z.string()),
  idempotencyKey: z.string(),
});

/** The caller's own workers of this agent, and those of the workspace that delegation may target. */
export const listWorkers: Handler = (call) => {
  const agent = agentOf(call);
  const workers = call.platform.state.workers.filter(
    (one) => one.workspaceId === agent.workspaceId && one.rejected === null,
  );
  return json(200, { workers: workers.map((one) => workerView(call.platform, one)) });
};

export const registerWorker: Handler = (call) => {
  const { platform, user } = call;
  const agent = agentOf(call);
  if (!agent.executionModes.includes("local")) throw forbidden("This agent does not run on local workers.");
  const { idempotencyKey, ...facts } = z.parse(registerBody, call.body);
  const known = platform.state.workers.find(
    (one) =>
      one.idempotencyKey === idempotencyKey &&
      one.ownerUserId === user.userId &&
      one.agentId === agent.agentId &&
      one.rejected === null,
  );
  const worker = known ?? newWorker(call, agent.workspaceId, agent.agentId, idempotencyKey, facts);
  worker.facts = facts;
  platform.changed();
  return json(known ? 200 : 201, { worker: workerView(platform, worker) });
};

function newWorker(
  call: Call,
  workspaceId: string,
  agentId: string,
  idempotencyKey: string,
  facts: WorkerFacts,
): Worker {
  const worker: Worker = {
    workerId: call.platform.nextId("worker"),
    agentId,
    workspaceId,
    ownerUserId: call.user.userId,
    idempotencyKey,
    facts,
    registeredAt: call.platform.clock.now(),
    lastBeatAt: null,
    beats: 0,
    lastBeat: null,
    signal: null,
    acknowledged: [],
    rejected: null,
  };
  call.platform.state.workers.push(worker);
  return worker;
}

export const getWorker: Handler = (call) => json(200, { worker: workerView(call.platform, workerOf(call)) });

const beatBody = z.record(z.string(), z.unknown());

export const heartbeat: Handler = (call) => {
  const worker = workerOf(call);
  const now = call.platform.clock.now();
  worker.lastBeatAt = now;
  worker.beats += 1;
  worker.lastBeat = z.parse(beatBody, call.body);
  call.platform.changed();
  return json(200, { serverTime: new Date(now).toISOString() });
};

export const acknowledgeControlSignal: Handler = (call) => {
  const worker = workerOf(call);
  const signalId = call.params["signalId"] ?? "";
  if (worker.signal?.signalId === signalId) {
    worker.signal = null;
    worker.acknowledged.push(signalId);
    call.platform.changed();
  } else if (!worker.acknowledged.includes(signalId)) {
    throw notFound("control signal");
  }
  return { status: 204 };
};
