import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { simpleGit } from "simple-git";
import { abortReason } from "../base/clock";
import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import { gitEnvironment, ownGitVariables, type Environment } from "./gitEnvironment";
import { GitFailure } from "./gitFailure";
import { progressReader, withoutProgress, type OnGitProgress } from "./gitProgress";
import { isMachineTrouble } from "./gitTrouble";

/** How long one git call may take, in milliseconds. */
export interface GitLimits {
  /** Looks and small writes. */
  readonly plainMs: number;
  /** Checking out or staging a whole tree. */
  readonly treeMs: number;
  readonly fetchMs: number;
  /** A commit without hooks: what a signing program may take. */
  readonly commitMs: number;
  readonly pushMs: number;
}

export const defaultGitLimits: GitLimits = {
  plainMs: 30_000,
  treeMs: 300_000,
  fetchMs: 30_000,
  commitMs: 30_000,
  pushMs: 120_000,
};

export interface GitCall {
  /** An existing folder. */
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** Default: `limits.plainMs`. */
  readonly limitMs?: number;
  /** Named outright, git does not look for a `.git` entry, so one that a tool has planted is never read. */
  readonly gitDir?: string;
  readonly workTree?: string;
  /** Runs the repository's own hooks; everything else runs with an empty hooks folder. */
  readonly hooks?: boolean;
  /** More `-c` values. */
  readonly config?: readonly string[];
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Called with standard output as its bytes come, which the text that `run` returns cannot give back. */
  readonly onBytes?: (chunk: Buffer) => void;
  /** Called with what git tells of its progress; git has to be asked for it, mostly by `--progress`. */
  readonly onProgress?: OnGitProgress | undefined;
}

/** After an abort git gets this long to clean up before the caller goes on without it. */
const graceMs = 1_000;

/**
 * No program named in a config file of a tree, no work in the background that outlives the call, and no step into
 * submodules.
 */
const always = ["core.fsmonitor=false", "gc.auto=0", "maintenance.auto=false", "submodule.recurse=false"];

/** Runs git, always with argv, an allow-listed environment and a time limit. */
export class GitClient {
  readonly limits: GitLimits;
  readonly #environment: Environment;
  /** Absolute path; made when missing. */
  readonly folder: string;

  /** @param folder absolute path of a folder of ours, for an empty hooks folder and small programs. */
  constructor(environment: Environment, folder: string, limits: GitLimits = defaultGitLimits) {
    this.#environment = environment;
    this.folder = folder;
    this.limits = limits;
  }

