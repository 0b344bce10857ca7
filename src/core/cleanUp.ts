import { messageOf } from "../base/log";
import { asWritten } from "../base/words";
import type { AttemptRecord } from "./ports/journal";
import type { RemovedWorktree, WorktreeCleanUp, WorktreeFacts } from "./ports/worktreeCleanUp";
import type { SessionPhase, SessionView } from "./state";

/** Why a worktree has to stay now. */
type StayReason = "session" | "locked" | "inUse";

/** A worktree as a person decides about it. */
export interface CleanUpCandidate extends WorktreeFacts {
  /** Undefined where no record names the session any more. */
  readonly session: { readonly sessionId: string; readonly title: string } | undefined;
  readonly stays: StayReason | undefined;
  /** Something in it is on no remote, committed or not, or nobody knows. */
  readonly holdsWork: boolean;
}

export interface CleanUpResult {
  readonly removed: readonly RemovedWorktree[];
  /** What was left as it is, with the reason as a sentence. */
  readonly left: readonly { readonly path: string; readonly message: string }[];
  /** What went wrong and kept no worktree from being removed, as sentences. */
  readonly notes: readonly string[];
  readonly cancelled: boolean;
}

/** The sessions that are known here: records of this and earlier processes, and what the views show. */
export interface KnownSessions {
  readonly records: readonly AttemptRecord[];
  readonly views: Iterable<SessionView>;
}

const busyPhases: ReadonlySet<SessionPhase> = new Set<SessionPhase>([
  "claiming",
  "preparing",
  "running",
  "finishing",
  "awaitingInput",
  "interrupted",
  "elsewhere",
]);

/** What may be removed and what stays, the ones that can go first, then the longest untouched. */
export function cleanUpCandidates(
  facts: readonly WorktreeFacts[],
  known: KnownSessions,
  keyOf: (sessionId: string) => string,
): readonly CleanUpCandidate[] {
  const sessions = sessionsByKey(known, keyOf);
  return facts
    .map((one): CleanUpCandidate => {
      const session = sessions.get(one.sessionKey);
      return {
        ...one,
        session: session === undefined ? undefined : { sessionId: session.sessionId, title: session.title },
        stays: staysBecause(one, session?.busy === true),
        holdsWork: holdsWork(one),
      };
    })
    .sort((one, other) => order(one) - order(other) || (one.changedAt ?? 0) - (other.changedAt ?? 0));
}

function order(one: CleanUpCandidate): number {
  if (one.stays !== undefined) return 2;
  return one.holdsWork ? 1 : 0;
}

interface KnownSession {
  readonly sessionId: string;
  readonly title: string;
  readonly busy: boolean;
}

function sessionsByKey(
  { records, views }: KnownSessions,
  keyOf: (sessionId: string) => string,
): Map<string, KnownSession> {
  const sessions = new Map<string, KnownSession>();
  const add = (one: Pick<SessionView, "sessionId" | "title" | "worktreePath">, busy: boolean): void => {
    const { sessionId, title, worktreePath } = one;
    // A run's worktree is named after its branch, and a checkout to read in by a name of its own.
    const folder = worktreePath?.split(/[\\/]/u).at(-1);
    for (const key of [keyOf(sessionId), ...(folder === undefined ? [] : [folder])]) {
      sessions.set(key, { sessionId, title, busy: busy || sessions.get(key)?.busy === true });
    }
  };
  for (const one of records) add(one, isOpen(one));
  for (const one of views) add(one, busyPhases.has(one.phase));
  return sessions;
}

/** A later process goes on with it, or has still to tell how it ended. */
function isOpen(record: AttemptRecord): boolean {
  const untold = record.ending !== undefined && record.step !== "ended";
  return untold || record.outcome === "running" || record.outcome === "interrupted";
}

function staysBecause(facts: WorktreeFacts, busy: boolean): StayReason | undefined {
  if (busy) return "session";
  if (facts.locked !== undefined) return "locked";
  return facts.inUseBy.length > 0 ? "inUse" : undefined;
}

function holdsWork(facts: WorktreeFacts): boolean {
  const { changed, untracked, unpushed, stashes, unfinished, submodules, problem } = facts;
  return (
    changed + untracked + unpushed + stashes + submodules > 0 ||
    unfinished !== undefined ||
    problem !== undefined
  );
}

export interface CleanUpRequest {
  readonly folder: string;
  readonly chosen: readonly CleanUpCandidate[];
  readonly includeIgnored: boolean;
  /** What is known at the moment of each removal: a session may have come back since the person chose. */
  readonly known: () => Promise<KnownSessions>;
  readonly onProgress: (candidate: CleanUpCandidate, at: number) => void;
  /** The owner's `before_remove`. What went wrong with it, as a sentence; undefined when there is nothing to tell. */
  readonly beforeRemove: (candidate: CleanUpCandidate, signal: AbortSignal) => Promise<string | undefined>;
}

/** Removes one worktree after another. What cannot be removed is left and told; the rest goes on. */
export async function cleanUp(
  worktrees: WorktreeCleanUp,
  request: CleanUpRequest,
  signal: AbortSignal,
): Promise<CleanUpResult> {
  const removed: RemovedWorktree[] = [];
  const left: { path: string; message: string }[] = [];
  const notes = new Set<string>();
  for (const [at, candidate] of request.chosen.entries()) {
    if (isAborted(signal)) break;
    const { folder, includeIgnored } = request;
    const { path, session } = candidate;
    request.onProgress(candidate, at);
    try {
      requireFree(worktrees, candidate, await request.known());
      const note = candidate.gone ? undefined : await request.beforeRemove(candidate, signal);
      if (note !== undefined) notes.add(note);
      // The hook took its time.
      requireFree(worktrees, candidate, await request.known());
      removed.push(await worktrees.removeWorktree({ folder, path, includeIgnored, session }, signal));
    } catch (error) {
      if (isAborted(signal)) break;
      left.push({ path, message: messageOf(error) });
    }
  }
  return { removed, left, notes: [...notes], cancelled: isAborted(signal) };
}

/** Asked anew after each wait. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function requireFree(worktrees: WorktreeCleanUp, candidate: CleanUpCandidate, known: KnownSessions): void {
  const session = sessionsByKey(known, (id) => worktrees.keyOf(id)).get(candidate.sessionKey);
  if (session?.busy !== true) return;
  throw new Error(
    asWritten(
      "The worktree {0} was not removed: its session is at work again. Everything is kept. Try again once it has ended.",
      candidate.path,
    ),
  );
}
