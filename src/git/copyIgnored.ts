import { constants } from "node:fs";
import { lstat, mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import { hashFiles } from "./blobs";
import { readCopied, writeCopied } from "./copiedNote";
import type { GitClient } from "./gitClient";
import { isGitName } from "./hostileTree";
import { bytesOf, linesOf, rawOfText, shownPath, unquoted } from "./rawPath";
import type { Repository } from "./repository";
import { isMissing } from "./worktreeFolder";

/** How much `worktree.copy` may bring along: it is meant for settings, not for what a build makes. */
export const copyLimits = { files: 1000, fileBytes: 16 * 1024 ** 2, totalBytes: 64 * 1024 ** 2 } as const;

/** Bytes of a file whose content is told from others; a shorter one holds no secret. */
const shortest = 8;

interface Chosen {
  /** Raw, from the top. */
  readonly path: string;
  readonly size: number;
}

export interface CopyJob {
  readonly git: GitClient;
  /** The checkout to copy from. */
  readonly repository: Repository;
  readonly globs: readonly string[];
  /** The worktree, in which no tool has worked yet, and its own git directory. */
  readonly path: string;
  readonly gitDir: string;
  readonly signal: AbortSignal;
}

/**
 * Copies the ignored files of the opened folder that a glob names. Links are neither copied nor followed, `.git` is left
 * out, nothing that is there is written over, and nobody but the owner may read a copy. What is copied is noted before.
 * Returns sentences for the user. Throws WorktreeError `tooLarge` or `failed`.
 */
export async function copyIgnoredFiles(job: CopyJob): Promise<string[]> {
  const before = await readCopied(job.gitDir);
  if (job.globs.length === 0 || before?.complete === true) return [];
  // Copies that were cut short: no tool has been here since.
  for (const { path } of before?.files ?? []) await rm(placeOf(job.path, path), { force: true });
  const { chosen, links } = await choose(job);
  const notes = links === 0 ? [] : [linksLeft(links)];
  const from = job.repository.topLevel;
  const call = { cwd: from, gitDir: job.repository.gitDir, workTree: from, signal: job.signal };
  const ids = await hashFiles(
    job.git,
    chosen.map(({ path }) => `${rawOfText(from)}/${path}`),
    call,
  );
  const files = chosen.map(({ path, size }, at) => ({ path, id: size < shortest ? "" : (ids[at] ?? "") }));
  await writeCopied(job.gitDir, { complete: false, from, files });
  for (const { path } of chosen) await copyOne(job, path);
  await writeCopied(job.gitDir, { complete: true, from, files });
  if (chosen.length > 0) notes.unshift(told(chosen));
  return notes;
}

function told(paths: readonly Chosen[]): string {
  const shown = paths.slice(0, 5).map(({ path }) => JSON.stringify(shownPath(path)));
  const names = shown.join(", ");
  if (paths.length === 1) {
    return asWritten("Copied 1 ignored file into the worktree, never to be committed: {0}.", names);
  }
  if (paths.length <= 5) {
    return asWritten(
      "Copied {0} ignored files into the worktree, never to be committed: {1}.",
      paths.length,
      names,
    );
  }
  return asWritten(
    "Copied {0} ignored files into the worktree, never to be committed: {1} and {2} more.",
    paths.length,
    names,
    paths.length - 5,
  );
}

function linksLeft(links: number): string {
  return links === 1
    ? asWritten("1 link that worktree.copy names was not copied.")
    : asWritten("{0} links that worktree.copy names were not copied.", links);
}

/** Regular files that git ignores, a glob names, and the worktree does not have. */
async function choose(job: CopyJob): Promise<{ readonly chosen: Chosen[]; readonly links: number }> {
  const chosen: Chosen[] = [];
  let links = 0;
  let total = 0;
  for (const path of await ignoredFiles(job)) {
    if (path.endsWith("/") || path.split("/").some((part) => isGitName(shownPath(part)))) continue;
    const found = await lstat(placeOf(job.repository.topLevel, path)).catch(nothingThere);
    if (found === undefined) continue;
    if (!found.isFile()) {
      links += 1;
      continue;
    }
    if ((await lstat(placeOf(job.path, path)).catch(nothingThere)) !== undefined) continue;
    chosen.push({ path, size: found.size });
    total += found.size;
    if (found.size > copyLimits.fileBytes) {
      throw tooLarge(asWritten("{0} is larger than 16 MiB", shownPath(path)));
    }
    if (chosen.length > copyLimits.files) throw tooLarge(asWritten("the globs name more than 1,000 files"));
    if (total > copyLimits.totalBytes) throw tooLarge(asWritten("the files have more than 64 MiB in all"));
  }
  return { chosen, links };
}

/** Raw paths from the top. Git walks only where a glob can match. */
async function ignoredFiles({ git, repository, globs, signal }: CopyJob): Promise<string[]> {
  const { topLevel, gitDir, prefix } = repository;
  const wanted = [...new Set(globs)].map((glob) => `:(glob)${glob}`);
  const args = ["ls-files", "--others", "--ignored", "--exclude-standard", "--full-name", "--", ...wanted];
  const output = await git.run(args, {
    cwd: join(topLevel, prefix),
    gitDir,
    workTree: topLevel,
    signal,
    limitMs: git.limits.treeMs,
    environment: { GIT_LITERAL_PATHSPECS: "0" },
  });
  return linesOf(output).map(unquoted);
}

/** Opened without following a link at its end, and written only below real folders of the worktree. */
async function copyOne({ repository, path: worktree }: CopyJob, path: string): Promise<void> {
  await makeFolders(worktree, path.split("/").slice(0, -1));
  const source = await open(placeOf(repository.topLevel, path), constants.O_RDONLY | noFollow);
  try {
    const found = await source.stat();
    if (!found.isFile()) throw changed(path);
    const bytes = Buffer.alloc(Math.min(found.size, copyLimits.fileBytes) + 1);
    const { bytesRead } = await source.read(bytes, 0, bytes.length, 0);
    if (bytesRead !== found.size) throw changed(path);
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | noFollow;
    const target = await open(placeOf(worktree, path), flags, 0o600 | (found.mode & 0o100));
    try {
      await target.writeFile(bytes.subarray(0, bytesRead));
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** Not every system has the flag. */
const noFollow = (constants as Readonly<Record<string, number | undefined>>)["O_NOFOLLOW"] ?? 0;

async function makeFolders(worktree: string, parts: readonly string[]): Promise<void> {
  for (let depth = 1; depth <= parts.length; depth += 1) {
    const folder = placeOf(worktree, parts.slice(0, depth).join("/"));
    const found = await lstat(folder).catch(nothingThere);
    if (found === undefined) await mkdir(folder);
    else if (!found.isDirectory()) {
      throw new WorktreeError(
        "failed",
        asWritten(
          "Files of worktree.copy could not be copied, since {0} is no folder in the worktree. Nothing was run. Change worktree.copy in WORKFLOW.md.",
          folder.toString("utf8"),
        ),
      );
    }
  }
}

function placeOf(root: string, path: string): Buffer {
  return bytesOf(`${rawOfText(root)}/${path}`);
}

function nothingThere(error: unknown): undefined {
  if (isMissing(error)) return undefined;
  throw error;
}

function tooLarge(why: string): WorktreeError {
  return new WorktreeError(
    "tooLarge",
    asWritten(
      "Files of worktree.copy were not copied: {0}. Nothing was run. Name fewer or smaller files in worktree.copy of WORKFLOW.md; what can be downloaded or built is better made by a hook (hooks.after_create).",
      why,
    ),
  );
}

function changed(path: string): WorktreeError {
  return new WorktreeError(
    "failed",
    asWritten("{0} was written while worktree.copy copied it. Nothing was run. Try again.", shownPath(path)),
  );
}
