import { runtimeEnvironment, type Environment } from "../runtime/environment";
import { programPath } from "../runtime/programPath";

/**
 * The argv that opens a recorded thread in a terminal; empty when Codex is not there. The program is an absolute path: an
 * editor that does not find a bare name on PATH takes a file of that name in the terminal's folder, the session's worktree.
 */
export async function threadCommand(
  threadId: string | undefined,
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
  return program === undefined ? [] : [program, "resume", threadId];
}
