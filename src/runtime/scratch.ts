import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { signalQuietly } from "./keeper/signals";

/** A container may share the folder but not the process numbers; it has a name of its own, which is told to nobody. */
const machine = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
const prefix = `one-worker-${machine}-`;

/** A new private folder for the temporary files of one run; what killed processes of ours left beside it is removed. */
export async function makeScratch(parent: string): Promise<string> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const stale = (await readdir(parent)).filter(isStale);
  await Promise.all(stale.map((name) => removeScratch(join(parent, name))));
  return await mkdtemp(join(parent, `${prefix}${process.pid}-`));
}

/** Never rejects: what cannot be removed now is tried again at the next run. */
export async function removeScratch(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true }).catch(() => undefined);
}

/** Its maker is gone. A number that another process has taken since only puts the removal off. */
function isStale(name: string): boolean {
  const pid = name.startsWith(prefix) ? /^(\d+)-/.exec(name.slice(prefix.length))?.[1] : undefined;
  return pid !== undefined && Number(pid) > 0 && !signalQuietly(Number(pid), 0);
}
