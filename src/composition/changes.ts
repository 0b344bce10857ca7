import type { GitWorktrees } from "../git/gitWorktrees";
import { UserError } from "../core/actions";
import type { Store } from "../core/store";

const readMs = 30_000;

/** The two sides of a session's diff. Only worktrees that a session has are read, whoever asks. */
export function sessionChanges(
  git: Pick<GitWorktrees, "changedFiles" | "fileAt">,
  store: Store,
): {
  changedFiles(path: string, baseCommit: string): ReturnType<GitWorktrees["changedFiles"]>;
  fileAt(path: string, commit: string, file: string): Promise<string | undefined>;
} {
  const requireKnown = (path: string): void => {
    const known = [...store.state.sessions.values()].some((session) => session.worktreePath === path);
    if (!known) throw new UserError("No session has this worktree, so it is not read.");
  };
  return {
    changedFiles: async (path, baseCommit) => {
      requireKnown(path);
      return await git.changedFiles({ path, baseCommit }, AbortSignal.timeout(readMs));
    },
    fileAt: async (path, commit, file) => {
      requireKnown(path);
      return await git.fileAt({ path }, commit, file, AbortSignal.timeout(readMs));
    },
  };
}
