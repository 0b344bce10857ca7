import { rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { Random } from "../base/random";
import { ensurePrivateFolder } from "./files";
import { hashedName } from "./paths";

/** The absolute, private folders of one attempt. */
interface MadeFolders {
  /** What the tool leaves for people to see. */
  readonly artifacts: string;
  /** Where git entries that the tool planted are moved. */
  readonly quarantine: string;
  /** Removes the folders that hold nothing; what a person may want to see stays. Never rejects. */
  readonly tidy: () => Promise<void>;
}

/**
 * Makes new folders for an attempt of a session, so that nothing of an earlier attempt is taken for its own.
 * @param tmpFolder the scratch folder that other programs use too: only `vscode-worker` in it is ours.
 */
export async function makeAttemptFolders(
  tmpFolder: string,
  sessionId: string,
  random: Random,
): Promise<MadeFolders> {
  const own = join(tmpFolder, "vscode-worker");
  const session = join(own, hashedName(sessionId));
  const attempt = join(session, random.uuid());
  const artifacts = join(attempt, "artifacts");
  const quarantine = join(attempt, "quarantine");
  for (const one of [own, session, attempt, artifacts, quarantine]) await ensurePrivateFolder(one);
  const tidy = async (): Promise<void> => {
    // A folder with something in it is not removed by rmdir, so its parents stay too.
    for (const one of [quarantine, artifacts, attempt, session]) await rmdir(one).catch(() => undefined);
  };
  return { artifacts, quarantine, tidy };
}
