import type { UsageTotals } from "../../core/ports/platform";
import type { TurnError } from "./protocol";

/** How the turn ended, as the tool says it. */
export interface TurnEnd {
  readonly status: string;
  readonly error: TurnError | undefined;
}

/** What the mapping remembers of one thread while its turn runs. Never changed in place. */
export interface MappingState {
  /** Notifications of other threads (helpers of the tool) do not end the turn and are not counted. */
  readonly threadId: string | undefined;
  readonly turnId: string | undefined;
  readonly usage: UsageTotals | undefined;
  readonly finalMessage: string | undefined;
  readonly lastMessage: string | undefined;
  /** Texts told so far: after a retry the tool repeats messages under new ids. */
  readonly told: readonly string[];
  readonly retried: boolean;
  /** The last error that came with or without a retry; explains a turn that ends without one. */
  readonly lastError: TurnError | undefined;
  readonly end: TurnEnd | undefined;
}

export const initialMapping: MappingState = {
  threadId: undefined,
  turnId: undefined,
  usage: undefined,
  finalMessage: undefined,
  lastMessage: undefined,
  told: [],
  retried: false,
  lastError: undefined,
  end: undefined,
};
