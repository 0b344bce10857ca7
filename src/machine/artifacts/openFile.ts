import { constants } from "node:fs";
import { lstat, open, type FileHandle } from "node:fs/promises";
import { asWritten } from "../../base/words";

/** A link is not followed and a pipe does not block. Windows has none of these flags; there they count as 0. */
const fileFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const folderFlags = fileFlags | constants.O_DIRECTORY;

/** Why a file is not taken, a clause for people. */
export class NotTaken extends Error {
  override readonly name = "NotTaken";
}

/** A folder that is held open, so that whatever is done in it is done in this one. */
export interface OpenFolder {
  readonly path: Buffer;
  readonly handle: FileHandle;
  readonly identity: string;
}

/** Opens a folder itself, never through a link. */
export async function openFolder(path: Buffer): Promise<OpenFolder> {
  const handle = await open(path, folderFlags);
  try {
    const stat = await handle.stat({ bigint: true });
    if (!stat.isDirectory()) throw new NotTaken(asWritten("it is no folder"));
    return { path, handle, identity: `${stat.dev}:${stat.ino}` };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The path of an entry. On Linux it leads through the open folder, so that no swapped parent leads elsewhere. */
export function entryPath(folder: OpenFolder, name: Buffer): Buffer {
  const base = process.platform === "linux" ? Buffer.from(`/proc/self/fd/${folder.handle.fd}`) : folder.path;
  return Buffer.concat([base, Buffer.from("/"), name]);
}

/** Is the folder still what its path leads to? */
export async function isInPlace({ path, identity }: OpenFolder): Promise<boolean> {
  const stat = await lstat(path, { bigint: true }).catch(() => undefined);
  return stat?.isDirectory() === true && `${stat.dev}:${stat.ino}` === identity;
}

/**
 * The whole content of a regular file with one name and at most `limit` bytes. Everything is judged by the open file, not
 * by its path. Rejects with NotTaken for anything else.
 */
export async function readRegular(path: Buffer, limit: number, tooLarge: string): Promise<Buffer> {
  const handle = await open(path, fileFlags);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new NotTaken(asWritten("it is no regular file"));
    if (stat.nlink > 1) throw new NotTaken(asWritten("it has another name elsewhere"));
    if (stat.size > limit) throw new NotTaken(tooLarge);
    if (stat.size === 0) throw new NotTaken(asWritten("it is empty"));
    // One byte more than there should be shows that it grows.
    const content = Buffer.alloc(stat.size + 1);
    let length = 0;
    while (length < content.length) {
      const { bytesRead } = await handle.read(content, length, content.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    const after = await handle.stat();
    if (length !== stat.size || after.size !== stat.size || after.nlink > 1) {
      throw new NotTaken(asWritten("it changed while it was read"));
    }
    return content.subarray(0, length);
  } finally {
    await handle.close();
  }
}
