import { readFile, readlink } from "node:fs/promises";

/**
 * Where this process runs, as far as names of the operating system reach: two processes of one user exclude each other by
 * such names only within one place. On Linux the boot and the network namespace; elsewhere the whole machine.
 */
export async function readPlace(platform: NodeJS.Platform = process.platform): Promise<string> {
  if (platform !== "linux") return platform;
  const [boot, network] = await Promise.all([
    readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "unknown"),
    readlink("/proc/self/ns/net").catch(() => "unknown"),
  ]);
  return `linux ${boot.trim()} ${network}`;
}
