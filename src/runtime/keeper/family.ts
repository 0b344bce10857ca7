import { carries, readProcTable, readTable, type ProcessEntry } from "./processTable";

/**
 * A process and all that descends from it. Who was seen once is known for good, by number and start time, since an orphan
 * has no parent to be found by.
 */
export class Family {
  readonly #variable: string;
  readonly #known = new Map<number, string>();
  /** Nobody who is older than the first member descends from it. */
  #oldest: string | undefined;

  /** @param variable the `NAME=value` that every member is given in its environment. */
  constructor(variable: string) {
    this.#variable = variable;
  }

  /** A first member, found by other means. */
  addFirst(member: Pick<ProcessEntry, "pid" | "startedAt">): void {
    this.#oldest ??= member.startedAt;
    this.#known.set(member.pid, member.startedAt);
  }

  /** All living members. */
  async find(): Promise<readonly ProcessEntry[]> {
    return this.#among(await readTable(), process.platform === "linux");
  }

  /** Notes who is in the tree just now; cheaper than `find`, since it reads no environment. Linux: at once. */
  async note(): Promise<void> {
    if (process.platform === "linux") this.noteNow();
    else this.#among(await readTable(), false);
  }

  /** As `note`, in this very moment, where that is possible. */
  noteNow(): void {
    if (process.platform === "linux") this.#among(readProcTable(), false);
  }

  #among(table: readonly ProcessEntry[], byMarker: boolean): readonly ProcessEntry[] {
    const found = relatives(table, {
      self: process.pid,
      isKnown: (one) => this.#known.get(one.pid) === one.startedAt,
      carries: (one) =>
        byMarker && !startedBefore(one.startedAt, this.#oldest) && carries(one, this.#variable),
    });
    for (const one of found) this.#known.set(one.pid, one.startedAt);
    return found;
  }
}

/** Linux: in clock ticks since the start of the machine. */
function startedBefore(startedAt: string, other: string | undefined): boolean {
  return other !== undefined && Number(startedAt) < Number(other);
}

/**
 * Who belongs together in one table: who is known or carries the marker, their descendants, and who shares a session with
 * one of them. A session counts only when its founder is one of them, or is gone: a member that was taken into somebody
 * else's session must not draw the others in. Nor does ours: whoever looks is never a member itself. Pure.
 */
export function relatives(
  table: readonly ProcessEntry[],
  by: {
    readonly self: number;
    readonly isKnown: (entry: ProcessEntry) => boolean;
    readonly carries: (entry: ProcessEntry) => boolean;
  },
): readonly ProcessEntry[] {
  const others = table.filter((one) => one.pid !== by.self);
  const ownSession = table.find((one) => one.pid === by.self)?.session;
  const living = new Set(table.map((one) => one.pid));
  const isOpen = (session: number, members: ReadonlySet<number>): boolean =>
    session !== 0 && session !== ownSession && (members.has(session) || !living.has(session));
  const found = new Set(others.filter((one) => by.isKnown(one)));
  // Whoever the tree shows needs no look into its environment, which costs more.
  grow(others, found, isOpen);
  for (const one of others) if (!found.has(one) && by.carries(one)) found.add(one);
  grow(others, found, isOpen);
  return [...found];
}

/** The table is in no useful order, so it is walked until nobody is added any more. */
function grow(
  table: readonly ProcessEntry[],
  found: Set<ProcessEntry>,
  isOpen: (session: number, members: ReadonlySet<number>) => boolean,
): void {
  for (let before = -1; before !== found.size;) {
    before = found.size;
    const members = new Set([...found].map((one) => one.pid));
    const sessions = new Set([...found].map((one) => one.session).filter((one) => isOpen(one, members)));
    for (const one of table) if (members.has(one.parent) || sessions.has(one.session)) found.add(one);
  }
}
