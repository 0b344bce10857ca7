import { randomUUID } from "node:crypto";
import { lstat, open, rm, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { inDiskWords } from "./diskTrouble";
import { isMissing } from "./files";

/** How a folder of ours lies on the disk. */
export interface FolderFacts {
  readonly kind: "folder" | "missing" | "other";
  /** The permission bits; undefined on Windows, which has none. */
  readonly mode: number | undefined;
  /** It belongs to this user; true where the system has no owners. */
  readonly ours: boolean;
}

/** Looks at a folder, links not followed. Rejects when it cannot be looked at. */
export async function folderFacts(path: string): Promise<FolderFacts> {
  try {
    const facts = await lstat(path);
    const user = process.getuid?.();
    return {
      kind: facts.isDirectory() ? "folder" : "other",
      mode: user === undefined ? undefined : facts.mode & 0o777,
      ours: user === undefined || facts.uid === user,
    };
  } catch (error) {
    if (isMissing(error)) return { kind: "missing", mode: undefined, ours: true };
    throw error;
  }
}

/** Writes a small file to the disk and removes it. @throws DiskError */
export async function tryWriting(folder: string): Promise<void> {
  const path = join(folder, `.check-${randomUUID()}.tmp`);
  await inDiskWords(folder, async () => {
    try {
      const handle = await open(path, "wx", 0o600);
      try {
        await handle.writeFile("check");
        await handle.sync();
      } finally {
        await handle.close();
      }
    } finally {
      await rm(path, { force: true });
    }
  });
}

/** Bytes that this user may still write where the path is, or would be made. Rejects when that cannot be found out. */
export async function freeBytes(path: string): Promise<number> {
  for (let place = path; ; place = dirname(place)) {
    try {
      const { bavail, bsize } = await statfs(place);
      return bavail * bsize;
    } catch (error) {
      if (!isMissing(error) || dirname(place) === place) throw error;
    }
  }
}
