import { readdir, rmdir } from "node:fs/promises";
import { join } from "node:path";

/**
 * The sandbox covers names such as `.git` and `.codex` in every writable folder with empty folders, and leaves them there
 * when it is killed. Git would take such a `.git` for something the model has planted.
 */
export class Leftovers {
  readonly #before: ReadonlyMap<string, ReadonlySet<string>>;

  private constructor(before: ReadonlyMap<string, ReadonlySet<string>>) {
    this.#before = before;
  }

  /** Notes what is there before the tool starts. */
  static async note(folders: readonly string[]): Promise<Leftovers> {
    const noted = await Promise.all(folders.map(async (one) => [one, new Set(await hidden(one))] as const));
    return new Leftovers(new Map(noted));
  }

  /** Removes the empty hidden folders that were not there before; anything with content stays. */
  async remove(): Promise<void> {
    for (const [folder, before] of this.#before) {
      const added = (await hidden(folder)).filter((name) => !before.has(name));
      await Promise.all(added.map((name) => rmdir(join(folder, name)).catch(() => undefined)));
    }
  }
}

async function hidden(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((one) => one.isDirectory() && one.name.startsWith(".")).map((one) => one.name);
  } catch {
    return []; // the folder itself is gone, and with it what was in it
  }
}
