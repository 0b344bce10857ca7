import { readdir, readlink } from "node:fs/promises";
import { isWithin } from "./worktreeFolder";

/** Process ids whose working directory lies in the folder. Known on Linux only; elsewhere none. */
export async function processesIn(folder: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir("/proc").catch(() => [])) {
    if (!/^\d+$/.test(name)) continue;
    // Processes of others, and those that have ended, tell nothing.
    const directory = await readlink(`/proc/${name}/cwd`).catch(() => undefined);
    if (directory !== undefined && isWithin(folder, directory)) found.push(Number(name));
  }
  return found;
}
