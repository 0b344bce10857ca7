import type { Dirent } from "node:fs";
import { opendir } from "node:fs/promises";
import { asWritten } from "../../base/words";
import { entryPath, isInPlace, NotTaken, openFolder, type OpenFolder } from "./openFile";

/** How deep and how far a folder is looked through. */
const deepest = 6;
const mostEntries = 2000;

/** One thing that lies in the folder, or below it. */
export interface Entry {
  /** From the root, bytes as the file system has them, parted by `/`. */
  readonly name: Buffer;
  readonly isFile: boolean;
  /** Why it is not looked into, where that is known by now. */
  readonly refused?: string;
  /** The folder that holds it; open only while the entry is visited. */
  readonly folder: OpenFolder;
  readonly own: Buffer;
}

/**
 * Visits what lies in an open folder, files first, in the order of their names. Links are not followed. Returns false when
 * there was more than is looked at.
 */
export async function walk(
  root: OpenFolder,
  visit: (entry: Entry) => Promise<void>,
  signal: AbortSignal,
): Promise<boolean> {
  const budget = { left: mostEntries };
  await walkFolder(root, Buffer.alloc(0), 1, budget, visit, signal);
  return budget.left >= 0;
}

async function walkFolder(
  folder: OpenFolder,
  above: Buffer,
  depth: number,
  budget: { left: number },
  visit: (entry: Entry) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const entries = await list(folder, budget);
  if (!(await isInPlace(folder))) throw new NotTaken(asWritten("it was moved while it was looked through"));
  for (const one of entries) {
    signal.throwIfAborted();
    const own = Buffer.from(one.name, "latin1");
    const name = above.length === 0 ? own : Buffer.concat([above, Buffer.from("/"), own]);
    const entry = { name, own, folder, isFile: one.isFile() };
    if (!one.isDirectory()) await visit(entry);
    else if (depth >= deepest) await visit({ ...entry, refused: asWritten("it lies too deep") });
    else await walkBelow(entry, depth, budget, visit, signal);
  }
}

async function walkBelow(
  entry: Entry,
  depth: number,
  budget: { left: number },
  visit: (entry: Entry) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let inner: OpenFolder;
  try {
    inner = await openFolder(entryPath(entry.folder, entry.own));
  } catch {
    await visit({ ...entry, refused: asWritten("it could not be opened") });
    return;
  }
  try {
    const path = Buffer.concat([entry.folder.path, Buffer.from("/"), entry.own]);
    await walkFolder({ ...inner, path }, entry.name, depth + 1, budget, visit, signal);
  } finally {
    await inner.handle.close();
  }
}

/** No more entries than are looked at are held in memory. Names come as Latin-1, which keeps every byte. */
async function list(folder: OpenFolder, budget: { left: number }): Promise<readonly Dirent[]> {
  const path = entryPath(folder, Buffer.from("."));
  const entries: Dirent[] = [];
  for await (const one of await opendir(path, { encoding: "latin1" })) {
    budget.left -= 1;
    if (budget.left < 0) break;
    entries.push(one);
  }
  const rank = (one: Dirent): number => (one.isDirectory() ? 1 : 0);
  return entries.sort((one, other) => rank(one) - rank(other) || (one.name < other.name ? -1 : 1));
}
