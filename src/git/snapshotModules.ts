import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import { linkTarget, type TrustedCheckout } from "./checkoutTrust";
import { shownPath } from "./rawPath";
import { commitOf, mainFolder } from "./repository";
import { nameSnapshot, openContents, withScratch, writeSnapshot, type SnapshotJob } from "./snapshot";
import type { Contents } from "./worktreeContents";
import { isMissing } from "./worktreeFolder";

/** What became of the submodules of a worktree. */
export interface ModuleSnapshots {
  /** Refs in the main repository. */
  readonly refs: readonly string[];
  /** Where each checked-out submodule is at, by raw path. */
  readonly heads: ReadonlyMap<string, string>;
}

interface ModuleTarget {
  /** The main repository's git directory: the refs go there. */
  readonly commonDir: string;
  /** Begins the name of each ref. */
  readonly ref: string;
  readonly includeIgnored: boolean;
  readonly message: string;
}

/**
 * Saves the submodules of a worktree. Their repositories lie in the worktree's own git directory and go with it, so
 * what no remote of theirs has is fetched into the main repository, under a ref of ours.
 */
export async function saveModules(
  job: SnapshotJob,
  checkout: TrustedCheckout,
  contents: Contents,
  target: ModuleTarget,
): Promise<ModuleSnapshots> {
  const places = await checkedOut(checkout, contents);
  const heads = new Map<string, string>();
  const refs: string[] = [];
  for (const gitDir of await repositoriesIn(join(checkout.gitDir, "modules"))) {
    const at = places.get(gitDir);
    const place = {
      path: at === undefined ? gitDir : join(checkout.path, shownPath(at)),
      gitDir,
      commonDir: gitDir,
    };
    const saved = await saveModule(job, place, at !== undefined, {
      ...target,
      ref: `${target.ref}.module-${refs.length + 1}`,
    });
    refs.push(...saved.refs);
    if (at !== undefined && saved.head !== undefined) heads.set(at, saved.head);
  }
  return { refs, heads };
}

async function saveModule(
  job: SnapshotJob,
  module: TrustedCheckout,
  hasFiles: boolean,
  target: ModuleTarget,
): Promise<{ readonly refs: readonly string[]; readonly head: string | undefined }> {
  const { git, signal } = job;
  return await withScratch(job, async (scratch) => {
    const opened = await openContents(job, module, hasFiles, scratch);
    const inner = await saveModules(job, module, opened.contents, target);
    const message = `${target.message}\n\nThe submodule at ${module.path}.`;
    const commit = await writeSnapshot(
      job,
      {
        ...{ checkout: module, hasFiles, message, includeIgnored: target.includeIgnored },
        ...{ kept: ["--remotes"], more: [], moduleHeads: inner.heads },
      },
      opened,
      scratch,
    );
    const at = { cwd: module.gitDir, gitDir: module.gitDir, workTree: opened.call.workTree ?? module.path };
    const head = await commitOf(git, "HEAD", at, signal);
    if (commit === undefined) return { refs: inner.refs, head };
    await bringOver(job, at, commit, target);
    return { refs: [target.ref, ...inner.refs], head };
  });
}

/** Copies a commit with all it leads to into the main repository, and looks that it is whole there. */
async function bringOver(
  job: SnapshotJob,
  module: { readonly cwd: string; readonly gitDir: string; readonly workTree: string },
  commit: string,
  target: ModuleTarget,
): Promise<void> {
  const { git, signal } = job;
  const { commonDir, ref } = target;
  const source = `refs/one-horizon/outgoing/${commit}`;
  if ((await commitOf(git, source, module, signal)) === undefined) {
    await nameSnapshot(git, source, commit, { ...module, signal });
  }
  const call = {
    cwd: mainFolder(commonDir),
    gitDir: commonDir,
    signal,
    limitMs: git.limits.treeMs,
    config: ["core.fsync=objects,reference", "fetch.fsckObjects=false", "transfer.fsckObjects=false"],
  };
  const flags = ["--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"];
  await git.run(["fetch", ...flags, "--", module.gitDir, `${source}:${ref}`], call);
  await git.run(["rev-list", "--objects", "--quiet", ref, "--"], call);
  if ((await commitOf(git, ref, { cwd: call.cwd, gitDir: commonDir }, signal)) === commit) return;
  throw new WorktreeError(
    "failed",
    asWritten(
      "The work in the submodule {0} could not be copied to {1}. Nothing was removed. Push it from there, then try again.",
      module.gitDir,
      ref,
    ),
  );
}

/** Raw path of each checked-out submodule by the real path of its repository. */
async function checkedOut(checkout: TrustedCheckout, contents: Contents): Promise<Map<string, string>> {
  const places = new Map<string, string>();
  for (const path of contents.submodules) {
    const target = await linkTarget(join(checkout.path, shownPath(path), ".git"));
    if (target !== undefined) places.set(await realpath(target), path);
  }
  return places;
}

/** Repositories below a `modules` folder, without those that lie in one of them. */
async function repositoriesIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  const waiting = [folder];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    if (one !== folder && (await isRepository(one))) {
      found.push(await realpath(one));
      continue;
    }
    for (const name of await foldersIn(one)) waiting.push(join(one, name));
  }
  return found.sort();
}

async function isRepository(folder: string): Promise<boolean> {
  try {
    return (await stat(join(folder, "HEAD"))).isFile() && (await stat(join(folder, "objects"))).isDirectory();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
