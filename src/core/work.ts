import type { Clock } from "../base/clock";
import type { Random } from "../base/random";
import type { Log } from "../base/log";
import type { WorkFailureReason } from "./attemptEnd";
import type { SessionChange } from "./events";
import type { ArtifactNotes } from "./artifactNotes";
import type { ArtifactFolder, Artifacts } from "./ports/artifacts";
import type { HookRunner } from "./ports/hooks";
import type { AttemptRecord, AttemptStep, ToldTexts } from "./ports/journal";
import type { QuestionDesk } from "./questionDesk";
import type { OpenQuestion } from "./ports/person";
import type { RunOutcome, Runtime } from "./ports/runtime";
import type { UseTool } from "./ports/tools";
import type { NotedWorktree, Worktrees } from "./ports/worktrees";
import type { Reporter } from "./reporter";
import type { RunLog } from "./runNotes";
import type { Session } from "./session";
import type { SessionCalls } from "./sessionCalls";
import type { ModeRules } from "./taskMode";
import type { UsageMeter } from "./usageMeter";
import type { WorkflowConfig } from "./workflowConfig";

/** The two inputs of the coding tool; never spliced. */
export interface Prompt {
  readonly trustedInstructions: string;
  readonly untrustedInput: string;
  /** The untrusted input for a thread that knows nothing; only where the input itself is for one that knows the work. */
  readonly inputAnew?: (() => string) | undefined;
  /** Untrusted texts that the input names instead of holding them; each has to be in the inputs folder before the turn. */
  readonly files: readonly InputFile[];
  /** Short names of the comments and documents in it: with them a later turn knows what is new. Bounded. */
  readonly told: readonly string[];
}

export interface InputFile {
  /** A name of ours, without a folder. */
  readonly name: string;
  readonly text: string;
}

/** Where one start of the coding tool works. All of it comes from the worker itself. */
export interface PromptPlace {
  /** Absolute path. */
  readonly workingDirectory: string;
  readonly branch: string;
  /** No branch is checked out, and the checkout goes when the session ends. */
  readonly detached?: boolean;
  /** Where the branch left the base. */
  readonly baseCommit?: string;
  /** Paths in the repository that a begun merge left in conflict. */
  readonly conflicts?: readonly string[];
  /** Absolute paths outside the working directory. */
  readonly artifactsDirectory: string;
  readonly inputsDirectory: string;
}

/** What one start of the coding tool goes on with. */
export interface PromptTurn {
  /** Its thread knows the work: only what is new is told. */
  readonly continued: boolean;
  /** Work was cut off in the middle. */
  readonly interrupted: boolean;
  /** Which comments and documents its thread was told, by their short names. Undefined where that is not known. */
  readonly told?: readonly string[] | undefined;
  readonly place: PromptPlace;
}

export interface AttemptFolders {
  /** Names them to a later process. */
  readonly id: string;
  readonly artifacts: ArtifactFolder;
  readonly quarantine: string;
  /** Absolute path of a folder that only the tool's reading reaches. */
  readonly inputs: string;
  /** Puts a file there. */
  readonly keepInput: (file: InputFile) => Promise<void>;
  /** The attempt is over: removes the inputs, and the folders that hold nothing. Never rejects. */
  readonly tidy: () => Promise<void>;
}

/** What a session of a run has besides its work. */
export interface RunWork {
  readonly mode: ModeRules;
  readonly log: RunLog;
}

export interface WorkDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly runtime: Runtime;
  readonly worktrees: Worktrees;
  readonly hooks: HookRunner;
  readonly artifacts: Artifacts;
  readonly folder: string;
  readonly workerName: string;
  readonly config: WorkflowConfig;
  /** A sentence on the checkout that the session's log begins with. */
  readonly remark?: string | undefined;
  readonly prompt: (session: Session, turn: PromptTurn) => Prompt;
  /** Makes the absolute, private folders of this attempt outside the worktree. */
  readonly folders: () => Promise<AttemptFolders>;
}

export interface WorkContext {
  readonly session: Session;
  readonly reporter: Reporter;
  readonly claimId: string;
  readonly calls: Pick<
    SessionCalls,
    "read" | "upload" | "comment" | "readOther" | "poll" | "delegate" | "patch" | "writeDocument"
  >;
  /** Undefined for ordinary work. */
  readonly run: RunWork | undefined;
  /** Where an earlier process worked. */
  readonly leftAt: string | undefined;
  readonly resumeThreadId: string | undefined;
  /** Which start of the coding tool an earlier process was at; 0 for none. */
  readonly tries: number;
  /** An earlier attempt was cut off in the middle of its work: the model is told. */
  readonly interrupted: boolean;
  /** Random; the attempt's processes carry it in their environment. */
  readonly marker: string;
  /** The checkout that an earlier process left in the middle of its work; verified before anything is done there. */
  readonly noted: NotedWorktree | undefined;
  /** How the coding tool ended in an earlier process: it is not run again, its work is only taken over. */
  readonly ran: RunOutcome | undefined;
  /** The tokens of the thread, as far as an earlier process knew them. */
  readonly meter: UsageMeter;
  /** What an earlier process noted of the files that the tool left for people. */
  readonly artifacts: ArtifactNotes | undefined;
  /** What the model has written so far where no task takes it. */
  readonly documents: () => string | undefined;
  /** What the thread was told so far; undefined where that is not known. */
  readonly told: () => ToldTexts | undefined;
  /** What other people wrote, as a poll showed it last. */
  readonly seen: () => Session["untrusted"] | undefined;
  /** A question of an earlier process that nobody has answered. */
  readonly asked: OpenQuestion | undefined;
  /** Where the coding tool's questions wait for a person. */
  readonly desk: QuestionDesk;
  /** Carries out the model's calls of the worker's own tools. */
  readonly useTool: UseTool;
  readonly change: (change: SessionChange) => void;
  /** Notes facts down; what the disk does not take is only logged. */
  readonly record: (facts: Partial<AttemptRecord>) => Promise<void>;
  /**
   * Before a side effect: resolves when the step is on the disk and the claim is not in doubt. Rejects with StorageError
   * when the disk does not take it: then the side effect must not happen.
   */
  readonly step: (step: AttemptStep, facts?: Partial<AttemptRecord>) => Promise<void>;
}

/** The disk did not take a note that has to stand there before the next step. */
export class StorageError extends Error {
  override readonly name = "StorageError";
}

export type WorkResult =
  | { readonly kind: "done"; readonly summary: string }
  | {
      readonly kind: "failed";
      readonly reason: WorkFailureReason;
      readonly message: string;
    };

/** The deps of the work once the attempt's folders are made. */
export type Placed = WorkDeps & { readonly made: AttemptFolders };
