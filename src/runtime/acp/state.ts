import type { UsageTotals } from "../../core/ports/platform";

/** A step of the agent, as far as it was told. */
export interface Tool {
  readonly id: string;
  /** `execute`, `edit`, `read` and so on; open. */
  readonly kind: string;
  readonly title: string;
  /** Of the program's own, where the agent tells it. */
  readonly name: string | undefined;
  /** What it runs, where it said so. */
  readonly command: string | undefined;
  readonly cwd: string | undefined;
  readonly input: unknown;
  readonly paths: readonly string[];
  readonly diffs: readonly { readonly path: string; readonly change: "add" | "update" | "delete" }[];
  readonly terminals: readonly string[];
  /** The end of the texts that it showed. */
  readonly output: string;
  readonly exitCode: number | undefined;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  /** Its start was told as a command. */
  readonly told: boolean;
  readonly done: boolean;
}

/** What the mapping remembers of one session while its turn runs. Never changed in place. */
export interface AcpState {
  /** Pieces of a text that is still being told. */
  readonly open:
    { readonly kind: "message" | "thought"; readonly id: string; readonly text: string } | undefined;
  /** Texts so far, which have no id of their own. */
  readonly texts: number;
  /** The newest ones, by the agent's id. */
  readonly tools: ReadonlyMap<string, Tool>;
  readonly commands: number;
  readonly plan: string | undefined;
  readonly usage: UsageTotals | undefined;
  readonly lastMessage: string | undefined;
}

export const initialState: AcpState = {
  open: undefined,
  texts: 0,
  tools: new Map(),
  commands: 0,
  plan: undefined,
  usage: undefined,
  lastMessage: undefined,
};

/** A command in a terminal of ours. */
export interface TerminalFacts {
  readonly command: string;
  /** The end of what it printed. */
  readonly output: string;
  readonly exitCode: number | undefined;
  readonly durationMs: number | undefined;
}

/** What the mapping needs from outside. */
export interface MappingContext {
  /** Monotonic milliseconds. */
  readonly nowMs: number;
  /** Texts come in pieces, so that what is secret is looked for in the whole. */
  readonly redact: (text: string) => string;
  readonly terminal: (id: string) => TerminalFacts | undefined;
}
