import { asWritten } from "../base/words";
import { UserError } from "./actions";
import { PlatformError } from "./platformError";
import type { RunTarget } from "./runNotes";
import type { Session } from "./session";

/** How many sessions may hand on to each other in a row: a loop ends here. */
const longestChain = 8;

/** Why nothing more may be handed on from here. */
export const chainTooLong = asWritten(
  "Work was handed on {0} times in a row, which is as long as a chain may be: it may go round in circles",
  longestChain,
);

/** What is wrong with a target, a clause; undefined where exactly one id is given. */
export function badTarget({ targetWorkerId, targetGroupId }: RunTarget): string | undefined {
  const worker = (targetWorkerId ?? "").trim() !== "";
  const group = (targetGroupId ?? "").trim() !== "";
  if (worker && group) return asWritten("it names both a worker and a group");
  return worker || group ? undefined : asWritten("it names neither a worker nor a group");
}

/**
 * Is the session the last of a chain that may not grow? Each session above it is read; where one is not ours to read the
 * count ends.
 */
export async function isChainFull(
  read: (sessionId: string, signal: AbortSignal) => Promise<Session>,
  session: Session,
  signal: AbortSignal,
): Promise<boolean> {
  const seen = new Set([session.sessionId]);
  let above = session.delegatingSessionId;
  while (above !== undefined) {
    // One that hands on to itself goes round for ever.
    if (seen.has(above)) return true;
    seen.add(above);
    if (seen.size >= longestChain) return true;
    try {
      above = (await read(above, signal)).delegatingSessionId;
    } catch (error) {
      if (PlatformError.is(error, "forbidden", "notFound")) return false;
      throw error;
    }
  }
  return false;
}

export function notWorking(): UserError {
  return new UserError(
    asWritten(
      "Only a session that works here can hand work on. Nothing was delegated. Wait until it works again, or answer what it asks.",
    ),
  );
}
