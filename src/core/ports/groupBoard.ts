/** How one worker of a group stands, as it says itself at each poll. */
export interface GroupMember {
  readonly workerId: string;
  /** Sessions that it executes. */
  readonly running: number;
  /** It would take another one. */
  readonly hasRoom: boolean;
  /** How often it polls, milliseconds. */
  readonly pollMs: number;
  /** When it said so, milliseconds since the epoch. */
  readonly at: number;
}

/** Where the workers of one group that run on this machine see each other. */
export interface GroupBoard {
  /** @param group names the group on every platform and in every workspace. */
  tell(group: string, member: GroupMember): Promise<void>;
  /** What the others said last, however long ago. */
  others(group: string, workerId: string): Promise<readonly GroupMember[]>;
}
