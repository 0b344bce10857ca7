import * as z from "zod/mini";
import { listOf, maybe, maybeText, textOrEmpty } from "./tolerant";

// Unknown fields are dropped, unknown enum values are data (plain strings here), and what the worker can live without
// may be missing or null. Only what gives a record its identity is required.

export const errorBody = z.object({
  code: z.nullish(z.union([z.number(), z.string()])),
  message: maybeText,
  reason: maybeText,
});

export const user = z.object({ userId: z.string(), name: maybeText });
export const workspace = z.object({ workspaceId: z.string(), name: textOrEmpty });
export const agent = z.object({
  agentId: z.string(),
  name: textOrEmpty,
  executionModes: listOf(z.string()),
});

export const controlSignal = z.object({ signalId: z.string(), type: textOrEmpty });
export const worker = z.object({
  workerId: z.string(),
  agentId: maybeText,
  workspaceId: maybeText,
  executionMode: maybeText,
  ownerUserId: textOrEmpty,
  name: textOrEmpty,
  status: textOrEmpty,
  groupId: maybeText,
  controlSignal: maybe(controlSignal),
});

export const userEnvelope = z.object({ user });
export const workspaceList = z.object({ workspaces: z.array(workspace) });
export const agentList = z.object({ agents: z.array(agent) });
export const workerEnvelope = z.object({ worker });
/** Read one by one, so that one odd worker does not hide the others. */
export const workerList = z.object({ workers: z.array(z.unknown()) });
export const file = z.object({ fileId: z.string(), name: maybeText, url: maybeText });
export const fileEnvelope = z.object({ file });
export const beatAnswer = z.object({ serverTime: maybeText });
