import type { Session } from "../state/schema";
import { dropClaim, setStatus } from "./time";

export type Finish =
  | { readonly kind: "complete"; readonly summary: string | undefined }
  | { readonly kind: "fail"; readonly message: string; readonly reason: string | undefined }
  | { readonly kind: "release"; readonly reason: string | undefined };

/** Ends the claim. Breaches of the contract's prose are remarked, not refused. */
export function finish(
  session: Session,
  claimId: string,
  how: Finish,
  delegated: boolean,
  now: number,
): void {
  session.remarks.push(...remarksOn(session, claimId, how, delegated));
  dropClaim(session);
  session.input = null;
  session.inputRequest = null;
  switch (how.kind) {
    case "complete":
      session.summary = how.summary ?? null;
      session.errorMessage = null;
      setStatus(session, "complete", now);
      break;
    case "fail":
      session.errorMessage = how.message;
      session.errorReason = how.reason ?? null;
      setStatus(session, "error", now);
      break;
    case "release":
      session.releaseReason = how.reason ?? null;
      setStatus(session, "queued", now);
      break;
  }
}

function remarksOn(session: Session, claimId: string, how: Finish, delegated: boolean): string[] {
  const remarks: string[] = [];
  const last = session.activities.filter((one) => one.claimId === claimId).at(-1);
  const lastPatchAt = session.patches.at(-1)?.at ?? 0;
  const expected = { complete: "completion", fail: "failure", release: undefined }[how.kind];
  if (expected !== undefined && last?.type !== expected) {
    remarks.push(`The last activity was not the ${expected} activity.`);
  } else if (expected !== undefined && last && lastPatchAt > last.receivedAt) {
    remarks.push(`A patch came after the ${expected} activity.`);
  }
  if (how.kind !== "release" && session.status === "awaiting_input") {
    remarks.push("It was finished while it awaited input.");
  }
  if (how.kind !== "complete") return remarks;
  if (session.workflow.taskMode === "review" && session.reviewVerdict === null) {
    remarks.push("A review without a verdict: its run stalls.");
  }
  if (session.workflow.nextTarget && !delegated) {
    remarks.push("The next step was not delegated: its run stalls.");
  }
  return remarks;
}
