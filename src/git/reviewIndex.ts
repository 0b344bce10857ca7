import { join } from "node:path";
import type { TrustedCheckout } from "./checkoutTrust";
import { readCopied } from "./copiedNote";
import { lookCall } from "./diffStat";
import type { GitCall, GitClient } from "./gitClient";
import { linesOf, quoted, unquoted } from "./rawPath";
import { copyIndex, withScratch, type SnapshotJob } from "./snapshot";
import { dropLine, writeIndex } from "./snapshotTree";

/** The id of the empty file, by the length of ids. */
const emptyFile: Readonly<Record<number, string>> = {
  40: "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
  64: "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
};

/** What the user may have set for their own eyes; and git looks into files that only seem to differ. */
const plain = ["diff.autoRefreshIndex=true", "diff.suppressBlankEmpty=false"];

export type ReviewJob = Pick<SnapshotJob, "git" | "scratch" | "signal">;

/**
 * Runs a look at a checkout through a copy of its index in which untracked files have an entry, so that git's own diff sees
 * all of a session's changes at once, renames among them. The entries name the empty file: git finds that they differ and
 * reads the disk, links as links. So nothing is staged or stored, and no file is given to a program. Repositories inside
 * the checkout, which git lists with a slash at their end, and files that were copied here are left out.
 * @param like any id of the repository: ids differ in length.
 */
export async function withReviewIndex<T>(
  job: ReviewJob,
  checkout: TrustedCheckout,
  like: string,
  work: (call: GitCall) => Promise<T>,
): Promise<T> {
  const { git, signal } = job;
  return await withScratch(job, async (scratch) => {
    const index = join(scratch, "index");
    await copyIndex(checkout.gitDir, index);
    const look = await lookCall(git, checkout, signal);
    const call: GitCall = {
      ...look,
      config: [...(look.config ?? []), "core.quotePath=true", "core.splitIndex=false", ...plain],
      environment: { GIT_INDEX_FILE: index },
      limitMs: git.limits.treeMs,
    };
    await addUnstaged(git, checkout, call, like);
    return await work(call);
  });
}

async function addUnstaged(
  git: GitClient,
  checkout: TrustedCheckout,
  call: GitCall,
  like: string,
): Promise<void> {
  const untracked = linesOf(await git.run(["ls-files", "--others", "--exclude-standard"], call)).map(
    unquoted,
  );
  const unmerged = linesOf(await git.run(["ls-files", "--unmerged"], call)).map((line) =>
    unquoted(line.slice(line.indexOf("\t") + 1)),
  );
  const copied = new Set((await readCopied(checkout.gitDir))?.files.map(({ path }) => path));
  const paths = untracked.filter((path) => !path.endsWith("/") && !copied.has(path));
  const conflicts = [...new Set(unmerged)];
  if (paths.length + conflicts.length === 0) return;
  const empty = emptyFile[like.length] ?? "";
  const entries = [...conflicts, ...paths].map((path) => `100644 ${empty}\t${quoted(path)}`);
  await writeIndex(git, [...conflicts.map((path) => dropLine(empty, path)), ...entries], call);
}
