// Real editors for the benches, with the extension as it ships, and beside it an empty one that can be asked.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitUntil, type EditorUnderTest } from "../host/harness/harness.mjs";

const root = join(__dirname, "../..");

/** Packaged extensions, in a temporary folder. */
export interface Packages {
  /** As it ships, or the one that ONE_HORIZON_VSIX names. */
  readonly ours: string;
  /** The empty one (test/bench/probe). */
  readonly probe: string;
}

/** What the empty extension sees in its host. */
export interface Seen {
  /** In use on the main heap after a full collection. */
  readonly heapBytes: number;
  /** The text of `Developer: Startup Performance`. */
  readonly startup: string;
}

export async function withPackages<T>(use: (packages: Packages) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "bench-vsix-"));
  try {
    const probe = pack(join(root, "test/bench/probe"), join(folder, "probe.vsix"));
    const given = process.env["ONE_HORIZON_VSIX"];
    return await use({ ours: given ?? pack(root, join(folder, "ours.vsix")), probe });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function pack(source: string, file: string): string {
  const vsce = join(root, "node_modules/@vscode/vsce/vsce");
  const bare = ["--no-dependencies", "--allow-missing-repository", "--skip-license"];
  const args = [vsce, "package", ...bare, "--no-rewrite-relative-links", "--out", file];
  execFileSync(process.execPath, args, { cwd: source, stdio: ["ignore", "ignore", "pipe"] });
  return file;
}

/** The process of the window's extensions, once the empty one is active in it. */
export async function extensionHost(editor: EditorUnderTest): Promise<number> {
  return waitUntil("the extension host with the empty extension", async () => {
    const hosts = (await editor.processes()).filter((one) => one.command.includes("--type=extensionHost"));
    return hosts.find((one) => read(editor, one.pid, "ready") !== undefined)?.pid;
  });
}

/** Asks the empty extension. */
export async function ask(editor: EditorUnderTest, host: number): Promise<Seen> {
  rmSync(fileOf(editor, host, "answer"), { force: true });
  process.kill(host, "SIGUSR2");
  const answer = await waitUntil("the empty extension answers", () => read(editor, host, "answer"));
  const { error, heapBytes, startup } = answer as Partial<Seen> & { readonly error?: string };
  if (error !== undefined || heapBytes === undefined || startup === undefined) {
    throw new Error(`the empty extension could not tell: ${error ?? "nothing came"}`);
  }
  return { heapBytes, startup };
}

function fileOf(editor: EditorUnderTest, host: number, name: string): string {
  return join(editor.world.folders.home, `probe-${host}-${name}.json`);
}

function read(editor: EditorUnderTest, host: number, name: string): unknown {
  try {
    return JSON.parse(readFileSync(fileOf(editor, host, name), "utf8"));
  } catch {
    return undefined; // not written yet
  }
}

/** A number that was given as `--name=value` behind the rows' names. */
export function wish(name: string, otherwise: number): number {
  const given = process.argv.find((one) => one.startsWith(`--${name}=`))?.split("=")[1];
  if (given === undefined) return otherwise;
  const value = Number(given);
  if (!(value > 0)) throw new Error(`--${name} takes a number above 0`);
  return value;
}
