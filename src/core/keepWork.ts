import { messageOf } from "../base/log";
import { asWritten } from "../base/words";
import type { Placed, WorkContext } from "./work";
import type { Worktree } from "./ports/worktrees";
import { code, wholeMarkdown } from "./text";

/** Longest summary, a little below the contract's limit. */
const summaryLimit = 9900;

/** What the branch holds after a commit. */
export interface Kept {
  /** Undefined when there was nothing to commit. */
  readonly commit: string | undefined;
  /** Files that differ from the base. */
  readonly files: number;
  readonly notes: readonly string[];
}

/** Commits whatever the tool left, so that no work is only in a working tree. */
export async function keepWork(
  deps: Placed,
  context: WorkContext,
  worktree: Worktree,
  subject: string,
  signal: AbortSignal,
): Promise<Kept> {
  const { sessionId } = context.session;
  const committed = await deps.worktrees.commit(
    worktree,
    {
      sessionId,
      message: subject,
      gitHooks: deps.config.gitHooks,
      quarantine: deps.made.quarantine,
    },
    signal,
  );
  context.change({ kind: "stat", stat: committed.stat });
  await context.record({ stat: committed.stat, headCommit: committed.headCommit });
  return { commit: committed.commit, files: committed.stat.files, notes: committed.notes };
}

/** What a person reads of a finished session: the tool's own last words, and where the work is. */
export function summaryOf(finalMessage: string | undefined, worktree: Worktree, kept: Kept): string {
  const rest = [whereKept(worktree, kept), ...kept.notes].filter((part) => part !== "").join("\n\n");
  // Where the work is must stand in what the platform keeps, whatever the tool has to say.
  const room = Math.max(1000, Math.min(8000, summaryLimit - rest.length));
  const said = wholeMarkdown(finalMessage?.trim() ?? "", room);
  return said === "" ? rest : `${said}\n\n${rest}`;
}

function whereKept(worktree: Worktree, { commit, files }: Kept): string {
  const branch = code(worktree.branch);
  const changed = files === 1 ? asWritten("1 changed file") : asWritten("{0} changed files", files);
  if (commit !== undefined) {
    return asWritten("{0} committed as {1} on {2}.", changed, code(commit.slice(0, 10)), branch);
  }
  // An earlier attempt, or the tool itself, may have committed.
  return files === 0
    ? asWritten("Nothing was changed; the branch {0} has no new commit.", branch)
    : asWritten("Nothing was left to commit; the branch {0} has {1}.", branch, changed);
}

/** Commits what a failed run left. That the run failed is the news; trouble with the commit is only added to it. */
export async function keepUnfinished(
  deps: Placed,
  context: WorkContext,
  worktree: Worktree,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    const kept = await keepWork(deps, context, worktree, "Keep unfinished work", signal);
    return kept.notes;
  } catch (error) {
    signal.throwIfAborted();
    return [
      asWritten(
        "Its unfinished work could not be committed ({0}); the files are kept in the worktree.",
        messageOf(error),
      ),
    ];
  }
}
