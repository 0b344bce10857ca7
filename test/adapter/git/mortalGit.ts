import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * A git before the real one on the PATH that counts its calls and kills the real one in a chosen call, a chosen while after it
 * started.
 */
export class MortalGit {
  readonly folder: string;
  readonly #calls: string;
  readonly #hits: string;

  constructor(folder: string) {
    this.folder = folder;
    this.#calls = join(folder, "calls");
    this.#hits = join(folder, "hits");
  }

  /**
   * @param afterSeconds undefined for at once.
   * @param forGood every later call is killed as well, as if what calls git had died with it.
   */
  async make(killAt: number, afterSeconds: string | undefined, forGood = false): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await writeFile(this.#calls, "");
    await writeFile(this.#hits, "");
    const script = [
      "#!/bin/sh",
      `echo call >> "${this.#calls}"`,
      ...(forGood ? [`[ -s "${this.#hits}" ] && kill -9 $$`] : []),
      `if [ "$(wc -l < "${this.#calls}")" -eq ${killAt} ]; then`,
      "  exec 3<&0",
      '  "$REAL_GIT" "$@" <&3 &',
      "  real=$!",
      // Not even a sleep of nothing: it takes a moment, in which a quick git comes to its end.
      ...(afterSeconds === undefined ? [] : [`  sleep ${afterSeconds}`]),
      `  kill -9 "$real" && echo hit >> "${this.#hits}"`,
      "  wait",
      "  kill -9 $$",
      "fi",
      'exec "$REAL_GIT" "$@"',
      "",
    ];
    const real = (await run("sh", ["-c", "command -v git"])).stdout.trim();
    const text = script.join("\n").replaceAll("$REAL_GIT", real);
    await writeFile(join(this.folder, "git"), text, { mode: 0o700 });
  }

  async calls(): Promise<number> {
    return await linesOf(this.#calls);
  }

  async hits(): Promise<number> {
    return await linesOf(this.#hits);
  }
}

async function linesOf(path: string): Promise<number> {
  return (await readFile(path, "utf8")).split("\n").length - 1;
}
