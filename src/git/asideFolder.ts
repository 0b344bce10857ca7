import { chmod, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, type Log } from "../base/log";
import { isSessionWorktree } from "./checkoutTrust";
import type { ListedWorktree } from "./worktreeList";
import { whatIsAt } from "./worktreeFolder";

/** The name of a worktree's folder that is being deleted. */
const asideName = /^(.+?)(?:\.\d+)?\.removed$/;

/** Where the folder goes before it is deleted. */
export async function freeAside(path: string): Promise<string> {
  for (let number = 1; ; number++) {
    const aside = `${path}${number === 1 ? "" : `.${number}`}.removed`;
    if ((await whatIsAt(aside)) === "nothing") return aside;
  }
}

/** What removals that were cut short have left: their snapshots were complete before the folders got these names. */
export async function sweepLeftovers(
  parent: string,
  listed: readonly ListedWorktree[],
  log: Log,
): Promise<void> {
  for (const name of await readdir(parent)) {
    const key = asideName.exec(name)?.[1];
    const original = key === undefined ? undefined : join(parent, key);
    if (original === undefined || !isSessionWorktree(original)) continue;
    // With its entry still there, another window may be at it.
    const listedStill = listed.some((one) => one.path === original);
    if (listedStill && (await whatIsAt(original)) === "nothing") continue;
    await deleteAside(join(parent, name), log);
  }
}

/**
 * Deletes what is saved and what git has let go of. Never rejects: the removal is done by then, and what cannot be deleted is
 * tried again at the next one.
 */
export async function deleteAside(folder: string, log: Log): Promise<void> {
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    await remove().catch(async () => {
      await makeWritable(folder);
      await remove();
    });
  } catch (error) {
    log.warn("what is left of a removed worktree could not be deleted", {
      folder,
      message: messageOf(error).slice(0, 300),
    });
  }
}

/** Some tools make the folders of what they fetch read-only. Links are not followed. */
async function makeWritable(folder: string): Promise<void> {
  const waiting = [folder];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    await chmod(one, 0o700);
    for (const entry of await readdir(one, { withFileTypes: true })) {
      if (entry.isDirectory()) waiting.push(join(one, entry.name));
    }
  }
}
