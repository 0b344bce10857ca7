import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import { requireCommitId, reviewDiff } from "./changedFiles";
import type { TrustedCheckout } from "./checkoutTrust";
import type { GitCall } from "./gitClient";
import { linesOf } from "./rawPath";
import { withReviewIndex, type ReviewJob } from "./reviewIndex";
import { withScratch } from "./snapshot";

/** A clipboard takes it, and whoever it is sent to can still read it. */
const largestPatch = 8 * 1024 * 1024;

/** What no setting of the user may change, so that `git apply` takes it anywhere. */
const format = [
  "--binary",
  "--full-index",
  "--src-prefix=a/",
  "--dst-prefix=b/",
  "--unified=3",
  "--inter-hunk-context=0",
] as const;

const sectionStart = "diff --git ";

/**
 * All changes since the base commit as a patch, untracked files among them. A file whose bytes are no UTF-8 stands in it
 * as a binary one: the patch is text. Throws WorktreeError `tooLarge`.
 */
export async function writePatch(
  job: ReviewJob,
  checkout: TrustedCheckout,
  baseCommit: string,
): Promise<string> {
  requireCommitId(baseCommit);
  const args = ["diff", ...format, ...reviewDiff, baseCommit, "--"];
  return await withReviewIndex(job, checkout, baseCommit, async (call) => {
    const bytes = await job.git.runBytes(args, call, largestPatch, tooLarge());
    const text = asText(bytes);
    if (text !== undefined) return text;
    const binary = sectionsOf(await allAsBinary(job, args, call));
    return sectionsOf(bytes)
      .map((section, at) => asText(section) ?? asText(binary[at] ?? section) ?? refuse(section))
      .join("");
  });
}

/** The same patch with every file as a binary one. Only what the tree's own attributes call text stays text. */
async function allAsBinary(job: ReviewJob, args: readonly string[], call: GitCall): Promise<Buffer> {
  return await withScratch(job, async (scratch) => {
    const attributes = join(scratch, "attributes");
    await writeFile(attributes, "* -diff\n");
    const config = [...(call.config ?? []), `core.attributesFile=${attributes}`];
    return await job.git.runBytes(args, { ...call, config }, 4 * largestPatch, tooLarge());
  });
}

function asText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** One part for each file. A line of a patch's content begins with another letter, so none is taken for a head. */
function sectionsOf(patch: Buffer): Buffer[] {
  const starts: number[] = [];
  for (let at = patch.indexOf(sectionStart); at >= 0; at = patch.indexOf(`\n${sectionStart}`, at)) {
    const start = patch[at] === 10 ? at + 1 : at;
    starts.push(start);
    at = start;
  }
  return starts.map((start, at) => patch.subarray(start, starts[at + 1] ?? patch.length));
}

function tooLarge(): WorktreeError {
  return new WorktreeError(
    "tooLarge",
    asWritten(
      "The changes are larger than 8 MiB as a patch, so nothing was copied. They are kept in the worktree. Publish the session's branch instead, or check it out here.",
    ),
  );
}

function refuse(section: Buffer): never {
  const [head = ""] = linesOf(section.toString("utf8"));
  throw new WorktreeError(
    "failed",
    asWritten(
      "{0} is no UTF-8 text, and the attributes of the repository do not let it be taken as a binary file, so it cannot stand in a patch that is text. Nothing was copied, and the changes are kept in the worktree. Publish the session's branch instead, or check it out here.",
      head.slice(sectionStart.length),
    ),
  );
}
