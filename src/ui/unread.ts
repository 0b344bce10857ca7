import type { SessionView, WorkerState } from "../core/state";

/** What a person has seen of the sessions, as it is stored. Times in milliseconds since the epoch, by this machine's clock. */
export interface SeenNotes {
  /** When the notes began: what happened before is old news. */
  readonly since: number;
  /** Of each session the time of the latest news that was seen. */
  readonly seen: Readonly<Record<string, number>>;
}

/** How many sessions the notes know at most; the latest news stay. */
const mostSessions = 1_000;

/** When the latest thing happened in a session that a person should see; undefined where nothing did. */
export function newsAt(session: SessionView): number | undefined {
  const { phase, questions, startedAt, endedAt, archived } = session;
  if (archived) return undefined;
  if (questions.length > 0) return Math.max(...questions.map(({ askedAt }) => askedAt));
  switch (phase) {
    case "awaitingInput":
      return startedAt;
    case "complete":
    case "failed":
    case "cancelled":
    case "claimLost":
      return endedAt;
    // Goes on by itself, or was done by a person here.
    case "listed":
    case "claiming":
    case "preparing":
    case "running":
    case "finishing":
    case "interrupted":
    case "released":
    case "elsewhere":
      return undefined;
  }
}

export function isUnread(session: SessionView, { since, seen }: SeenNotes): boolean {
  const at = newsAt(session);
  return at !== undefined && at > (seen[session.sessionId] ?? since);
}

/** The notes once a person has seen these sessions; the same object where they tell nothing new. */
export function withSeen(notes: SeenNotes, sessions: readonly SessionView[]): SeenNotes {
  const fresh = sessions.flatMap((one) => {
    const at = newsAt(one);
    return at !== undefined && isUnread(one, notes) ? [[one.sessionId, at] as const] : [];
  });
  if (fresh.length === 0) return notes;
  const all = Object.entries({ ...notes.seen, ...Object.fromEntries(fresh) });
  const kept = all.toSorted(([, a], [, b]) => b - a).slice(0, mostSessions);
  return { since: notes.since, seen: Object.fromEntries(kept) };
}

/** Every session with news that nobody has seen. */
export function unreadSessions(
  { sessions }: Pick<WorkerState, "sessions">,
  notes: SeenNotes,
): ReadonlySet<string> {
  const unread = new Set<string>();
  for (const session of sessions.values()) if (isUnread(session, notes)) unread.add(session.sessionId);
  return unread;
}

/** What was stored, or notes that begin now where that is none. */
export function parseSeen(stored: unknown, now: number): SeenNotes {
  const none: SeenNotes = { since: now, seen: {} };
  if (typeof stored !== "object" || stored === null) return none;
  if (!("since" in stored) || typeof stored.since !== "number" || !("seen" in stored)) return none;
  if (typeof stored.seen !== "object" || stored.seen === null) return none;
  const seen = Object.entries(stored.seen).flatMap(([id, at]: [string, unknown]) =>
    typeof at === "number" ? [[id, at] as const] : [],
  );
  return { since: stored.since, seen: Object.fromEntries(seen) };
}
