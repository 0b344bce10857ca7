import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { codexBinary } from "./codexBinary";

/**
 * The folder of a `bwrap` of our own, the one that comes with the codex of the tests. It is put on the PATH of nobody but who
 * tests it: Codex would take one that it finds there for its own, and an old one cannot do what it needs.
 */
const folder = join(dirname(codexBinary()), "..", "codex-resources");

/** PATH with a `bwrap`, as on a machine where one is installed. */
export const pathWithBubblewrap = `${folder}:${process.env["PATH"] ?? ""}`;

/** Whether this machine lets anybody make such a sandbox, asked without our own code. Where not, the tests hold what is said instead. */
export function bubblewrapWorks(): boolean {
  const made = ["--unshare-user", "--unshare-pid", "--ro-bind", "/", "/", "--proc", "/proc", "true"];
  const run = spawnSync(join(folder, "bwrap"), made, { stdio: "ignore" });
  return process.platform === "linux" && run.status === 0;
}
