import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { createPrivateFile, ensurePrivateFolder, readPrivateFile, setAside, syncFolder } from "./files";
import type { StateContext } from "./jsonFile";

/** The key that proves to another process that both can read this user's private state. Made on first use. */
export async function readSharedKey(path: string, context: StateContext): Promise<string> {
  const found = await readPrivateFile(path);
  if (found !== undefined && isKey(found)) return found;
  if (found !== undefined) {
    const aside = await setAside(path, context.clock.now());
    // Another window may have made a new one since it was read: that one goes back to its place.
    const key = aside === undefined ? undefined : await readPrivateFile(aside);
    if (aside !== undefined && key !== undefined && isKey(key)) await placeAgain(aside, path, key);
    context.log.warn("The key between windows was damaged and is kept under a new name", { path, aside });
  }
  await ensurePrivateFolder(dirname(path));
  await placeNewKey(path);
  const placed = await readPrivateFile(path);
  if (placed === undefined || !isKey(placed)) throw new Error(`${path} holds no key.`);
  return placed;
}

/** The proof of one side in one exchange. */
export function proofOf(key: string, side: "client" | "server", ...parts: readonly string[]): string {
  return createHmac("sha256", Buffer.from(key, "hex"))
    .update(JSON.stringify([side, ...parts]))
    .digest("hex");
}

/** Compares two proofs without telling by time where they differ. */
export function sameProof(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

async function placeAgain(aside: string, path: string, key: string): Promise<void> {
  await createPrivateFile(path, key);
  await rm(aside, { force: true });
}

/** Of two processes that make a key both end up with the one that was first. */
async function placeNewKey(path: string): Promise<void> {
  await createPrivateFile(path, randomBytes(32).toString("hex"));
  await syncFolder(dirname(path));
}

function isKey(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
