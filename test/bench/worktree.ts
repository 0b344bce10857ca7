import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { neverAborted } from "../../src/base/abort";
import { systemClock } from "../../src/base/clock";
import { silentLog } from "../../src/base/log";
import { GitWorktrees } from "../../src/git/gitWorktrees";
import { median, type Row } from "./table";

const files = 10_000;
const pairs = 8;

function git(folder: string, ...args: readonly string[]): void {
  const identity = ["-c", "user.name=Bench", "-c", "user.email=bench@example.invalid"];
  execFileSync("git", [...identity, ...args], { cwd: folder, stdio: "ignore" });
}

function makeRepository(folder: string): void {
  mkdirSync(folder, { recursive: true });
  git(folder, "init", "--initial-branch=main");
  for (let n = 0; n < files; n += 1) {
    const place = join(folder, `part${n % 100}`);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, `file${n}.txt`), `content of file ${n}\n`);
  }
  git(folder, "add", ".");
  git(folder, "commit", "--quiet", "--message", "first");
}

/** A session's worktree, against plain `git worktree add` of the same repository, in alternating pairs. */
export const worktree: Row = {
  name: "worktree",
  run: async () => {
    const root = mkdtempSync(join(tmpdir(), "bench-"));
    try {
      const repository = join(root, "repository");
      makeRepository(repository);
      const state = join(root, "state");
      const worktrees = new GitWorktrees({
        stateFolder: state,
        environment: process.env,
        clock: systemClock,
        log: silentLog,
      });
      const ours: number[] = [];
      const plain: number[] = [];
      for (let pair = 0; pair < pairs; pair += 1) {
        const first = performance.now();
        git(
          repository,
          "worktree",
          "add",
          "--quiet",
          "-b",
          `plain${pair}`,
          join(root, `plain${pair}`),
          "main",
        );
        plain.push(performance.now() - first);
        const second = performance.now();
        await worktrees.prepare(
          {
            sessionId: `s${pair}`,
            folder: repository,
            mode: "task",
            root: join(root, "worktrees"),
            baseBranch: undefined,
            copy: [],
            gitHooks: false,
          },
          neverAborted,
        );
        ours.push(performance.now() - second);
      }
      const ratio = median(ours) / median(plain);
      return [
        {
          what: `worktree ready, ${files} files, ${pairs} pairs`,
          ours: `${median(ours).toFixed(0)} ms`,
          baseline: `${median(plain).toFixed(0)} ms git worktree add`,
          ratio,
          goal: "≤ 1.15",
          met: ratio <= 1.15,
        },
      ];
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  },
};
