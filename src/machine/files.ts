import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { chmod, link, lstat, mkdir, open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { asWritten } from "../base/words";
import { inDiskWords } from "./diskTrouble";

/** Largest state file that is read, bytes. */
const maxFileBytes = 1_000_000;
/** A link is not followed and a pipe does not block. Windows has neither flag; there they count as 0. */
const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A file or folder is not as private or as whole as state must be. The message is for the user. */
export class UnsafeFileError extends Error {
  override readonly name = "UnsafeFileError";
}

/**
 * Makes a folder that only this user can enter, with missing parents, or checks the one that is there. Parents that
 * exist are left as they are. Throws UnsafeFileError when the folder is a link or belongs to somebody else.
 */
export async function ensurePrivateFolder(folder: string): Promise<void> {
  await inDiskWords(folder, () => mkdir(folder, { recursive: true, mode: 0o700 }));
  const stat = await lstat(folder);
  if (!stat.isDirectory()) {
    throw new UnsafeFileError(
      asWritten("{0} is a link or a file. Nothing was written. Move it away and try again.", folder),
    );
  }
  const user = process.getuid?.();
  if (user !== undefined && stat.uid !== user) {
    throw new UnsafeFileError(
      asWritten("{0} belongs to another user. Nothing was written. Move it away and try again.", folder),
    );
  }
  if (user !== undefined && (stat.mode & 0o077) !== 0) await chmod(folder, 0o700);
}

/**
 * Replaces a 0600 file whole: a reader, also after a crash, sees the old text or the new one, and the new one is on
 * disk when this resolves. The folder must exist.
 */
export async function writePrivateFile(path: string, content: string | Uint8Array): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${randomUUID()}.tmp`);
  await inDiskWords(folder, async () => {
    try {
      await writeNew(temporary, content);
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await syncFolder(folder);
  });
}

async function writeNew(path: string, content: string | Uint8Array): Promise<void> {
  const handle = await open(path, "wx", 0o600);
  try {
    await handle.writeFile(content, "utf8");
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The text of a file, or undefined when there is none. Links, other kinds and files over 1 MB are refused. */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  const handle = await openExisting(path);
  if (handle === undefined) return undefined;
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new UnsafeFileError(asWritten("{0} is not a file.", path));
    if (stat.size > maxFileBytes) {
      throw new UnsafeFileError(asWritten("{0} is larger than {1} bytes.", path, maxFileBytes));
    }
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}

/** Removes a file so that it is gone after a crash too; a missing one is fine. */
export async function removePrivateFile(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolder(dirname(path));
}

/**
 * Moves a damaged file out of the way under a new name in the same folder, and returns that name. Undefined when it is
 * gone already, because another window did the same.
 */
export async function setAside(path: string, at: number): Promise<string | undefined> {
  const stamp = new Date(at).toISOString().replace(/[:.]/g, "-");
  const aside = `${path}.corrupt-${stamp}-${randomUUID().slice(0, 8)}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  await syncFolder(dirname(path));
  return aside;
}

/** Makes renames and new names in a folder last. Windows has no such call; its file system journals names. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Makes a 0600 file that does not exist yet, whole: false when it does. Where the file system has no hard links a reader
 * may for a moment see it unfinished. The folder must exist.
 */
export async function createPrivateFile(path: string, text: string): Promise<boolean> {
  const folder = dirname(path);
  const temporary = join(folder, `.${randomUUID()}.tmp`);
  return await inDiskWords(folder, async () => {
    try {
      await writeNew(temporary, text);
      await link(temporary, path).catch(async (error: unknown) => {
        if (!hasCode(error, "EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS")) throw error;
        await writeNew(path, text);
      });
      return true;
    } catch (error) {
      if (hasCode(error, "EEXIST")) return false;
      throw error;
    } finally {
      await rm(temporary, { force: true });
    }
  });
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.some((code) => code === error.code);
}

/** Is this the error of a missing file or folder? */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

async function openExisting(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, readFlags);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
