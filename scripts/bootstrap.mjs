// Brings the project's own packages, so that `npm test` and `npm run demo` work right after `git clone`.
// Plain Node: nothing may be imported here that has to be installed first.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of package.json. */
export const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)));

/** Tells whether the packages under `folder` were installed from the lock file that is there now. */
export function isInstalled(folder) {
  const marker = join(folder, "node_modules", ".installed-from");
  return existsSync(marker) && readFileSync(marker, "utf8") === lockHash(folder);
}

/** Remembers that the packages under `folder` belong to its present lock file. */
export function markInstalled(folder) {
  writeFileSync(join(folder, "node_modules", ".installed-from"), lockHash(folder));
}

/** Runs npm in `folder`; the output is shown only when it fails. */
export function npm(folder, ...args) {
  const command = process.platform === "win32" ? "npm.cmd" : "npm";
  const done = spawnSync(command, args, {
    cwd: folder,
    encoding: "utf8",
    shell: process.platform === "win32", // npm is a batch file there, which starts through a shell only
    maxBuffer: 64 * 1024 * 1024,
  });
  if (done.status !== 0) {
    throw new Error(
      `npm ${args.join(" ")} failed in ${folder}:\n${done.stderr || done.stdout || String(done.error)}`,
    );
  }
}

/** Installs the root packages when they are missing or older than the lock file. */
export function ensureRootTools() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) throw new Error(`Node 20 or newer is needed; this is ${process.version}.`);
  if (isInstalled(projectRoot) || matchesHiddenLock()) return;
  const startedAt = Date.now();
  process.stdout.write("installing the project's packages … ");
  npm(projectRoot, "ci");
  markInstalled(projectRoot);
  console.log(`${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
}

function lockHash(folder) {
  return createHash("sha256")
    .update(readFileSync(join(folder, "package-lock.json")))
    .digest("hex");
}

/** An `npm install` by hand leaves no marker of ours, but npm's own record of the versions it placed. */
function matchesHiddenLock() {
  const hidden = join(projectRoot, "node_modules", ".package-lock.json");
  if (!existsSync(hidden)) return false;
  const wanted = JSON.parse(readFileSync(join(projectRoot, "package-lock.json"), "utf8")).packages;
  const placed = JSON.parse(readFileSync(hidden, "utf8")).packages;
  return Object.entries(wanted).every(
    ([path, entry]) => path === "" || entry.optional || placed[path]?.version === entry.version,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    ensureRootTools();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
