import * as z from "zod/mini";
import { networkSchema } from "./network";

const factsSchema = z.object({
  state: z.enum(["idle", "busy", "paused", "stopping"]),
  activeSessions: z.number(),
  awaitingInputSessions: z.number(),
  maxConcurrentSessions: z.number(),
  runtime: z.object({ provider: z.string(), version: z.union([z.string(), z.undefined()]) }),
});
const timesSchema = z.object({
  intervalMs: z.number(),
  quickCutOffMs: z.number(),
  quickTries: z.number(),
  slowCutOffMs: z.number(),
  slowPauseMs: z.number(),
  silenceMs: z.number(),
  obeyMs: z.number(),
});

/** What the thread starts with. */
export const setupSchema = z.object({
  url: z.string(),
  times: timesSchema,
  /** Until the first beat, milliseconds. */
  firstBeatInMs: z.number(),
  facts: factsSchema,
  network: networkSchema,
  workerVersion: z.string(),
  platform: z.string(),
  /** Wall clock, milliseconds. */
  startedAt: z.number(),
});
export type ThreadSetup = z.infer<typeof setupSchema>;

/** From the main thread; each one is also a sign of life. `number` tells tokens apart without repeating them. */
export const toThreadSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("alive") }),
  z.object({ kind: z.literal("beatNow") }),
  z.object({ kind: z.literal("facts"), facts: factsSchema }),
  z.object({ kind: z.literal("token"), token: z.string(), number: z.number() }),
  z.object({ kind: z.literal("network"), network: networkSchema }),
]);
export type ToThread = z.infer<typeof toThreadSchema>;

export const fromThreadSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("accepted"), at: z.number() }),
  z.object({
    kind: z.literal("failed"),
    at: z.number(),
    reason: z.enum(["rejected", "unauthorized", "unreachable"]),
    message: z.string(),
    /** Nothing is sent for this long, since the platform asked for it. */
    quietMs: z.optional(z.number()),
  }),
  z.object({ kind: z.literal("tokenRefused"), number: z.number() }),
]);
export type FromThread = z.infer<typeof fromThreadSchema>;
