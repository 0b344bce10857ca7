import type { AttemptRecord, Journal } from "./ports/journal";

/** What the journal knows of this session's latest attempt; undefined when none was noted. */
export function latestAttempt(journal: Pick<Journal, "list">, sessionId: string): AttemptRecord | undefined {
  return journal.list().find((record) => record.sessionId === sessionId);
}
