import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import type * as z from "zod/mini";

/** A JSON file that is replaced as a whole and survives a crash at any instruction. */
export interface JsonFile<T> {
  /** `undefined` where there is no usable file. A damaged file is set aside under another name, never overwritten. */
  read(): T | undefined;
  write(value: T): void;
}

/** @param onDamaged told the name under which a damaged file was kept */
export function jsonFile<T>(
  path: string,
  schema: z.ZodMiniType<T>,
  onDamaged: (keptAs: string) => void,
): JsonFile<T> {
  return {
    read: () => {
      const raw = readIfThere(path);
      if (raw === undefined) return undefined;
      const parsed = schema.safeParse(parseJson(raw));
      if (parsed.success) return parsed.data;
      const keptAs = `${path}.damaged-${Date.now()}`;
      renameSync(path, keptAs);
      onDamaged(keptAs);
      return undefined;
    },
    write: (value) => replaceFile(path, JSON.stringify(value)),
  };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function parseJson(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
}

/** Writes 0600, flushed to the disk before it takes the old file's place. */
export function replaceFile(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.new`;
  const handle = openSync(temporary, "w", 0o600);
  try {
    const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
    for (let done = 0; done < bytes.length;) done += writeSync(handle, bytes, done);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(temporary, path);
  flushFolder(dirname(path));
}

function flushFolder(path: string): void {
  // Windows has no handle on a folder to flush; there the rename itself is what counts.
  if (process.platform === "win32") return;
  const handle = openSync(path, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Where uploaded content lies inside the data folder. */
export const uploadPath = (dataDir: string, fileId: string): string => join(dataDir, "files", fileId);
