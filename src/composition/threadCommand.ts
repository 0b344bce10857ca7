import type { SessionView } from "../core/state";
import { runtimeEnvironment, type Environment } from "../runtime/environment";
import { projectsOverride } from "../runtime/codex/arguments";
import { projectFolders } from "../runtime/codex/projectFolders";
import { programPath } from "../runtime/programPath";

/**
 * The argv that opens a recorded thread in a terminal; empty when Codex is not there. The program is an absolute path: an
 * editor that does not find a bare name on PATH takes a file of that name in the terminal's folder, the session's worktree.
 */
export async function threadCommand(
  { threadId, worktreePath }: Pick<SessionView, "threadId" | "worktreePath">,
  environment: Environment,
): Promise<readonly string[]> {
  if (threadId === undefined) return [];
  const searched = runtimeEnvironment({
    parent: environment,
    platform: process.platform,
    names: [],
    marker: "",
  });
  const program = await programPath("codex", searched);
  if (program === undefined) return [];
  // What the model wrote there must not configure the user's own Codex.
  const folders =
    worktreePath === undefined ? [] : await projectFolders(worktreePath).catch(() => [worktreePath]);
  const untrusted = folders.length === 0 ? [] : ["-c", projectsOverride(folders)];
  return [program, ...untrusted, "resume", threadId];
}
