import { threadProgramOf } from "../core/providers";
import type { SessionView } from "../core/state";
import { runtimeEnvironment, type Environment } from "../runtime/environment";
import { projectsOverride } from "../runtime/codex/arguments";
import { projectFolders } from "../runtime/codex/projectFolders";
import { programPath } from "../runtime/programPath";

/**
 * The argv that opens a recorded thread in a terminal; empty where the tool that keeps it is not there, or would heed what the
 * model left in the worktree without asking. Claude Code asks whether a folder is trusted before it heeds its settings
 * (https://code.claude.com/docs/en/security); OpenCode, Gemini CLI and Cursor may not. The program is an absolute path: an
 * editor that does not find a bare name on PATH takes a file of that name in the terminal's folder, the session's worktree.
 */
export async function threadCommand(
  { threadId, worktreePath, provider }: Pick<SessionView, "threadId" | "worktreePath" | "provider">,
  environment: Environment,
): Promise<readonly string[]> {
  const name = threadProgramOf(provider);
  if (threadId === undefined || name === undefined) return [];
  const searched = runtimeEnvironment({
    parent: environment,
    platform: process.platform,
    names: [],
    marker: "",
  });
  const program = await programPath(name, searched);
  if (program === undefined) return [];
  if (name === "claude") return [program, "--resume", threadId];
  // What the model wrote there must not configure the user's own Codex.
  const folders =
    worktreePath === undefined ? [] : await projectFolders(worktreePath).catch(() => [worktreePath]);
  const untrusted = folders.length === 0 ? [] : ["-c", projectsOverride(folders)];
  return [program, ...untrusted, "resume", threadId];
}
