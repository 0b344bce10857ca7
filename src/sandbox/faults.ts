import * as z from "zod/mini";
import type { HttpReply } from "./http/call";

const moment = z._default(z.enum(["before", "after"]), "before");

/** What a test may ask the sandbox to do wrong. `times: 0` lasts until the faults are cleared. */
export const faultSchema = z.strictObject({
  /** Only calls of this operation; every call where absent. */
  operationId: z.optional(z.string()),
  /** Only calls whose path contains this text. */
  pathIncludes: z.optional(z.string()),
  /** Lets this many matching calls through first. */
  skip: z._default(z.number().check(z.int(), z.nonnegative()), 0),
  times: z._default(z.number().check(z.int(), z.nonnegative()), 1),
  action: z.discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("status"),
      status: z.number().check(z.int(), z.gte(300), z.lte(599)),
      message: z.optional(z.string()),
      reason: z.optional(z.string()),
      retryAfterSeconds: z.optional(z.number()),
      /** "after": the call takes effect and the caller is told otherwise. */
      when: moment,
    }),
    /** 429 with the seconds in the message alone. */
    z.strictObject({ type: z.literal("rate_limit"), seconds: z.number() }),
    /** Cuts the connection without an answer, before or after the call takes effect. */
    z.strictObject({ type: z.literal("drop"), when: moment }),
    /** Answers late. */
    z.strictObject({ type: z.literal("delay"), delayMs: z.number().check(z.nonnegative()), when: moment }),
    /** Takes the call, does it, and answers with this text as it is. */
    z.strictObject({ type: z.literal("body"), text: z.string(), status: z._default(z.number(), 200) }),
  ]),
});

export type Fault = z.infer<typeof faultSchema>;

/** The faults that stand, in the order in which they were asked for. */
export interface FaultBook {
  add(fault: Fault): void;
  clear(): void;
  list(): readonly Fault[];
  /** The fault this call meets, used up by it. */
  take(operationId: string, path: string): Fault["action"] | undefined;
}

export function faultBook(): FaultBook {
  let faults: { fault: Fault; skip: number; left: number }[] = [];
  return {
    add: (fault) =>
      void faults.push({ fault, skip: fault.skip, left: fault.times === 0 ? Infinity : fault.times }),
    clear: () => {
      faults = [];
    },
    list: () => faults.map((one) => one.fault),
    take: (operationId, path) => {
      for (const one of faults) {
        if (one.fault.operationId !== undefined && one.fault.operationId !== operationId) continue;
        if (one.fault.pathIncludes !== undefined && !path.includes(one.fault.pathIncludes)) continue;
        if (one.skip > 0) {
          one.skip -= 1;
          continue;
        }
        one.left -= 1;
        if (one.left <= 0) faults = faults.filter((other) => other !== one);
        return one.fault.action;
      }
      return undefined;
    },
  };
}

/** The answer of a fault that is one. */
export function faultReply(action: Fault["action"]): HttpReply | undefined {
  switch (action.type) {
    case "status": {
      const message = action.message ?? `The sandbox was asked to answer ${action.status}.`;
      const reason = action.reason === undefined ? {} : { reason: action.reason };
      const headers =
        action.retryAfterSeconds === undefined ? {} : { "retry-after": String(action.retryAfterSeconds) };
      return { status: action.status, json: { code: action.status, message, ...reason }, headers };
    }
    case "rate_limit":
      return {
        status: 429,
        json: { code: 429, message: `Too many requests. Please retry in ${action.seconds} seconds.` },
      };
    case "body":
      return { status: action.status, text: action.text, headers: { "content-type": "application/json" } };
    case "drop":
    case "delay":
      return undefined;
  }
}
