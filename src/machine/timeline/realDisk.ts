import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Clock } from "../../base/clock";
import { inDiskWords } from "../diskTrouble";
import { ensurePrivateFolder, isMissing, setAside, UnsafeFileError, writePrivateFile } from "../files";
import { UnreadableFileError } from "../journal/disk";
import type { FileMark, Piece, TimelineDisk } from "./disk";

/** Several times what is ever written, bytes. */
const maxBytes = 32_000_000;
const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const appendFlags =
  constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** Errors that speak of this file, and not of a machine that is short of something for a moment. */
const fileErrors = new Set(["EACCES", "EPERM", "EIO", "ELOOP", "EISDIR", "EMLINK", "EFTYPE", "ENXIO"]);

/** @param folder absolute path, below the state folder. */
export function timelineDisk(folder: string, clock: Clock): TimelineDisk {
  const ensureFolder = async (): Promise<void> => {
    for (const one of [dirname(folder), folder]) await ensurePrivateFolder(one);
  };
  return {
    folder,
    readSince: (name, mark) => readSince(join(folder, name), mark),
    append: async (name, bytes) => {
      await ensureFolder();
      return await inDiskWords(folder, () => append(join(folder, name), bytes));
    },
    replace: async (name, bytes) => {
      await ensureFolder();
      await writePrivateFile(join(folder, name), bytes);
    },
    setAside: async (name) => {
      await setAside(join(folder, name), clock.now());
    },
  };
}

async function readSince(path: string, mark: FileMark | undefined): Promise<Piece | undefined> {
  try {
    return await withFile(path, readFlags, async (handle) => {
      const { ino, dev, size: wide } = await handle.stat({ bigint: true });
      const [file, size] = [`${dev}:${ino}`, Number(wide)];
      if (size > maxBytes) throw new UnsafeFileError(`${path} is larger than ${maxBytes} bytes.`);
      const whole = mark?.file !== file || size < mark.size;
      const from = whole ? 0 : mark.size;
      const buffer = new Uint8Array(size - from);
      const { bytesRead } =
        buffer.length === 0 ? { bytesRead: 0 } : await handle.read(buffer, 0, buffer.length, from);
      return { mark: { file, size: from + bytesRead }, whole, bytes: buffer.subarray(0, bytesRead) };
    });
  } catch (error) {
    if (isMissing(error)) return undefined;
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (!(error instanceof UnsafeFileError) && !fileErrors.has(code)) throw error;
    throw new UnreadableFileError(`${path} cannot be read (${code || "not a plain file"})`, { cause: error });
  }
}

async function append(path: string, bytes: Uint8Array): Promise<number> {
  return await withFile(path, appendFlags, async (handle) => {
    const { size, mode } = await handle.stat();
    if (process.platform !== "win32" && (mode & 0o077) !== 0) await handle.chmod(0o600);
    // A full disk or a crash may have cut the last line short: the next one is not to be lost with it.
    const cut = size > 0 && (await handle.read(new Uint8Array(1), 0, 1, size - 1)).buffer[0] !== 0x0a;
    const all = cut ? Buffer.concat([Buffer.from("\n"), bytes]) : bytes;
    await handle.writeFile(all);
    return size + all.length;
  });
}

async function withFile<T>(
  path: string,
  flags: number,
  task: (handle: FileHandle) => Promise<T>,
): Promise<T> {
  const handle = await open(path, flags, 0o600);
  try {
    if (!(await handle.stat()).isFile()) throw new UnsafeFileError(`${path} is not a file.`);
    return await task(handle);
  } finally {
    await handle.close();
  }
}
