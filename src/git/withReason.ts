import { toWorktreeError } from "./gitTrouble";
import { lockedError } from "./staleLock";

/** Gives every error that leaves this room a reason; `what` begins the sentence, `kept` ends it. */
export async function withReason<T>(what: string, kept: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toWorktreeError(await lockedError(error, what, kept, Date.now()), what, kept);
  }
}
