import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { neverAborted } from "../../src/base/abort";
import { systemClock } from "../../src/base/clock";
import { silentLog } from "../../src/base/log";
import type { Worktree } from "../../src/core/ports/worktrees";
import { GitWorktrees } from "../../src/git/gitWorktrees";
import { median, type Figure, type Row } from "./table";

const pairs = 20;

function git(folder: string, ...args: readonly string[]): void {
  const identity = ["-c", "user.name=Bench", "-c", "user.email=bench@example.invalid"];
  execFileSync("git", [...identity, ...args], { cwd: folder, stdio: "ignore" });
}

function makeRepository(folder: string, files: number): void {
  mkdirSync(folder, { recursive: true });
  git(folder, "init", "--initial-branch=main");
  for (let n = 0; n < files; n += 1) {
    const place = join(folder, `part${n % 500}`);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, `file${n}.txt`), `content of file ${n}\n`);
  }
  git(folder, "add", ".");
  git(folder, "commit", "--quiet", "--message", "first");
}

/**
 * A session's worktree, against plain `git worktree add` of the same repository, in alternating pairs, without a fetch. Each
 * pair's worktrees go before the next one, so that all of them meet the same disk.
 */
export const worktree: Row = {
  name: "worktree",
  run: async () => [await figure(10_000), await figure(100_000)],
};

async function figure(files: number): Promise<Figure> {
  const root = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    const repository = join(root, "repository");
    makeRepository(repository, files);
    const { ours, plain } = await timePairs(root, repository);
    const ratio = median(ours.map((ms, pair) => ms / (plain[pair] ?? Number.NaN)));
    return {
      what: `worktree ready, ${files.toLocaleString("en")} files, ${pairs} pairs`,
      ours: `${median(ours).toFixed(0)} ms`,
      baseline: `${median(plain).toFixed(0)} ms git worktree add`,
      ratio,
      goal: "≤ 1.15",
      met: ratio <= 1.15,
    };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function timePairs(
  root: string,
  repository: string,
): Promise<{ readonly ours: readonly number[]; readonly plain: readonly number[] }> {
  const stateFolder = join(root, "state");
  const context = { environment: process.env, clock: systemClock, log: silentLog };
  const worktrees = new GitWorktrees({ stateFolder, ...context });
  const ours: number[] = [];
  const plain: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const place = join(root, `plain${pair}`);
    const byGit = (): Promise<void> => {
      git(repository, "worktree", "add", "--quiet", "-b", `plain${pair}`, place, "main");
      return Promise.resolve();
    };
    let made = "";
    const byUs = async (): Promise<void> => {
      made = (await prepare(worktrees, repository, join(root, "worktrees"), `s${pair}`)).path;
    };
    // Who goes first finds a colder disk, so that they take turns.
    const turns = [
      [byGit, plain],
      [byUs, ours],
    ] as const;
    for (const [work, times] of pair % 2 === 0 ? turns : turns.toReversed()) times.push(await timed(work));
    for (const one of [place, made]) git(repository, "worktree", "remove", "--force", one);
  }
  return { ours, plain };
}

async function prepare(
  worktrees: GitWorktrees,
  folder: string,
  root: string,
  sessionId: string,
): Promise<Worktree> {
  const rest = { mode: "task", baseBranch: undefined, copy: [], gitHooks: false } as const;
  return await worktrees.prepare({ sessionId, folder, root, ...rest }, neverAborted);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
