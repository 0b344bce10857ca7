// Finds what a run left behind: processes and files.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** Caches that tools keep in the temporary folder on purpose; they hold no state of a test. */
const allowed = [/^tsx-\d+$/, /^node-compile-cache$/, /^v8-compile-cache/, /^node-jiti$/];

/** @returns {string[]} paths in `folder`, one level deep, that nobody cleaned up */
export function findLeftovers(folder) {
  return readdirSync(folder)
    .filter((name) => !allowed.some((pattern) => pattern.test(name)))
    .map((name) => join(folder, name));
}

/**
 * Processes that carry one of `marks` in their environment. Programs that the worker starts get an allow-listed environment without
 * our marker, but with HOME and TMPDIR inside the run's folders: these paths are marks too. Linux only; elsewhere nothing is found.
 * @param {string[]} marks
 * @param {number} [graceMs] how long processes may take to end by themselves
 * @returns {Promise<{pid: number, command: string}[]>}
 */
export async function findLeakedProcesses(marks, graceMs = 3000) {
  if (process.platform !== "linux") return [];
  const deadline = Date.now() + graceMs;
  for (;;) {
    const found = scan(marks);
    if (found.length === 0 || Date.now() > deadline) return found;
    await delay(100);
  }
}

function scan(marks) {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      try {
        const environment = readFileSync(`/proc/${name}/environ`, "latin1");
        if (!marks.some((mark) => environment.includes(mark))) return [];
        const command = readFileSync(`/proc/${name}/cmdline`, "latin1").replaceAll("\0", " ").trim();
        return [{ pid: Number(name), command: command || "(ending)" }];
      } catch {
        return []; // it ended meanwhile, or belongs to somebody else
      }
    });
}
