import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const largestBytes = 1_000_000;
const marker = /^(?:<{7} |\|{7} |={7}$|>{7} )/;

/**
 * Takes git's conflict markers out of every small text file of the folder, so that both sides stay. Links are not followed.
 * Gives the paths that it changed, within the folder.
 */
export function keepBothSides(folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.flatMap((one) => {
    const path = join(one.parentPath, one.name);
    const relative = path.slice(folder.length + 1);
    if (!one.isFile() || isOutOfSight(relative) || statSync(path).size > largestBytes) return [];
    const text = readFileSync(path, "utf8");
    if (!/^<{7} /m.test(text) || !/^>{7} /m.test(text)) return [];
    const kept = text.split("\n").filter((line) => !marker.test(line));
    writeFileSync(path, kept.join("\n"));
    return [relative];
  });
}

const isOutOfSight = (relative: string): boolean =>
  relative.split(/[/\\]/).some((one) => one === ".git" || one === "node_modules");
