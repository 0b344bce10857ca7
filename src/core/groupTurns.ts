import type { Clock } from "../base/clock";
import { messageOf, type Log } from "../base/log";
import { RecentMap } from "../base/recentMap";
import type { GroupBoard, GroupMember } from "./ports/groupBoard";
import type { Session } from "./session";

/** The longest that a session is left to a neighbour, milliseconds. */
const longestLeftMs = 60_000;
/** What a poll and a claim take, milliseconds. */
const slackMs = 2000;
/** Polls vary by a tenth; who has missed two of them has gone. */
const jitter = 1.1;
const missed = 2.5;
const remembered = 500;

export interface GroupTurnsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly workerId: string;
  readonly board: GroupBoard;
  /** The worker's group now; undefined for none. */
  readonly group: () => string | undefined;
}

/**
 * Two workers of one group on this machine share its queue: who runs more than a neighbour that has room leaves a session to
 * it until the neighbour has polled once. A neighbour that is gone, full or paused holds nothing up.
 */
export class GroupTurns {
  readonly #deps: GroupTurnsDeps;
  /** Monotonic instant from which on a session is left to a neighbour. */
  readonly #leftSince = new RecentMap<string, number>(remembered);
  #others: readonly GroupMember[] = [];

  constructor(deps: GroupTurnsDeps) {
    this.#deps = deps;
  }

  /** Says how this worker stands and looks at the others. Never rejects: without the board nobody waits. */
  async look(facts: Pick<GroupMember, "running" | "hasRoom" | "pollMs">): Promise<void> {
    const { board, group, workerId, clock, log } = this.#deps;
    const name = group();
    this.#others = [];
    if (name === undefined) return;
    try {
      await board.tell(name, { ...facts, workerId, at: clock.now() });
      this.#others = await board.others(name, workerId);
    } catch (error) {
      log.warn("the other workers of the group could not be looked at", { message: messageOf(error) });
    }
  }

  /** For how long a session is left to a neighbour from now on, milliseconds; 0 when it may be taken. */
  leftMs({ sessionId, status, workerId }: Session, running: number): number {
    // What is routed to this worker alone, or was its own, nobody else gets.
    if (status !== "queued" || workerId !== undefined) return 0;
    const waits = this.#others
      .filter((other) => other.hasRoom && other.running < running && this.#isHere(other))
      .map(({ pollMs }) => Math.min(longestLeftMs, pollMs * jitter + slackMs));
    if (waits.length === 0) return 0;
    const now = this.#deps.clock.monotonic();
    const since = this.#leftSince.get(sessionId) ?? now;
    this.#leftSince.set(sessionId, since);
    return Math.max(0, since + Math.max(...waits) - now);
  }

  #isHere({ at, pollMs }: GroupMember): boolean {
    return Math.abs(this.#deps.clock.now() - at) <= pollMs * missed;
  }
}
