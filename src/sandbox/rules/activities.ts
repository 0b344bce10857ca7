import * as z from "zod/mini";
import { badRequest } from "../refusal";
import type { Claim, Session } from "../state/schema";

/** An activity, after the contract has judged it. */
export const activityBody = z.object({
  claimId: z.string(),
  activityId: z.string(),
  sequence: z.number(),
  type: z.string(),
  message: z.string(),
  url: z.optional(z.string()),
  occurredAt: z.string(),
});

/** False where this activity was stored before. Throws 400 where the number is not the next one of the claim. */
export function addActivity(
  session: Session,
  claim: Claim,
  body: z.infer<typeof activityBody>,
  now: number,
): boolean {
  const activityId = body.activityId.toLowerCase();
  if (session.activities.some((one) => one.activityId === activityId)) return false;
  const expected = claim.lastSequence + 1;
  if (body.sequence !== expected) {
    throw badRequest(`The sequence has to be ${expected}, the next one of this claim.`);
  }
  session.activities.push({ ...body, activityId, receivedAt: now });
  claim.lastSequence = expected;
  session.updatedAt = now;
  return true;
}
