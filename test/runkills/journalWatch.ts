import { closeSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import type { AttemptRecord } from "../../src/core/ports/journal";
import { parseLine } from "../../src/machine/journal/lines";

/** Reads what the workers of a home write into their journals, as they write it. */
export class JournalWatch {
  readonly #folder: string;
  /** How far each file was read, bytes. */
  readonly #read = new Map<string, number>();

  constructor(home: string) {
    this.#folder = join(home, ".one", "state", "vscode-worker", "journal");
  }

  /** The records written since the last look, in order. */
  look(): readonly AttemptRecord[] {
    return this.#files().flatMap((path) => this.#newIn(path));
  }

  #files(): readonly string[] {
    try {
      return readdirSync(this.#folder, { recursive: true, withFileTypes: true }).flatMap((one) =>
        one.isFile() ? [join(one.parentPath, one.name)] : [],
      );
    } catch {
      return []; // a file went away between two looks
    }
  }

  #newIn(path: string): readonly AttemptRecord[] {
    const from = this.#read.get(path) ?? 0;
    const bytes = bytesFrom(path, from);
    // A line that is being written is read with the next look.
    const end = bytes.lastIndexOf(0x0a) + 1;
    this.#read.set(path, from + end);
    return bytes
      .subarray(0, end)
      .toString("utf8")
      .split("\n")
      .flatMap((text) => {
        const line = parseLine(text.slice(text.indexOf("{")));
        return line?.kind === "record" ? [line.record] : [];
      });
  }
}

function bytesFrom(path: string, from: number): Buffer {
  try {
    const file = openSync(path, "r");
    try {
      const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - from));
      return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, from));
    } finally {
      closeSync(file);
    }
  } catch {
    return Buffer.alloc(0); // gone meanwhile: a newer file says the same
  }
}
