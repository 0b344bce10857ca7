import { constants } from "node:fs";
import { lstat, mkdir, open, realpath, rename, rm, type FileHandle } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { basename, dirname, isAbsolute, join, normalize, relative, sep } from "node:path";

/** Longest text that is read or written, bytes. */
const fileBytes = 10 * 1024 * 1024;

/** The agent asked for something that it does not get. Its message is for the agent. */
export class AccessRefused extends Error {
  override readonly name = "AccessRefused";
}

/**
 * The text files of a worktree, for an agent that works through us: never one outside of it, whatever links lead there, and
 * of git's own nothing is written.
 */
export class WorktreeFiles {
  readonly #folder: string;
  /** Real paths that were written. */
  readonly #written = new Map<string, "add" | "update">();

  /** @param folder absolute path of the worktree. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** What was written so far, as absolute paths. */
  get written(): readonly { readonly path: string; readonly change: "add" | "update" }[] {
    return [...this.#written].map(([path, change]) => ({ path, change }));
  }

  /**
   * The text of a file, or some of its lines.
   * @param line the first one, from 1. @param limit how many.
   * @throws AccessRefused.
   */
  async read(path: string, line?: number, limit?: number): Promise<string> {
    const real = await this.#realInside(path);
    if (real === undefined) throw new AccessRefused(`There is no file ${path}.`);
    const text = await readText(real, path);
    if (line === undefined && limit === undefined) return text;
    const first = Math.max(0, (line ?? 1) - 1);
    const lines = text.split("\n");
    const end = limit === undefined ? lines.length : first + limit;
    return lines.slice(first, end).join("\n");
  }

  /** Replaces the file in one step, or makes it, with its folders. @throws AccessRefused. */
  async write(path: string, content: string): Promise<void> {
    if (Buffer.byteLength(content) > fileBytes) throw new AccessRefused("The text is longer than 10 MB.");
    const existing = await this.#realInside(path);
    const target = existing ?? (await this.#newFile(path));
    const root = await realpath(this.#folder);
    refuseGit(relative(root, target));
    const mode = existing === undefined ? 0o644 : await modeOf(existing, path);
    const aside = join(dirname(target), `.${basename(target).slice(0, 100)}.${randomUUID()}.tmp`);
    try {
      await writeNew(aside, content, mode);
      await rename(aside, target);
    } catch (error) {
      await rm(aside, { force: true }).catch(() => undefined);
      throw error;
    }
    if (!this.#written.has(target)) this.#written.set(target, existing === undefined ? "add" : "update");
  }

  /** The real path of a folder inside, for a command to run in. @throws AccessRefused. */
  async folder(path: string): Promise<string> {
    const real = await this.#realInside(path);
    if (real === undefined || !(await lstat(real)).isDirectory()) {
      throw new AccessRefused(`There is no folder ${path}.`);
    }
    return real;
  }

  /** Undefined when there is nothing at that path. */
  async #realInside(path: string): Promise<string | undefined> {
    await this.#refuseOutside(path);
    const real = await quiet(realpath(path));
    if (real === undefined) {
      // A link that leads nowhere would be written through.
      if ((await quiet(lstat(path))) !== undefined) throw outside(path);
      return undefined;
    }
    if (!isInside(await realpath(this.#folder), real)) throw outside(path);
    return real;
  }

  /** Where a file that does not exist will be; its folders are made, and lead nowhere else. */
  async #newFile(path: string): Promise<string> {
    const root = await realpath(this.#folder);
    const missing: string[] = [];
    let folder = dirname(normalize(path));
    let real = await quiet(realpath(folder));
    while (real === undefined) {
      if ((await quiet(lstat(folder))) !== undefined || dirname(folder) === folder) throw outside(path);
      missing.unshift(basename(folder));
      folder = dirname(folder);
      real = await quiet(realpath(folder));
    }
    if (!isInside(root, real) || !(await lstat(real)).isDirectory()) throw outside(path);
    const parent = join(real, ...missing);
    refuseGit(relative(root, join(parent, basename(path))));
    await mkdir(parent, { recursive: true });
    return join(parent, basename(path));
  }

  /** By its words alone, before the disk is asked about it. */
  async #refuseOutside(path: string): Promise<void> {
    if (!isAbsolute(path) || path.includes("\0")) {
      throw new AccessRefused("The path must be absolute.");
    }
    const plain = normalize(path);
    const roots = [normalize(this.#folder), await realpath(this.#folder)];
    if (!roots.some((root) => isInside(root, plain))) throw outside(path);
  }
}

function outside(path: string): AccessRefused {
  return new AccessRefused(`${path.slice(0, 500)} is outside of the working directory.`);
}

/** The folder itself, or something below it. */
function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** In any letter case, since some disks know none; git reads such a name in a folder below too. */
function refuseGit(inside: string): void {
  if (inside.split(/[\\/]/).some((part) => part.toLowerCase().replace(/[. ]+$/u, "") === ".git")) {
    throw new AccessRefused("Git's own files are not written.");
  }
}

async function readText(real: string, path: string): Promise<string> {
  const handle = await openFile(real, path);
  try {
    const { size } = await handle.stat();
    if (size > fileBytes) throw new AccessRefused(`${path} is longer than 10 MB.`);
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}

/** A link put in place since is not followed, and a pipe does not block. Windows has neither flag. */
async function openFile(real: string, path: string): Promise<FileHandle> {
  const handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new AccessRefused(`${path} is not a file.`);
}

async function modeOf(real: string, path: string): Promise<number> {
  const facts = await lstat(real);
  if (!facts.isFile()) throw new AccessRefused(`${path} is not a file.`);
  return facts.mode & 0o777;
}

async function writeNew(path: string, content: string, mode: number): Promise<void> {
  const handle = await open(path, "wx", mode);
  try {
    await handle.writeFile(content);
    await handle.chmod(mode);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function quiet<T>(task: Promise<T>): Promise<T | undefined> {
  try {
    return await task;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new AccessRefused(`The path could not be looked at (${String(code)}).`);
  }
}
