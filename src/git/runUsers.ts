import type { Clock } from "../base/clock";
import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import type { TrustedCheckout } from "./checkoutTrust";
import { isAlive, ownMark } from "./liveProcess";
import type { Repository } from "./repository";
import { readRunNote, writeRunNote, type RunNote } from "./runNote";
import { adminFolderOf } from "./worktreeRegistry";

/** Which session has which run's worktree. Of other processes the note in git's directory tells. */
export class RunUsers {
  readonly #clock: Clock;
  /** Sessions of this process by the worktree's path. */
  readonly #live = new Map<string, string>();
  /** Git's own directories of worktrees, by path, as they were proven. */
  readonly #gitDirs = new Map<string, string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Throws WorktreeError `branchInUse` while another session has the worktree. True when it was free before. */
  take(path: string, branch: string, sessionId: string): boolean {
    const holder = this.#live.get(path);
    if (holder !== undefined && holder !== sessionId) throw inUse(branch, holder, path);
    this.#live.set(path, sessionId);
    return holder === undefined;
  }

  drop(path: string, sessionId: string): void {
    if (this.#live.get(path) === sessionId) this.#live.delete(path);
  }

  /** Throws WorktreeError `branchInUse` while another process has the worktree for another session. */
  async requireFree(
    note: RunNote | undefined,
    path: string,
    branch: string,
    sessionId: string,
  ): Promise<void> {
    if (note?.user === undefined || note.sessionId === sessionId || note.user.pid === process.pid) return;
    if (await isAlive(note.user, this.#clock.now())) throw inUse(branch, note.sessionId, path);
  }

  /** The session that works there now, in this process or in another one. */
  async userOf(path: string, gitDir: string): Promise<string | undefined> {
    const holder = this.#live.get(path);
    if (holder !== undefined) return holder;
    const note = await readRunNote(gitDir);
    if (note?.user === undefined || note.user.pid === process.pid) return undefined;
    return (await isAlive(note.user, this.#clock.now())) ? note.sessionId : undefined;
  }

  async note({ path, gitDir }: TrustedCheckout, note: Omit<RunNote, "user">): Promise<void> {
    this.#gitDirs.set(path, gitDir);
    await writeRunNote(gitDir, { ...note, user: await ownMark(this.#clock.now()) });
  }

  /** The session has let the worktree go; what else is noted stays. Nothing happens to one that is no run's. */
  async release(path: string, sessionId: string): Promise<void> {
    if (this.#live.get(path) !== sessionId) return;
    this.#live.delete(path);
    const gitDir = this.#gitDirs.get(path);
    const note = gitDir === undefined ? undefined : await readRunNote(gitDir);
    if (gitDir === undefined || note?.sessionId !== sessionId) return;
    await writeRunNote(gitDir, { ...note, user: undefined });
  }
}

/** Throws WorktreeError `pathInUse` where a session works in the run's worktree at the path. */
export async function refuseUsed(users: RunUsers, { commonDir }: Repository, path: string): Promise<void> {
  const gitDir = await adminFolderOf(commonDir, path);
  const user = gitDir === undefined ? undefined : await users.userOf(path, gitDir);
  if (user === undefined) return;
  throw new WorktreeError(
    "pathInUse",
    asWritten(
      "The worktree {0} was not removed: the session {1} works in it. Everything is kept. Try again once it has ended.",
      path,
      user,
    ),
  );
}

function inUse(branch: string, sessionId: string, path: string): WorktreeError {
  return new WorktreeError(
    "branchInUse",
    asWritten(
      "The session {0} works on the run's branch {1} now, in {2}, and on one branch it is one session at a time. Nothing was changed. Wait until it has ended, or end it, then claim this session again.",
      sessionId,
      branch,
      path,
    ),
  );
}
