import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { neverAborted } from "../../../src/base/abort";
import { systemClock, type Clock } from "../../../src/base/clock";
import { silentLog } from "../../../src/base/log";
import type { PrepareRequest, Worktree } from "../../../src/core/ports/worktrees";
import type { GitLimits } from "../../../src/git/gitClient";
import { GitWorktrees } from "../../../src/git/gitWorktrees";
import type { SnapshotLimits } from "../../../src/git/snapshotTree";

const run = promisify(execFile);

/** A home, a repository with one commit on main, and the product's worktrees, all in one temporary folder. */
export class GitFixture {
  readonly folder: string;
  readonly home: string;
  readonly root: string;
  readonly repo: string;
  readonly quarantine: string;

  private constructor(folder: string, repoName: string) {
    this.folder = folder;
    this.home = join(folder, "home");
    this.root = join(folder, "worktrees");
    this.repo = join(folder, repoName);
    this.quarantine = join(folder, "quarantine");
  }

  static async create(repoName = "repo"): Promise<GitFixture> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), "one-horizon-git-")));
    const fixture = new GitFixture(folder, repoName);
    await mkdir(fixture.home);
    await mkdir(fixture.repo, { recursive: true });
    await fixture.write(
      join(fixture.home, ".gitconfig"),
      '[user]\n\tname = Ada\n\temail = ada@example.com\n[init]\n\tdefaultBranch = main\n[protocol "file"]\n\tallow = always\n',
    );
    return fixture;
  }

  /** With a first commit: `readme.txt` and `packages/app/index.txt`. */
  static async withCommit(
    repoName = "repo",
    beforeInit: (repo: string) => Promise<void> = () => Promise.resolve(),
  ): Promise<GitFixture> {
    const fixture = await GitFixture.create(repoName);
    await beforeInit(fixture.repo);
    await fixture.git(fixture.repo, "init", "--quiet");
    await fixture.write(join(fixture.repo, "readme.txt"), "one\ntwo\n");
    await fixture.write(join(fixture.repo, "packages/app/index.txt"), "app\n");
    await fixture.write(join(fixture.repo, ".gitignore"), "ignored/\n*.log\n");
    await fixture.git(fixture.repo, "add", "-A");
    await fixture.git(fixture.repo, "commit", "--quiet", "-m", "First");
    return fixture;
  }

  /** A bare origin that has main, with origin/HEAD set. */
  async addOrigin(): Promise<string> {
    const origin = join(this.folder, "origin.git");
    await this.git(this.folder, "clone", "--quiet", "--bare", this.repo, origin);
    await this.git(this.repo, "remote", "add", "origin", origin);
    await this.git(this.repo, "fetch", "--quiet", "origin");
    await this.git(this.repo, "remote", "set-head", "origin", "main");
    return origin;
  }

  environment(extra: Record<string, string> = {}): Record<string, string> {
    return { PATH: process.env["PATH"] ?? "", HOME: this.home, GIT_CONFIG_NOSYSTEM: "1", ...extra };
  }

  worktrees(
    options: {
      environment?: Record<string, string>;
      limits?: Partial<GitLimits>;
      snapshotLimits?: Partial<SnapshotLimits>;
      clock?: Clock;
    } = {},
  ): GitWorktrees {
    return new GitWorktrees({
      stateFolder: join(this.folder, "state"),
      environment: options.environment ?? this.environment(),
      clock: options.clock ?? systemClock,
      log: silentLog,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
      ...(options.snapshotLimits === undefined ? {} : { snapshotLimits: options.snapshotLimits }),
    });
  }

  request(sessionId: string, more: Partial<PrepareRequest> = {}): PrepareRequest {
    return {
      sessionId,
      folder: this.repo,
      mode: "task",
      root: this.root,
      baseBranch: undefined,
      copy: [],
      gitHooks: false,
      ...more,
    };
  }

  async prepare(sessionId = "session-1", more: Partial<PrepareRequest> = {}): Promise<Worktree> {
    return await this.worktrees().prepare(this.request(sessionId, more), neverAborted);
  }

  commitOptions(sessionId = "session-1", gitHooks = false) {
    return { sessionId, message: "Add things", gitHooks, quarantine: this.quarantine };
  }

  async git(cwd: string, ...args: string[]): Promise<string> {
    const { stdout } = await run("git", args, { cwd, env: this.environment(), maxBuffer: 64 * 1024 * 1024 });
    return stdout.replace(/\n$/, "");
  }

  async write(path: string, content: string, mode?: number): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    if (mode !== undefined) await chmod(path, mode);
  }

  /** A program that writes `canary` when git runs it; what it got, it hands on. */
  async trap(name: string): Promise<{ readonly command: string; readonly sprung: () => Promise<boolean> }> {
    const canary = join(this.folder, `canary-${name}`);
    const command = join(this.folder, `trap-${name}.sh`);
    await this.write(command, `#!/bin/sh\necho sprung > '${canary}'\ncat\n`, 0o755);
    return { command, sprung: async () => (await textOf(canary)) !== undefined };
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** A file's text, or undefined where there is none. */
export async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}
