import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { markerName } from "../../src/runtime/environment";

export interface Resident {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

const page = Buffer.alloc(64 * 1024);

/** Every process that carries the marker, counted without the product's own eyes. A zombie has no environment. */
export function census(marker: string): readonly Resident[] {
  const variable = `\0${markerName}=${marker}\0`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => `\0${read(`/proc/${name}/environ`)}`.includes(variable))
    .map((name) => ({
      pid: Number(name),
      parent: Number(/\) \S (\d+)/.exec(read(`/proc/${name}/stat`))?.[1] ?? 0),
      command: read(`/proc/${name}/cmdline`).replaceAll("\0", " ").trim(),
    }));
}

/** Empty where it is gone meanwhile. The environments of this test are small. */
function read(path: string): string {
  try {
    const file = openSync(path, "r");
    try {
      return page.toString("latin1", 0, readSync(file, page, 0, page.length, null));
    } finally {
      closeSync(file);
    }
  } catch {
    return "";
  }
}

/** Processors' load of the last minute, for the reader of the figures. */
export function load(): string {
  return readFileSync("/proc/loadavg", "utf8").split(" ")[0] ?? "";
}
