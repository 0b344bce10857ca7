import { lstat, readdir, readFile, readlink, realpath, unlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Clock } from "../base/clock";
import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import { isSessionWorktree } from "./checkoutTrust";
import { GitFailure, shorten } from "./gitFailure";
import { isLockFailure } from "./gitTrouble";
import { runKey } from "./sessionKey";
import { isMissing, isWithin } from "./worktreeFolder";

const looks = 5;
const lookEveryMs = 200;
/** A git of another container that shares the folder is not among the processes here: what is younger may be its. */
const youngestMs = 10_000;

/**
 * Where only the work of one session's worktree takes locks: its own git directory, its branch and refs of ours. Of a
 * run also its branch, here and as the remote had it.
 */
export function ownLocks(checkout: {
  readonly path: string;
  readonly gitDir?: string;
  readonly commonDir: string;
  /** What the worktree is on. */
  readonly branch?: string | undefined;
}): readonly string[] {
  const { path, gitDir, commonDir, branch } = checkout;
  if (!isSessionWorktree(path)) return [];
  const key = basename(path);
  const refs = ["heads/one-horizon", "one-horizon/base", "one-horizon/snapshots"].map(
    (one) => `${one}/${key}`,
  );
  if (branch !== undefined && key === runKey(branch)) refs.push(`heads/${branch}`);
  return [...(gitDir === undefined ? [] : [gitDir]), ...refs.map((ref) => join(commonDir, "refs", ref))];
}

/** Where only a fetch of the branch takes a lock. */
export function fetchLocks(commonDir: string, remote: string, branch: string): readonly string[] {
  return [join(commonDir, "refs/remotes", remote, branch)];
}

/** Absolute path of the lock file that git names in its error. */
function lockFileOf(error: unknown): string | undefined {
  if (!(error instanceof GitFailure)) return undefined;
  const named = /Unable to create '([^'\n]+\.lock)'/.exec(error.output)?.[1];
  if (named !== undefined) return resolve(named);
  const config = /could not lock config file ([^\n]+?): File exists/.exec(error.output)?.[1];
  return config === undefined ? undefined : resolve(`${config}.lock`);
}

/**
 * Removes a lock that a git which was killed has left. Only one in `own` that is ten seconds old, and only where this
 * system shows that no process holds it: on Linux. True when it is gone, whoever removed it.
 */
export async function clearStaleLock(
  error: unknown,
  own: readonly string[],
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  const lock = lockFileOf(error);
  if (lock === undefined || process.platform !== "linux") return false;
  const place = await realPlace(lock);
  if (place === undefined || !own.some((one) => isWithin(one, place) || place === `${one}.lock`)) {
    return false;
  }
  return await removeUnheld(place, clock, signal);
}

/** False where a process holds the lock, or another lock takes its place. */
async function removeUnheld(lock: string, clock: Clock, signal: AbortSignal): Promise<boolean> {
  const mark = await markOf(lock);
  const madeAtMs = (await madeAt(lock)) ?? -Infinity;
  for (let watchedMs = 0, old = 0; old < looks; watchedMs += lookEveryMs) {
    const found = await markOf(lock);
    if (found === undefined) return true;
    if (found !== mark) return false;
    // A wall clock that went back leaves a lock of the future, so that what was watched counts as well.
    if (Math.max(watchedMs, clock.now() - madeAtMs) >= youngestMs) {
      old += 1;
      if ((await holdersOf(lock)).length === 0 && (await markOf(lock)) === mark) {
        await unlink(lock);
        return true;
      }
    }
    await clock.sleep(lookEveryMs, signal);
  }
  return false;
}

/** Says which lock is in the way, how old it is and whether a git process runs there. */
export async function lockedError(error: unknown, what: string, kept: string, now: number): Promise<unknown> {
  if (!(error instanceof GitFailure) || !isLockFailure(error)) return error;
  const lock = lockFileOf(error);
  if (lock === undefined) {
    return new WorktreeError(
      "locked",
      asWritten("{0} because git holds a lock: {1} {2} Try again.", what, shorten(error.output), kept),
      error,
    );
  }
  const made = await madeAt(lock);
  const age =
    made === undefined ? "" : asWritten(", {0} s old", Math.max(0, Math.round((now - made) / 1000)));
  const holders = process.platform === "linux" ? await holdersOf(lock) : undefined;
  const advice =
    holders === undefined
      ? asWritten(
          "Wait until the git command there ends; if none is running, delete the lock file and try again.",
        )
      : holders.length === 0
        ? asWritten(
            "No git process runs there, so one that died has left it: delete the lock file and try again.",
          )
        : asWritten(
            "Git runs there (process {0}): wait until it ends, then try again.",
            holders.slice(0, 5).join(", "),
          );
  return new WorktreeError(
    "locked",
    asWritten("{0} because of git's lock file {1}{2}. {3} {4}", what, lock, age, kept, advice),
    error,
  );
}

/** Git processes that may hold a lock of this repository: those that work in it, or of which nobody can tell where. */
async function holdersOf(lock: string): Promise<number[]> {
  const inGitDir = lock.indexOf("/.git/");
  const repository = inGitDir < 0 ? dirname(lock) : lock.slice(0, inGitDir);
  const worktree = await worktreeOf(lock);
  const holders: number[] = [];
  for (const name of await readdir("/proc").catch(() => [])) {
    if (!/^\d+$/.test(name)) continue;
    const program = await readFile(`/proc/${name}/comm`, "utf8").catch(() => "");
    if (!program.startsWith("git")) continue;
    if (await hasEnded(name)) continue;
    const place = await readlink(`/proc/${name}/cwd`).catch(() => undefined);
    const inside = (folder: string | undefined): boolean =>
      folder !== undefined && (place === undefined || isWithin(folder, place));
    if (inside(repository) || inside(worktree)) holders.push(Number(name));
  }
  return holders;
}

/** A process that nobody has asked for its end is still listed; it holds nothing, and its folder cannot be read. */
async function hasEnded(pid: string): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ") X");
  return /^\) [ZXx]/.test(text.slice(text.lastIndexOf(")")));
}

/** The checkout of a lock that lies in a worktree's own git directory. */
async function worktreeOf(lock: string): Promise<string | undefined> {
  const admin = /^(.*\/worktrees\/[^/]+)\//.exec(lock)?.[1];
  if (admin === undefined) return undefined;
  const linked = await readFile(join(admin, "gitdir"), "utf8").catch(() => undefined);
  return linked === undefined ? undefined : dirname(resolve(admin, linked.trim()));
}

async function realPlace(lock: string): Promise<string | undefined> {
  try {
    return join(await realpath(dirname(lock)), basename(lock));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function markOf(lock: string): Promise<string | undefined> {
  try {
    const found = await lstat(lock);
    return found.isFile() ? [found.ino, found.size, found.mtimeMs].join(" ") : "other";
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function madeAt(lock: string): Promise<number | undefined> {
  try {
    return (await lstat(lock)).mtimeMs;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
