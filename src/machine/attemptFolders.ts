import { lstat, readdir, rm, rmdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Random } from "../base/random";
import { asWritten } from "../base/words";
import type { ArtifactFolder } from "../core/ports/artifacts";
import { ensurePrivateFolder } from "./files";
import { hashedName } from "./paths";

/** The absolute, private folders of one attempt. */
interface MadeFolders {
  /** Names them to a later process. */
  readonly id: string;
  /** What the tool leaves for people to see. */
  readonly artifacts: ArtifactFolder;
  /** Where git entries that the tool planted are moved. */
  readonly quarantine: string;
  /** What the tool may read besides its input. */
  readonly inputs: string;
  readonly keepInput: (file: { readonly name: string; readonly text: string }) => Promise<void>;
  /** Removes the inputs, and the folders that hold nothing; what a person may want to see stays. Never rejects. */
  readonly tidy: () => Promise<void>;
}

const inputsName = "inputs";
const idShape = /^([0-9a-f-]{36}) (\d+:\d+)$/u;

/**
 * Makes new folders for an attempt of a session, so that nothing of an earlier attempt is taken for its own.
 * @param tmpFolder the scratch folder that other programs use too: only `vscode-worker` in it is ours.
 * @param known the id of those that the same attempt had in an earlier process: gone on with where they are untouched.
 */
export async function makeAttemptFolders(
  tmpFolder: string,
  sessionId: string,
  random: Random,
  known?: string,
): Promise<MadeFolders> {
  const own = ownFolder(tmpFolder);
  const session = join(own, hashedName(sessionId));
  const attempt = join(session, (await stillThere(session, known)) ?? random.uuid());
  const artifacts = join(attempt, "artifacts");
  const quarantine = join(attempt, "quarantine");
  const inputs = join(attempt, inputsName);
  for (const one of [own, session]) await ensurePrivateFolder(one);
  await dropOldInputs(session, basename(attempt));
  for (const one of [attempt, artifacts, quarantine, inputs]) await ensurePrivateFolder(one);
  const tidy = async (): Promise<void> => {
    await rm(inputs, { recursive: true, force: true }).catch(() => undefined);
    // A folder with something in it is not removed by rmdir, so its parents stay too.
    for (const one of [quarantine, artifacts, attempt, session]) await rmdir(one).catch(() => undefined);
  };
  const identity = await identityOf(artifacts);
  return {
    id: `${basename(attempt)} ${identity}`,
    artifacts: { path: artifacts, identity },
    quarantine,
    inputs,
    keepInput: ({ name, text }) => writeFile(join(inputs, basename(name)), text, { mode: 0o600 }),
    tidy,
  };
}

/** Our part of the scratch folder that other programs use too. */
export function ownFolder(tmpFolder: string): string {
  return join(tmpFolder, "vscode-worker");
}

/** The name of the folder of a known attempt, below its session's; undefined for none. */
export function attemptOf(known: string | undefined): string | undefined {
  return idShape.exec(known ?? "")?.[1];
}

/** An attempt whose process was killed could not remove what people had written to its session. */
async function dropOldInputs(session: string, attempt: string): Promise<void> {
  for (const name of await readdir(session)) {
    if (name === attempt) continue;
    await rm(join(session, name, inputsName), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** The name of a known attempt's folder, where what it holds is what was made there. */
async function stillThere(session: string, known: string | undefined): Promise<string | undefined> {
  const [, name, identity] = idShape.exec(known ?? "") ?? [];
  if (name === undefined) return undefined;
  const now = await identityOf(join(session, name, "artifacts")).catch(() => undefined);
  return now === identity ? name : undefined;
}

/** What the system knows a folder by, also under another name. Rejects for anything but a folder. */
async function identityOf(folder: string): Promise<string> {
  const stat = await lstat(folder, { bigint: true });
  if (!stat.isDirectory()) throw new Error(asWritten("{0} is no folder", folder));
  return `${stat.dev}:${stat.ino}`;
}
