import { execFile, execFileSync } from "node:child_process";
import { chmod } from "node:fs/promises";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const programs = { mount: "/bin/mount", unmount: "/bin/umount" };

/** May this process mount? As root in some containers, yes. */
export const mayMount = tryMount();

function tryMount(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), "one-horizon-mount-"));
  try {
    execFileSync(programs.mount, ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], { stdio: "ignore" });
    execFileSync(programs.unmount, [folder], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(folder);
  }
}

/** A disk of its own with little room. */
export async function mountSmallDisk(folder: string, mebibytes: number): Promise<void> {
  await run(programs.mount, ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", folder]);
}

export async function unmount(folder: string): Promise<void> {
  await run(programs.unmount, ["--lazy", folder]);
}

/**
 * Makes a folder read-only for the work, whoever runs this: root by a mount, others by its mode. Where root may not
 * mount, nothing can be read-only for it, and the caller takes another way.
 */
export async function whileReadOnly(folder: string, work: () => Promise<void>): Promise<void> {
  if (mayMount) {
    await run(programs.mount, ["--bind", folder, folder]);
    try {
      await run(programs.mount, ["-o", "remount,ro,bind", folder]);
      await work();
    } finally {
      await unmount(folder);
    }
    return;
  }
  await chmod(folder, 0o555);
  try {
    await work();
  } finally {
    await chmod(folder, 0o755);
  }
}

export const canBeReadOnly = mayMount || process.getuid?.() !== 0;
