import { say } from "../base/words";
import { UserError } from "./actions";
import { troubleWith } from "./platformWords";

/**
 * Runs what a person asked for and tells a failure in their words.
 * @param what what did not work out, a clause without a full stop.
 * @param then what was kept and what to do, whole sentences.
 * @throws UserError; the signal's reason when it aborts.
 */
export async function inWords<T>(
  what: string,
  then: string,
  signal: AbortSignal,
  task: () => Promise<T>,
): Promise<T> {
  try {
    return await task();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UserError) throw error;
    throw new UserError(`${what}: ${troubleWith(error, say)}. ${then}`, { cause: error });
  }
}
