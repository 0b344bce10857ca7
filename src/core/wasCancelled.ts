import type { Clock } from "../base/clock";
import { withDeadline } from "../base/deadline";
import type { SessionCalls } from "./sessionCalls";

/** How long the question may take, milliseconds: the answer only betters the words shown. */
const askMs = 5000;

/** A claim died: was it because the session was cancelled? False when that cannot be found out quickly. */
export async function wasCancelled(
  deps: { readonly clock: Clock; readonly calls: Pick<SessionCalls, "read"> },
  signal: AbortSignal,
): Promise<boolean> {
  if (signal.aborted) return false;
  const late = new Error("the platform did not answer in time");
  try {
    const session = await withDeadline(deps.clock, askMs, late, signal, (inner) => deps.calls.read(inner));
    return session.status === "cancelled";
  } catch {
    return false;
  }
}
