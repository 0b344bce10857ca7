import { abortReason } from "../base/clock";
import type { GitClient } from "./gitClient";
import type { OnGitProgress } from "./gitProgress";
import { quietSsh } from "./remotes";
import type { Repository } from "./repository";

type FetchPlace = Pick<Repository, "commonDir" | "topLevel" | "gitDir">;

/** One fetch that several sessions may wait for. */
interface Running {
  readonly ended: Promise<void>;
  readonly abort: AbortController;
  readonly listeners: Set<OnGitProgress>;
  waiting: number;
}

/**
 * Fetches of base branches. Sessions that start together share one fetch, so that a remote that does not answer costs
 * its time limit once and not once per session.
 */
export class BaseFetches {
  readonly #git: GitClient;
  readonly #running = new Map<string, Running>();

  constructor(git: GitClient) {
    this.#git = git;
  }

  /** Brings `refs/remotes/<remote>/<branch>` up to date; rejects when the remote does not give it. */
  async fetch(
    repository: FetchPlace,
    remote: string,
    branch: string,
    signal: AbortSignal,
    onProgress?: OnGitProgress,
  ): Promise<void> {
    const key = [repository.commonDir, remote, branch].join("\n");
    let running = this.#running.get(key);
    if (running === undefined) {
      running = this.#start(repository, remote, branch, key);
      this.#running.set(key, running);
    }
    running.waiting += 1;
    if (onProgress !== undefined) running.listeners.add(onProgress);
    try {
      await withSignal(running.ended, signal);
    } finally {
      running.waiting -= 1;
      if (onProgress !== undefined) running.listeners.delete(onProgress);
      if (running.waiting === 0) this.#end(key, running);
    }
  }

  #start(repository: FetchPlace, remote: string, branch: string, key: string): Running {
    const abort = new AbortController();
    const listeners = new Set<OnGitProgress>();
    const tell: OnGitProgress = (told) => listeners.forEach((one) => one(told));
    const ended = this.#fetch(repository, remote, branch, abort.signal, tell);
    const running: Running = { ended, abort, listeners, waiting: 0 };
    const forget = (): void => {
      if (this.#running.get(key) === running) this.#running.delete(key);
    };
    ended.then(forget, forget);
    return running;
  }

  /** Nobody waits for it any more: a new caller gets one of its own. */
  #end(key: string, running: Running): void {
    if (this.#running.get(key) === running) this.#running.delete(key);
    running.abort.abort(new Error("nobody waits for the fetch"));
  }

  /** Bound to no caller's signal, since others may wait for the same fetch; it ends when nobody does, or at its time limit. */
  async #fetch(
    repository: FetchPlace,
    remote: string,
    branch: string,
    signal: AbortSignal,
    onProgress: OnGitProgress,
  ): Promise<void> {
    const at = { cwd: repository.topLevel, gitDir: repository.gitDir };
    const refspec = `+refs/heads/${branch}:refs/remotes/${remote}/${branch}`;
    const flags = [
      "--progress",
      "--no-tags",
      "--no-prune",
      "--no-recurse-submodules",
      "--no-write-fetch-head",
    ];
    await this.#git.run(["fetch", ...flags, "--", remote, refspec], {
      ...at,
      signal,
      onProgress,
      limitMs: this.#git.limits.fetchMs,
      environment: await quietSsh(this.#git, at, signal),
    });
  }
}

async function withSignal(work: Promise<void>, signal: AbortSignal): Promise<void> {
  // A signal of its own: many sessions may wait under one, and each listener on that would count as a leak.
  const own = AbortSignal.any([signal]);
  let stop = (): void => undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = () => reject(abortReason(own));
    if (own.aborted) stop();
    else own.addEventListener("abort", stop, { once: true });
  });
  try {
    await Promise.race([work, stopped]);
  } finally {
    own.removeEventListener("abort", stop);
  }
}
