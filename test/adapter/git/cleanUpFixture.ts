import assert from "node:assert/strict";
import { exec } from "node:child_process";
import { lstat } from "node:fs/promises";
import { promisify } from "node:util";
import { neverAborted } from "../../../src/base/abort";
import type { RemovalRequest, RemovedWorktree, WorktreeFacts } from "../../../src/core/ports/worktreeCleanUp";
import type { Worktree } from "../../../src/core/ports/worktrees";
import type { GitWorktrees } from "../../../src/git/gitWorktrees";
import type { GitFixture } from "./gitFixture";

const shell = promisify(exec);

export async function factsOf(fixture: GitFixture, path: string): Promise<WorktreeFacts> {
  const facts = await fixture.worktrees().listWorktrees(fixture.repo, neverAborted);
  const found = facts.find((one) => one.path === path);
  if (found === undefined) throw new Error(`${path} is not listed`);
  assert.equal(found.problem, undefined);
  return found;
}

export async function removeIt(
  fixture: GitFixture,
  made: Pick<Worktree, "path">,
  more: Partial<RemovalRequest> = {},
): Promise<RemovedWorktree> {
  return await removeBy(fixture.worktrees(), fixture, made, more);
}

export async function removeBy(
  worktrees: GitWorktrees,
  fixture: GitFixture,
  made: Pick<Worktree, "path">,
  more: Partial<RemovalRequest> = {},
): Promise<RemovedWorktree> {
  return await worktrees.removeWorktree(
    {
      folder: fixture.repo,
      path: made.path,
      includeIgnored: false,
      session: { sessionId: "session-1", title: "Add CSV export" },
      ...more,
    },
    neverAborted,
  );
}

/** Runs the command that the product hands to the person, in a shell, as a person would. */
export async function restoreAs(fixture: GitFixture, command: string): Promise<void> {
  await shell(command, { cwd: fixture.folder, env: fixture.environment() });
}

export async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
}
