import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import type { TrustedCheckout } from "./checkoutTrust";
import type { GitClient } from "./gitClient";
import { linesOf, shownPath, unquoted } from "./rawPath";
import { remotePlace } from "./remoteBranch";
import { quietSsh } from "./remotes";

interface ModulesJob {
  readonly git: GitClient;
  readonly checkout: TrustedCheckout;
  readonly worktree: { readonly branch: string };
  readonly signal: AbortSignal;
}

interface Link {
  readonly path: string;
  readonly commit: string;
}

/**
 * Throws WorktreeError where a commit that is to be pushed names a submodule's commit that no remote of the submodule has:
 * nobody else could check it out.
 */
export async function requirePublicModules(job: ModulesJob, remote: string, tip: string): Promise<void> {
  for (const link of await newLinks(job, remote, tip)) {
    if (await isPublic(job, tip, link)) continue;
    const path = JSON.stringify(shownPath(link.path));
    throw new WorktreeError(
      "failed",
      asWritten(
        "{0} was not pushed: it names the commit {1} of the submodule {2}, and no remote of the submodule is known to have that one. The commits are kept on {0} here. Push the submodule first, or take the change back, then start the session again.",
        job.worktree.branch,
        link.commit.slice(0, 10),
        path,
      ),
    );
  }
}

/** What commits that the remote has not say of submodules. */
async function newLinks(job: ModulesJob, remote: string, tip: string): Promise<readonly Link[]> {
  const { git, checkout, signal } = job;
  const args = ["log", "--raw", "--no-abbrev", "--no-renames", "-c", "--format=", tip, "--not"];
  const call = { ...remotePlace(checkout.commonDir), signal, limitMs: git.limits.treeMs };
  const output = await git.run([...args, `--remotes=${remote}`, "--"], call);
  const links = new Map<string, Link>();
  for (const line of linesOf(output)) {
    const [, colons = "", fields = "", shown = ""] = /^(:+)([^\t]+)\t(.*)$/s.exec(line) ?? [];
    const parts = fields.split(" ");
    // For each parent a mode and an id, and then those of the commit itself.
    const mode = parts[colons.length];
    const commit = parts[2 * colons.length + 1];
    if (mode !== "160000" || commit === undefined) continue;
    const path = unquoted(shown.split("\t").at(-1) ?? "");
    links.set(`${commit} ${path}`, { path, commit });
  }
  return [...links.values()];
}

async function isPublic(job: ModulesJob, tip: string, link: Link): Promise<boolean> {
  const name = await nameOf(job, tip, link.path);
  if (name === undefined) return false;
  const { gitDir, commonDir } = job.checkout;
  for (const own of new Set([gitDir, commonDir])) {
    const module = join(own, "modules", name);
    if (!(await exists(module))) continue;
    if (await isOnRemote(job, module, link.commit)) return true;
    await fetchModule(job, module);
    if (await isOnRemote(job, module, link.commit)) return true;
  }
  return false;
}

/** The submodule's name, under which git keeps its repository. */
async function nameOf(job: ModulesJob, tip: string, path: string): Promise<string | undefined> {
  const { git, checkout, signal } = job;
  const args = ["config", "-z", "--blob", `${tip}:.gitmodules`, "--get-regexp", "^submodule\\..*\\.path$"];
  const output = await git.tryRun(args, { ...remotePlace(checkout.commonDir), signal });
  for (const entry of (output ?? "").split("\0")) {
    const end = entry.indexOf("\n");
    if (entry.slice(end + 1) !== shownPath(path)) continue;
    const name = entry.slice("submodule.".length, end - ".path".length);
    // As git itself: a name must not lead elsewhere.
    if (!name.split(/[\\/]/).some((part) => part === ".." || part === "")) return name;
  }
  return undefined;
}

async function isOnRemote({ git, signal }: ModulesJob, module: string, commit: string): Promise<boolean> {
  const args = ["for-each-ref", "--count=1", `--contains=${commit}`, "refs/remotes"];
  const found = await git.tryRun(args, { cwd: module, gitDir: module, signal });
  return found !== undefined && found.trim() !== "";
}

/** What is known of the submodule's remotes may be old. One that cannot be reached leaves it at that. */
async function fetchModule({ git, signal }: ModulesJob, module: string): Promise<void> {
  const at = { cwd: module, gitDir: module };
  const args = ["fetch", "--quiet", "--all", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"];
  try {
    const environment = await quietSsh(git, at, signal);
    await git.run(args, { ...at, signal, limitMs: git.limits.fetchMs, environment });
  } catch {
    signal.throwIfAborted();
  }
}

async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}
