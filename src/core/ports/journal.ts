import type { ArtifactNotes } from "../artifactNotes";
import type { Finish } from "../finish";
import type { OpenQuestion } from "./person";
import type { UsedTool } from "./tools";
import type { OutboxEntry, OutboxState } from "../outbox";
import type { RunNotes } from "../runNotes";
import type { UsageTotals } from "./platform";
import type { RunOutcome } from "./runtime";

/** The side effect that comes next, or came last. Written to the disk before it happens. */
export type AttemptStep =
  /** The claim is asked for; the answer, and with it the claim's id, may be lost. */
  | "claiming"
  | "preparing"
  /** The coding tool is started, and runs. */
  | "executing"
  | "committing"
  | "publishing"
  /** The end is being told: nothing is executed any more, whatever happens. */
  | "finishing"
  | "ended";

/** An end that is being told. A later process tells the same one and executes nothing. */
export interface PendingEnding {
  readonly finish: Finish;
  /** The id of the last activity: told again under it, the platform stores it once. */
  readonly activityId: string;
  readonly byPerson: boolean;
  /** A sentence for the user, as the row shows it once it is told. */
  readonly detail: string | undefined;
  /** Set when the worker itself was at fault. */
  readonly fault: { readonly reason: string; readonly message: string } | undefined;
}

/** Which of the comments and documents of its task a thread was told. */
export interface ToldTexts {
  readonly threadId: string;
  /** Short names, in the words of whoever builds the prompt; a few hundred at most, and nothing of the texts. */
  readonly texts: readonly string[];
}

/** What must survive the death of the process about one session's latest attempt. */
export interface AttemptRecord {
  readonly sessionId: string;
  /**
   * Empty as long as no claim was had: a record that is not running and has none may be forgotten. While a session with an
   * earlier attempt is claimed anew, that attempt's record stays, with the step `claiming`.
   */
  readonly claimId: string;
  readonly title: string;
  readonly startedAt: number;
  readonly step: AttemptStep;
  readonly worktreePath: string | undefined;
  readonly workingDirectory: string | undefined;
  readonly branch: string | undefined;
  readonly baseCommit: string | undefined;
  readonly baseBranch: string | undefined;
  /** The branch's tip as the worker saw it last: a resume checks that the branch still holds it. */
  readonly headCommit: string | undefined;
  readonly threadId: string | undefined;
  /** The coding tool that keeps the thread; absent: Codex. */
  readonly provider?: string | undefined;
  /** Noted once the turn has begun whose prompt tells it. Absent: not known. */
  readonly told?: ToldTexts | undefined;
  /** Marks every process of this attempt in its environment, so that a later process can end what was left. */
  readonly marker: string | undefined;
  /** How often the coding tool was started for this session in a row of retries. */
  readonly tries: number;
  readonly outcome:
    "running" | "completed" | "failed" | "released" | "cancelled" | "abandoned" | "interrupted";
  /** How the coding tool ended, once it is not started again: a later process commits and finishes, but does not run it. */
  readonly ran: RunOutcome | undefined;
  /** Set from the moment the end is decided. */
  readonly ending: PendingEnding | undefined;
  readonly endedAt: number | undefined;
  /** A question that waits for a person: a later process asks it again. */
  readonly asked?: OpenQuestion | undefined;
  /** What the model did with the worker's own tools, so that it is not done twice. */
  readonly used?: readonly UsedTool[] | undefined;
  /** What the model wrote where no task takes it, in Markdown: it goes into the session's summary. */
  readonly documents?: string | undefined;
  /** A sentence on why it ended. */
  readonly detail: string | undefined;
  readonly stat: { readonly files: number; readonly added: number; readonly deleted: number } | undefined;
  /** The thread's running totals, as last told. */
  readonly usage?: UsageTotals | undefined;
  /** The attempt's own folders, in the words of whoever makes them: a later process goes on with the same. */
  readonly folders?: string | undefined;
  /** Set once the tool has ended and left something for people. */
  readonly artifacts?: ArtifactNotes | undefined;
  /** Set for a session of a workflow run. */
  readonly run?: RunNotes | undefined;
  /** True when a person released it: not claimed again by itself. */
  readonly releasedByPerson: boolean;
  readonly archived: boolean;
}

/**
 * Durable notes of one worker, written before the side effect they announce: what a process that comes after knows.
 * Only the worker's owner on this machine writes it. Every write rejects when it cannot be made durable.
 */
export interface Journal {
  /** The latest attempt of each session, oldest first. */
  list(): readonly AttemptRecord[];
  /** Resolves when it is on the disk. */
  save(record: AttemptRecord): Promise<void>;
  /** What was reported, and what waits to be, under a claim of a session; empty for one that is not known. */
  outbox(sessionId: string, claimId: string): OutboxState;
  /** Resolves when it is on the disk. Entries of one session keep their order; several that wait go with one write. */
  append(sessionId: string, claimId: string, entry: OutboxEntry): Promise<void>;
}
