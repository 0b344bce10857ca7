import { copyFile, mkdtemp, mkdir, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import { storeBlobs } from "./blobs";
import type { TrustedCheckout } from "./checkoutTrust";
import type { GitCall, GitClient } from "./gitClient";
import { GitFailure } from "./gitFailure";
import { withoutFilters } from "./noFilters";
import { quoted } from "./rawPath";
import { commitOf } from "./repository";
import { loneCommits, sourcesOf, stateFiles, unfinishedWork } from "./snapshotState";
import {
  addFiles,
  dropLine,
  requireRoom,
  verifyTree,
  writeIndex,
  type ExpectedFiles,
  type SnapshotLimits,
} from "./snapshotTree";
import { quietCall, readContents, type Contents } from "./worktreeContents";
import { isMissing } from "./worktreeFolder";

export interface SnapshotJob {
  readonly git: GitClient;
  readonly limits: SnapshotLimits;
  /** A folder of ours for temporary indexes. */
  readonly scratch: string;
  readonly signal: AbortSignal;
}

export interface SnapshotSource {
  readonly checkout: TrustedCheckout;
  /** False where the folder is gone and only the git directory is left. */
  readonly hasFiles: boolean;
  readonly includeIgnored: boolean;
  /** Revisions whose commits stay when the worktree goes. */
  readonly kept: readonly string[];
  /** Further commits that must stay, for example stashes. */
  readonly more: readonly string[];
  /** What submodules are at now, by raw path. */
  readonly moduleHeads: ReadonlyMap<string, string>;
  /** First line and body of the commit. */
  readonly message: string;
}

/** On the disk before anything is removed. */
export const durable = ["core.fsync=objects,reference"];
export const identity = ["user.name=One Horizon Worker", "user.email=worker@onehorizon.invalid"];

/** Runs work with a temporary folder that is gone afterwards. */
export async function withScratch<T>(
  job: Pick<SnapshotJob, "scratch">,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  await mkdir(job.scratch, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(job.scratch, "snapshot-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export type OpenedContents = Awaited<ReturnType<typeof openContents>>;

/** What a checkout holds, read through a copy of its index, so that its own is never written. */
export async function openContents(
  job: SnapshotJob,
  checkout: TrustedCheckout,
  hasFiles: boolean,
  scratch: string,
): Promise<{ readonly contents: Contents; readonly call: GitCall; readonly damagedIndex: boolean }> {
  const { git, signal } = job;
  const indexFile = join(scratch, "index");
  const nothing = join(scratch, "nothing");
  const at = {
    cwd: checkout.commonDir,
    gitDir: checkout.gitDir,
    workTree: hasFiles ? checkout.path : nothing,
  };
  await copyIndex(checkout.gitDir, indexFile);
  await mkdir(nothing, { recursive: true });
  const filtersOff = [...(await withoutFilters(git, at, signal)), ...durable, ...identity];
  const readable = hasFiles ? checkout : { ...checkout, path: nothing };
  const call = quietCall(readable, filtersOff, signal, indexFile);
  const read = async (): Promise<Contents> => {
    const contents = await readContents(git, readable, call);
    // Where the folder is gone, nothing is on the disk, and that is no deletion.
    return hasFiles ? contents : { ...contents, deleted: [] };
  };
  try {
    return { contents: await read(), call, damagedIndex: false };
  } catch (error) {
    if (
      !(error instanceof GitFailure) ||
      !/index file|bad signature|index uses|bad index/i.test(error.output)
    ) {
      throw error;
    }
    // The index cannot be read: everything on the disk is compared with the last commit instead.
    await rm(indexFile, { force: true });
    if ((await commitOf(git, "HEAD", at, signal)) !== undefined) await git.run(["read-tree", "HEAD"], call);
    return { contents: await read(), call, damagedIndex: true };
  }
}

/**
 * The copy is as old as the index: git reads files again that are as young as their index, since they may have changed in
 * the same second. By a younger copy it would take them for unchanged.
 */
export async function copyIndex(gitDir: string, to: string): Promise<void> {
  const index = join(gitDir, "index");
  try {
    const writtenAt = Math.floor((await stat(index)).mtimeMs / 1000);
    await copyFile(index, to);
    await utimes(to, writtenAt, writtenAt);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/**
 * Writes a commit that holds everything a worktree has and its branch does not: its tree is the files as they are, its
 * parents are the commit it was on, the index as it was, the state of a half-done merge or rebase, and commits that
 * nothing else leads to. Undefined where there is nothing to save. No ref leads to it yet.
 */
export async function writeSnapshot(
  job: SnapshotJob,
  source: SnapshotSource,
  opened: OpenedContents,
  scratch: string,
): Promise<string | undefined> {
  const { git, signal, limits } = job;
  const { checkout } = source;
  const { contents, call } = opened;
  const paths = [
    ...contents.changed,
    ...contents.untracked,
    ...(source.includeIgnored ? contents.ignored : []),
  ];
  requireRoom(checkout, contents, paths, limits);
  const at = { cwd: checkout.commonDir, gitDir: checkout.gitDir, workTree: call.workTree ?? checkout.path };
  const head = await commitOf(git, "HEAD", at, signal);
  const base =
    head ?? (await snapshotCommit(git, call, await emptyTree(git, scratch, call), [], "No commit yet"));
  const staged = await indexTree(git, contents, base, scratch, call);
  const lone = await loneCommits(git, checkout.gitDir, source.more, [...source.kept, base], call);
  const loneHead = head !== undefined && (await isLone(git, head, source.kept, call));
  const baseTree = (await git.run(["rev-parse", `${base}^{tree}`], call)).trim();
  const moved = moduleLines(source, contents);
  const dirty =
    paths.length + contents.deleted.length + contents.conflicts.length + moved.length > 0 ||
    staged !== baseTree ||
    opened.damagedIndex;
  const unfinished = await unfinishedWork(checkout.gitDir);
  if (!dirty && !loneHead && lone.length === 0 && unfinished === undefined) return undefined;
  const state = await stateCommit(git, source, contents, scratch, call, base);
  const index = await snapshotCommit(git, call, staged, [base], "The index");
  const expected = await addFiles(git, checkout, contents, paths, [scratch, base], call);
  await writeIndex(git, moved, call);
  const tree = (await git.run(["write-tree"], call)).trim();
  const parents = [...new Set([base, index, state, ...lone])];
  const commit = await snapshotCommit(git, call, tree, parents, source.message);
  await verifyTree(git, commit, withoutModules(expected, contents), call);
  return commit;
}

/** True when none of the revisions that stay leads to the commit. */
async function isLone(
  git: GitClient,
  commit: string,
  kept: readonly string[],
  call: GitCall,
): Promise<boolean> {
  return (await git.run(["rev-list", "--max-count=1", commit, "--not", ...kept, "--"], call)).trim() !== "";
}

/** Makes the ref; fails where it exists, so that no snapshot ever takes another's place. */
export async function nameSnapshot(
  git: GitClient,
  ref: string,
  commit: string,
  call: GitCall,
): Promise<void> {
  await git.run(["update-ref", "--no-deref", ref, commit, "0".repeat(commit.length)], call);
  const at = {
    cwd: call.cwd,
    gitDir: call.gitDir ?? call.cwd,
    ...(call.workTree === undefined ? {} : { workTree: call.workTree }),
  };
  const found = await commitOf(git, ref, at, call.signal);
  if (found === commit) return;
  throw new WorktreeError(
    "failed",
    asWritten("The snapshot {0} could not be read back. Nothing was removed. Try again.", ref),
  );
}

async function emptyTree(git: GitClient, scratch: string, call: GitCall): Promise<string> {
  const noIndex = { ...call, environment: { GIT_INDEX_FILE: join(scratch, "no-index") } };
  return (await git.run(["write-tree"], noIndex)).trim();
}

export async function snapshotCommit(
  git: GitClient,
  call: GitCall,
  tree: string,
  parents: readonly string[],
  message: string,
): Promise<string> {
  const args = ["commit-tree", tree, ...parents.flatMap((id) => ["-p", id]), "-F", "-"];
  return (await git.run(args, { ...call, input: `${message}\n` })).trim();
}

/** The staged files as a tree. Of a conflict our side is taken; all its sides are in the state commit. */
async function indexTree(
  git: GitClient,
  contents: Contents,
  like: string,
  scratch: string,
  call: GitCall,
): Promise<string> {
  if (contents.conflicts.length === 0) return (await git.run(["write-tree"], call)).trim();
  const copy = join(scratch, "resolved-index");
  await copyFile(join(scratch, "index"), copy);
  const onCopy = { ...call, environment: { GIT_INDEX_FILE: copy } };
  const sides = new Map<string, string>();
  for (const { path, mode, id, stage } of contents.conflicts) {
    if (stage === "2" || !sides.has(path)) sides.set(path, `${mode} ${id}\t${quoted(path)}`);
  }
  const lines = [...[...sides.keys()].map((path) => dropLine(like, path)), ...sides.values()];
  await writeIndex(git, lines, onCopy);
  return (await git.run(["write-tree"], onCopy)).trim();
}

/** The files of the git directory itself and every side of a conflict. */
async function stateCommit(
  git: GitClient,
  source: SnapshotSource,
  contents: Contents,
  scratch: string,
  call: GitCall,
  base: string,
): Promise<string> {
  const { gitDir } = source.checkout;
  const files = await stateFiles(gitDir);
  const ids = await storeBlobs(git, sourcesOf(gitDir, files), call);
  const lines = files.map((path, at) => `100644 ${ids[at] ?? ""}\t${quoted(`git-dir/${toRaw(path)}`)}`);
  for (const { mode, id, stage, path } of contents.conflicts) {
    lines.push(`${mode} ${id}\t${quoted(`conflict-${stage}/${path}`)}`);
  }
  const onOwn = { ...call, environment: { GIT_INDEX_FILE: join(scratch, "state-index") } };
  await writeIndex(git, lines, onOwn);
  const tree = (await git.run(["write-tree"], onOwn)).trim();
  return await snapshotCommit(git, call, tree, [base], "The state of the git directory");
}

function toRaw(path: string): string {
  return Buffer.from(path, "utf8").toString("latin1");
}

/** Submodules that are not at the commit that is staged. */
function moduleLines(source: SnapshotSource, contents: Contents): string[] {
  return [...source.moduleHeads]
    .filter(
      ([path, id]) => contents.index.get(path)?.mode === "160000" && contents.index.get(path)?.id !== id,
    )
    .map(([path, id]) => `160000 ${id}\t${quoted(path)}`);
}

/** Submodules are commits and not files: they have no size. */
function withoutModules(expected: ExpectedFiles, contents: Contents): ExpectedFiles {
  return new Map(
    [...expected].filter(([path]) => contents.index.get(path)?.mode !== "160000" || contents.found.has(path)),
  );
}
