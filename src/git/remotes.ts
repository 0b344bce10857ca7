import type { GitClient } from "./gitClient";

interface At {
  readonly cwd: string;
  readonly gitDir: string;
}

/** `origin`, else the only remote there is. */
export async function defaultRemote(
  git: GitClient,
  at: At,
  signal: AbortSignal,
): Promise<string | undefined> {
  const names = (await git.run(["remote"], { ...at, signal })).split(/\r?\n/).filter((name) => name !== "");
  if (names.includes("origin")) return "origin";
  return names.length === 1 ? names[0] : undefined;
}

/**
 * What keeps ssh from asking at a terminal that nobody watches. The user's own core.sshCommand stays in force: the
 * variable would replace it.
 */
export async function quietSsh(git: GitClient, at: At, signal: AbortSignal): Promise<Record<string, string>> {
  const own = await git.tryRun(["config", "--get", "core.sshCommand"], { ...at, signal });
  return own === undefined || own.trim() === "" ? { GIT_SSH_COMMAND: "ssh -o BatchMode=yes" } : {};
}
