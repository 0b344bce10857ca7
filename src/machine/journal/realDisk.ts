import { constants } from "node:fs";
import { open, readdir, type FileHandle } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Clock } from "../../base/clock";
import {
  ensurePrivateFolder,
  isMissing,
  removePrivateFile,
  setAside,
  syncFolder,
  UnsafeFileError,
  writePrivateFile,
} from "../files";
import { hashedName } from "../paths";
import { UnreadableFileError, type JournalDisk } from "./disk";

/** Largest segment that is read, bytes: many times what is ever written. */
const maxBytes = 256_000_000;
/** Errors that speak of this file, and not of a machine that is short of something for a moment. */
const fileErrors = new Set(["EACCES", "EPERM", "EIO", "ELOOP", "EISDIR", "EMLINK", "EFTYPE"]);
const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const writeFlags = constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const makeFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** The journal folder of one worker below the state folder. */
export function journalDisk(
  stateFolder: string,
  worker: { readonly origin: string; readonly workerId: string },
  clock: Clock,
): JournalDisk {
  return diskNamed(stateFolder, hashedName(worker.origin, worker.workerId), clock);
}

/** The journal folders of all workers of this machine; none where there is no worker yet. */
export async function allJournalDisks(stateFolder: string, clock: Clock): Promise<readonly JournalDisk[]> {
  const names = await listFolder(join(stateFolder, "journal"));
  return names
    .filter((name) => /^[0-9a-f]{40}$/.test(name))
    .map((name) => diskNamed(stateFolder, name, clock));
}

function diskNamed(stateFolder: string, name: string, clock: Clock): JournalDisk {
  const journals = join(stateFolder, "journal");
  const folder = join(journals, name);
  const ensureFolder = async (): Promise<void> => {
    for (const one of [stateFolder, journals, folder]) await ensurePrivateFolder(one);
    for (const one of [journals, stateFolder]) await syncFolder(one);
  };
  return {
    folder,
    list: () => listFolder(folder),
    read: (name) => readWhole(join(folder, name)),
    reserve: async (name) => {
      await ensureFolder();
      return await makeEmpty(folder, name);
    },
    create: (name, bytes) => writePrivateFile(join(folder, name), bytes),
    append: (name, bytes) =>
      withFile(join(folder, name), writeFlags | constants.O_APPEND, async (handle) => {
        await handle.writeFile(bytes);
        await handle.datasync();
      }),
    truncate: (name, size) =>
      withFile(join(folder, name), writeFlags, async (handle) => {
        await handle.truncate(size);
        await handle.sync();
      }),
    remove: (name) => removePrivateFile(join(folder, name)),
    setAside: async (name) => {
      const aside = await setAside(join(folder, name), clock.now());
      return aside === undefined ? undefined : basename(aside);
    },
  };
}

async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function makeEmpty(folder: string, name: string): Promise<boolean> {
  try {
    await (await open(join(folder, name), makeFlags, 0o600)).close();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
  await syncFolder(folder);
  return true;
}

async function readWhole(path: string): Promise<Uint8Array | undefined> {
  try {
    return await withFile(path, readFlags, async (handle) => {
      const { size } = await handle.stat();
      if (size > maxBytes) throw new UnsafeFileError(`${path} is larger than ${maxBytes} bytes.`);
      return await handle.readFile();
    });
  } catch (error) {
    if (isMissing(error)) return undefined;
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (error instanceof UnsafeFileError || fileErrors.has(code)) {
      throw new UnreadableFileError(`${path} cannot be read (${code || "not a plain file"})`, {
        cause: error,
      });
    }
    throw error;
  }
}

async function withFile<T>(
  path: string,
  flags: number,
  task: (handle: FileHandle) => Promise<T>,
): Promise<T> {
  const handle = await open(path, flags);
  try {
    if (!(await handle.stat()).isFile()) throw new UnsafeFileError(`${path} is not a file.`);
    return await task(handle);
  } finally {
    await handle.close();
  }
}
