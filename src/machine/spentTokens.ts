import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { KeyedQueue } from "../base/keyedQueue";
import type { SpentTokens } from "../core/ports/spentTokens";
import { ensurePrivateFolder, isMissing, syncFolder, UnsafeFileError } from "./files";

/**
 * Spent hashes, one per line, in a 0600 file that only grows. A line that a crash cut short is ignored: its `add` never
 * resolved, so its token was never sent. Writers take turns under the machine lock.
 * @param path absolute path of the file.
 */
export function createSpentTokens(path: string): SpentTokens {
  const queue = new KeyedQueue();
  return {
    has: async (hash) => {
      const wanted = checked(hash);
      const handle = await openOrMissing(path);
      if (handle === undefined) return false;
      try {
        await refuseUnsafe(handle, path);
        for await (const line of handle.readLines({ autoClose: false })) if (line === wanted) return true;
        return false;
      } finally {
        await handle.close();
      }
    },
    add: async (hash) => {
      const line = checked(hash);
      await queue.run("add", async () => await append(path, line));
    },
  };
}

async function append(path: string, line: string): Promise<void> {
  await ensurePrivateFolder(dirname(path));
  const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
  const handle = await open(path, flags, 0o600);
  try {
    const size = await refuseUnsafe(handle, path);
    const text = `${(await endsWhole(handle, size)) ? "" : "\n"}${line}\n`;
    const { bytesWritten } = await handle.write(text);
    if (bytesWritten !== text.length) throw new Error(`${path} could not be written whole.`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await syncFolder(dirname(path));
}

async function endsWhole(handle: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return true;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] === 0x0a;
}

/** The size of a file that is ours alone. */
async function refuseUnsafe(handle: FileHandle, path: string): Promise<number> {
  const stat = await handle.stat();
  const user = process.getuid?.();
  if (!stat.isFile()) throw new UnsafeFileError(`${path} is not a file.`);
  if (user !== undefined && stat.uid !== user) throw new UnsafeFileError(`${path} belongs to another user.`);
  if (user !== undefined && (stat.mode & 0o077) !== 0) await handle.chmod(0o600);
  return stat.size;
}

function checked(hash: string): string {
  if (!/^[0-9a-f]{64}$/.test(hash)) {
    throw new Error("a spent token is named by its SHA-256 in lower-case hex");
  }
  return hash;
}

async function openOrMissing(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
