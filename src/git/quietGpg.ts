import { randomUUID } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

const variable = "ONE_HORIZON_GPG";

/** `error`: a key that needs its passphrase is refused at once, where gpg would open a window or wait. */
const script = `#!/bin/sh\nexec "$${variable}" --batch --pinentry-mode error "$@"\n`;

/**
 * A program that signs as gpg does, but never asks anybody. Only gpg itself is known to take such arguments; others are
 * left as they are, under their time limit, and so is gpg on Windows.
 */
export async function quietGpg(
  folder: string,
  program: string,
): Promise<{ readonly program: string; readonly environment: Readonly<Record<string, string>> }> {
  if (process.platform === "win32" || !/^gpg2?$/.test(basename(program)) || program.startsWith("~")) {
    return { program, environment: {} };
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, "quiet-gpg.sh");
  const fresh = `${path}.${randomUUID()}`;
  await writeFile(fresh, script, { mode: 0o700 });
  await rename(fresh, path);
  return { program: path, environment: { [variable]: program } };
}
