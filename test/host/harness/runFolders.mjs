// A home of its own for an editor under test: nothing of the person's real HOME is read or written.
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, rmdir, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

/**
 * @typedef {object} RunFolders
 * @property {string} root everything below, but for `tmp`; never under /tmp, which codex leaves writable to its tools
 * @property {string} home
 * @property {string} bin first on PATH of every login shell in that home
 * @property {string} userData of the VS Code server
 * @property {string} extensions
 * @property {string} profile of the browser; SecretStorage lives there
 * @property {string} tmp short, since socket names under it must stay below 108 bytes
 * @property {string} work for repositories and other material of the run
 * @property {() => Promise<void>} remove
 */

/**
 * @param {{name: string, programs?: Record<string, string>}} options `programs`: links to put into `bin`, by name
 * @returns {Promise<RunFolders>}
 */
export async function createRunFolders({ name, programs = {} }) {
  const given = process.env["ONE_HORIZON_RUN_ROOT"];
  const cache = given ?? join(homedir(), ".cache", "one-horizon-worker");
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const root = await mkdtemp(join(cache, `${name}-`));
  const tmp = await mkdtemp(join(tmpdir(), "oh-"));
  const under = (folder) => join(root, folder);
  const folders = {
    root,
    tmp,
    home: under("home"),
    bin: under("bin"),
    userData: under("data"),
    extensions: under("extensions"),
    profile: under("browser"),
    work: under("work"),
    remove: async () => {
      const options = { recursive: true, force: true, maxRetries: 5, retryDelay: 100 };
      await Promise.all([rm(root, options), rm(tmp, options)]);
      if (given === undefined) await rmdir(cache).catch(() => undefined); // other runs may still be in it
    },
  };
  for (const folder of ["home", "bin", "userData", "extensions", "profile", "work"]) {
    await mkdir(folders[folder], { recursive: true, mode: 0o700 });
  }
  await mkdir(join(tmp, "runtime"), { mode: 0o700 });
  for (const [program, target] of Object.entries(programs)) await symlink(target, join(folders.bin, program));
  await writeLoginFiles(folders);
  return folders;
}

/** The extension host takes its PATH from a login shell of the user, not from the environment of the server. */
async function writeLoginFiles({ home, bin }) {
  const path = `export PATH='${bin}':"$PATH"\n`;
  for (const file of [".profile", ".bash_profile", ".zprofile"]) await writeFile(join(home, file), path);
  await writeFile(
    join(home, ".gitconfig"),
    "[user]\n\tname = Host Test\n\temail = host-test@example.invalid\n[init]\n\tdefaultBranch = main\n",
  );
}

/**
 * The environment of an editor that lives in `folders`: an allow-list, so that no token of the person's shell gets in.
 * @param {RunFolders} folders
 * @param {Record<string, string>} [extra]
 */
export function runEnvironment(folders, extra = {}) {
  const kept = [
    "LANG",
    "LC_ALL",
    "TZ",
    "NODE_EXTRA_CA_CERTS",
    "ONE_HORIZON_RUN",
    "DISPLAY",
    "WAYLAND_DISPLAY",
  ];
  const inherited = Object.fromEntries(
    kept.flatMap((key) => (process.env[key] ? [[key, process.env[key]]] : [])),
  );
  return {
    ...inherited,
    PATH: `${folders.bin}:${process.env["PATH"] ?? "/usr/bin:/bin"}`,
    HOME: folders.home,
    USER: process.env["USER"] ?? "tester",
    LOGNAME: process.env["LOGNAME"] ?? "tester",
    SHELL: existsSync("/bin/bash") ? "/bin/bash" : "/bin/sh",
    TERM: "dumb",
    TMPDIR: folders.tmp,
    XDG_RUNTIME_DIR: join(folders.tmp, "runtime"),
    XDG_CONFIG_HOME: join(folders.home, ".config"),
    XDG_CACHE_HOME: join(folders.home, ".cache"),
    XDG_DATA_HOME: join(folders.home, ".local", "share"),
    ...extra,
  };
}
