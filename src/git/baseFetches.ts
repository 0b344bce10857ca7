import { neverAborted } from "../base/abort";
import { abortReason } from "../base/clock";
import type { GitClient } from "./gitClient";
import { quietSsh } from "./remotes";
import type { Repository } from "./repository";

type FetchPlace = Pick<Repository, "commonDir" | "topLevel" | "gitDir">;

/**
 * Fetches of base branches. Sessions that start together share one fetch, so that a remote that does not answer costs
 * its time limit once and not once per session.
 */
export class BaseFetches {
  readonly #git: GitClient;
  readonly #running = new Map<string, Promise<void>>();

  constructor(git: GitClient) {
    this.#git = git;
  }

  /** Brings `refs/remotes/<remote>/<branch>` up to date; rejects when the remote does not give it. */
  async fetch(repository: FetchPlace, remote: string, branch: string, signal: AbortSignal): Promise<void> {
    const key = [repository.commonDir, remote, branch].join("\n");
    let running = this.#running.get(key);
    if (running === undefined) {
      running = this.#fetch(repository, remote, branch).finally(() => this.#running.delete(key));
      this.#running.set(key, running);
    }
    await withSignal(running, signal);
  }

  /** Not bound to one caller's signal, since others may wait for the same fetch; its time limit ends it. */
  async #fetch(repository: FetchPlace, remote: string, branch: string): Promise<void> {
    const at = { cwd: repository.topLevel, gitDir: repository.gitDir };
    const refspec = `+refs/heads/${branch}:refs/remotes/${remote}/${branch}`;
    const flags = ["--quiet", "--no-tags", "--no-prune", "--no-recurse-submodules", "--no-write-fetch-head"];
    await this.#git.run(["fetch", ...flags, "--", remote, refspec], {
      ...at,
      signal: neverAborted,
      limitMs: this.#git.limits.fetchMs,
      environment: await quietSsh(this.#git, at, neverAborted),
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