  /** Git's standard output. Throws GitFailure, WorktreeError (`noGit`, `timeout`), or the signal's reason. */
  async run(args: readonly string[], call: GitCall): Promise<string> {
    const command = args[0] ?? "";
    const hooks = call.hooks === true ? [] : [`core.hooksPath=${await this.#noHooks()}`];
    const limitMs = call.limitMs ?? this.limits.plainMs;
    const limit = AbortSignal.timeout(limitMs);
    const abort = AbortSignal.any([call.signal, limit]);
    const pipes: Readable[] = [];
    try {
      return await endingWith(abort, pipes, this.#spawn(args, call, [hooks, abort, pipes]));
    } catch (error) {
      if (call.signal.aborted) throw abortReason(call.signal);
      if (limit.aborted) throw timeoutError(command, limitMs);
      if (error instanceof GitFailure && /spawn .*git.* ENOENT/s.test(error.output)) {
        // Node says the same of a program and of a working directory that is not there.
        throw (await isFolder(call.cwd)) ? noGitError(error) : goneError(call.cwd, error);
      }
      throw error;
    }
  }

  /** As `run`, but undefined where git says no with exit code 1 (or 128 for a name that does not exist). */
  async tryRun(args: readonly string[], call: GitCall): Promise<string | undefined> {
    try {
      return await this.run(args, call);
    } catch (error) {
      // One that was killed, or could not read the repository, has not said no.
      if (error instanceof GitFailure && error.exitCode > 0 && !isMachineTrouble(error)) return undefined;
      throw error;
    }
  }

  /**
   * Git's standard output as bytes. Git is ended and `tooMuch` thrown where it has more than `most` of them.
   * Throws as `run` does.
   */
  async runBytes(
    args: readonly string[],
    call: GitCall,
    most = Number.POSITIVE_INFINITY,
    tooMuch: Error = new Error("git said more than was asked for"),
  ): Promise<Buffer> {
    const chunks: Buffer[] = [];
    const full = new AbortController();
    let size = 0;
    const onBytes = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > most) full.abort(tooMuch);
      else chunks.push(chunk);
    };
    await this.run(args, { ...call, signal: AbortSignal.any([call.signal, full.signal]), onBytes });
    full.signal.throwIfAborted();
    return Buffer.concat(chunks);
  }

  async #spawn(
    args: readonly string[],
    call: GitCall,
    [hooks, abort, pipes]: readonly [string[], AbortSignal, Readable[]],
  ): Promise<string> {
    abort.throwIfAborted();
    const { input } = call;
    const git = simpleGit({
      baseDir: call.cwd,
      abort,
      config: [...hooks, ...always, ...(call.config ?? [])],
      allowEnvironment: ownGitVariables,
      // simple-git refuses these because they can name programs; the values here are ours, or the user's own to sign with.
      unsafe: {
        allowUnsafeHooksPath: true,
        allowUnsafeFsMonitor: true,
        allowUnsafeSshCommand: true,
        allowUnsafeFilter: true,
        allowUnsafeGpgProgram: true,
      },
      // Output counts as complete when the pipes close; the time limit covers a grandchild that holds them open.
      completion: { onClose: true, onExit: false },
      errors: (error, result) => {
        if (error instanceof Error && result.exitCode === 0) return error;
        if (result.exitCode === 0) return undefined;
        const said = Buffer.concat([...result.stdErr, ...result.stdOut]).toString("utf8");
        return new GitFailure(args[0] ?? "", exitCodeOf(result), withoutProgress(said));
      },
      ...(input === undefined ? {} : { input: () => input }),
    });
    git.env(
      gitEnvironment(this.#environment, {
        ...(call.gitDir === undefined ? {} : { GIT_DIR: call.gitDir }),
        ...(call.workTree === undefined ? {} : { GIT_WORK_TREE: call.workTree }),
        ...(call.onProgress === undefined ? {} : { GIT_PROGRESS_DELAY: "0" }),
        ...call.environment,
      }),
    );
    git.outputHandler((_command, stdout, stderr) => {
      listenTo(call, stdout, stderr);
      for (const pipe of [stdout, stderr]) if (pipe instanceof Readable) pipes.push(pipe);
      // simple-git holds a command that printed nothing for 50 ms more, unless it has seen data; both pipes have ended
      // by then, so an empty chunk costs nothing and a worktree is ready in half the time.
      stdout.once("end", () => stdout.emit("data", Buffer.alloc(0)));
    });
    return await git.raw([...args]);
  }

  async #noHooks(): Promise<string> {
    const folder = join(this.folder, "no-hooks");
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if ((await readdir(folder)).length === 0) return folder;
    throw new WorktreeError(
      "failed",
      asWritten(
        "The folder {0} must be empty so that git runs no hooks, but it is not. Nothing was changed. Delete what is in it.",
        folder,
      ),
    );
  }
}

function listenTo(
  { onBytes, onProgress }: GitCall,
  stdout: NodeJS.ReadableStream,
  stderr: NodeJS.ReadableStream,
): void {
  if (onBytes !== undefined) stdout.on("data", (chunk: Buffer) => onBytes(chunk));
  if (onProgress !== undefined) stderr.on("data", progressReader(onProgress));
}

/** Waits for git, but after an abort no longer than the grace time; a grandchild may hold the pipes, so they are closed. */
async function endingWith(
  abort: AbortSignal,
  pipes: readonly Readable[],
  running: Promise<string>,
): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  let giveUp = (): void => undefined;
  const late = new Promise<never>((_resolve, reject) => {
    giveUp = () => {
      timer = setTimeout(() => {
        for (const pipe of pipes) pipe.destroy();
        reject(abortReason(abort));
      }, graceMs);
    };
    abort.addEventListener("abort", giveUp, { once: true });
  });
  try {
    return await Promise.race([running, late]);
  } finally {
    clearTimeout(timer);
    abort.removeEventListener("abort", giveUp);
  }
}

/** Minus one for a git that was killed: it has no exit code. */
function exitCodeOf(result: { readonly exitCode: number | null }): number {
  return result.exitCode ?? -1;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

function goneError(folder: string, cause: unknown): WorktreeError {
  return new WorktreeError(
    "failed",
    asWritten(
      "The folder {0} is not there any more, so git could not work in it. What git has stored is kept. Bring the folder back, or open the repository where it is now.",
      folder,
    ),
    cause,
  );
}

function timeoutError(command: string, limitMs: number): WorktreeError {
  return new WorktreeError(
    "timeout",
    asWritten(
      "git {0} did not finish within {1} s and was stopped. What was there before is kept. Try again, or run it in a terminal to see what it waits for.",
      command,
      Math.round(limitMs / 1000),
    ),
  );
}

function noGitError(cause: unknown): WorktreeError {
  return new WorktreeError(
    "noGit",
    asWritten(
      "Git was not found. Nothing was changed. Install git, make sure that it is on the PATH, and reload the window.",
    ),
    cause,
  );
}
