import type { Clock } from "../base/clock";
import type { KeyedQueue } from "../base/keyedQueue";
import { asWritten } from "../base/words";
import type {
  ChangedFile,
  CheckOutLook,
  CheckOutRequest,
  CompareWith,
  FileNow,
  RevertedFile,
  Review,
  ReviewPlace,
} from "../core/ports/review";
import { WorktreeError, type OnProgress } from "../core/ports/worktrees";
import { resolveBase } from "./baseBranch";
import type { BaseFetches } from "./baseFetches";
import { listChangedFiles, readFileAt } from "./changedFiles";
import { checkOutBranch, lookAtCheckOut } from "./checkOutBranch";
import { trustCheckout, type TrustedCheckout } from "./checkoutTrust";
import { readFileNow } from "./fileNow";
import type { GitClient } from "./gitClient";
import { writePatch } from "./patch";
import { commitOf, openRepository } from "./repository";
import { revertFile } from "./revertFile";
import { withReason } from "./withReason";

export interface ReviewTools {
  readonly git: GitClient;
  readonly clock: Clock;
  readonly fetches: BaseFetches;
  /** Work that changes one repository runs one after another, by its common directory. */
  readonly queue: KeyedQueue;
  /** A folder of ours for temporary indexes. */
  readonly scratch: string;
}

const unchanged = asWritten("Nothing was changed.");

/** What a person sees of sessions' work, and takes of it, in real git repositories. */
export class GitReview implements Review {
  readonly #tools: ReviewTools;

  constructor(tools: ReviewTools) {
    this.#tools = tools;
  }

  async changedFiles(place: ReviewPlace, signal: AbortSignal): Promise<readonly ChangedFile[]> {
    return await this.#in(place.path, signal, (checkout) =>
      listChangedFiles({ ...this.#tools, signal }, checkout, place),
    );
  }

  async fileAt(
    worktreePath: string,
    commit: string,
    rawPath: string,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    return await this.#in(worktreePath, signal, (checkout) =>
      readFileAt(this.#tools.git, checkout, commit, rawPath, signal),
    );
  }

  async fileNow(worktreePath: string, rawPath: string, signal: AbortSignal): Promise<FileNow | undefined> {
    return await this.#in(worktreePath, signal, (checkout) => readFileNow(checkout, rawPath));
  }

  async patch(place: ReviewPlace, signal: AbortSignal): Promise<string> {
    return await this.#in(place.path, signal, (checkout) =>
      writePatch({ ...this.#tools, signal }, checkout, place.baseCommit),
    );
  }

  async revertFile(place: ReviewPlace, rawPath: string, signal: AbortSignal): Promise<RevertedFile> {
    return await this.#in(place.path, signal, (checkout) =>
      this.#queued(checkout, signal, () => revertFile({ ...this.#tools, signal }, checkout, place, rawPath)),
    );
  }

  async lookAtCheckOut(folder: string, branch: string, signal: AbortSignal): Promise<CheckOutLook> {
    return await withReason(asWritten("The checkout cannot be looked at"), unchanged, async () => {
      const repository = await openRepository(this.#tools.git, folder, signal);
      const { isHere, usedBy } = await lookAtCheckOut({ ...this.#tools, repository, signal }, branch);
      return { isHere, usedBy };
    });
  }

  async checkOut(request: CheckOutRequest, signal: AbortSignal): Promise<void> {
    await withReason(
      asWritten("The branch was not checked out"),
      asWritten("Its commits are kept."),
      async () => {
        const repository = await openRepository(this.#tools.git, request.folder, signal);
        await this.#queued(repository, signal, () =>
          checkOutBranch({ ...this.#tools, repository, signal }, request),
        );
      },
    );
  }

  async compareCommit(
    folder: string,
    other: CompareWith,
    signal: AbortSignal,
    onProgress?: OnProgress,
  ): Promise<{ readonly commit: string; readonly name: string }> {
    return await withReason(asWritten("There is nothing to compare with"), unchanged, async () => {
      const { git, fetches } = this.#tools;
      const repository = await openRepository(git, folder, signal);
      if (other.kind === "base") {
        const base = await resolveBase(git, fetches, repository, other.branch, signal, onProgress);
        return { commit: base.commit, name: base.branch };
      }
      const [revision, name] =
        other.kind === "head" ? ["HEAD", "HEAD"] : [`refs/heads/${other.branch}`, other.branch];
      const at = { cwd: repository.topLevel, gitDir: repository.gitDir };
      const commit = await commitOf(git, revision, at, signal);
      if (commit !== undefined) return { commit, name };
      throw new WorktreeError(
        "badBranch",
        asWritten(
          "There is no {0} in {1} to compare with. Nothing was changed. Choose something else.",
          name,
          repository.topLevel,
        ),
      );
    });
  }

  async #in<T>(
    path: string,
    signal: AbortSignal,
    work: (checkout: TrustedCheckout) => Promise<T>,
  ): Promise<T> {
    return await withReason(asWritten("Git failed in the worktree"), unchanged, async () =>
      work(await trustCheckout(this.#tools.git, path, signal)),
    );
  }

  async #queued<T>(
    { commonDir }: { readonly commonDir: string },
    signal: AbortSignal,
    work: () => Promise<T>,
  ): Promise<T> {
    return await this.#tools.queue.run(commonDir, async () => {
      signal.throwIfAborted();
      return await work();
    });
  }
}
