import type { RunOutcome, RunRequest, RuntimeEvent } from "../../../../src/core/ports/runtime";

/** What a coding tool is made to do, in the words of none. */
export type Move =
  | { readonly do: "say"; readonly text: string }
  | { readonly do: "plan"; readonly steps: readonly string[] }
  /** A script in a shell that the tool starts. */
  | { readonly do: "shell"; readonly script: string }
  /** The same, for which the tool asks first. */
  | { readonly do: "ask"; readonly script: string }
  | { readonly do: "add"; readonly file: string; readonly text: string }
  | { readonly do: "progress"; readonly message: string }
  | { readonly do: "hang" };

/** A coding tool of one provider with a script for each run, a worktree and what lies around it. */
export interface Bench {
  readonly project: string;
  /** Absolute path outside of everything the tool may write. */
  readonly outside: string;
  /** A file of the worker's own, with `worker-secret` in it. */
  readonly secret: string;
  readonly events: readonly RuntimeEvent[];
  run(changes?: Partial<RunRequest>, signal?: AbortSignal): Promise<RunOutcome>;
  /** What the tool has been sent in its last turn: the owner's words, and what others wrote. */
  told(): { readonly trusted: readonly string[]; readonly untrusted: readonly string[] };
  survivors(): readonly number[];
  close(): void | Promise<void>;
}

/** One turn for each list of moves. */
export type OpenBench = (...turns: readonly (readonly Move[])[]) => Promise<Bench>;
