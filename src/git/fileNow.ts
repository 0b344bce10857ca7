import { constants } from "node:fs";
import { lstat, open, readlink, realpath } from "node:fs/promises";
import type { FileNow } from "../core/ports/review";
import { isInside, tooLargeToShow } from "./changedFiles";
import type { TrustedCheckout } from "./checkoutTrust";
import { bytesOf, rawOf, rawOfText, shownPath } from "./rawPath";
import { isMissing } from "./worktreeFolder";

const largestFile = 5 * 1024 * 1024;

/** Not every system has every flag. */
const knownFlags: Readonly<Record<string, number>> = constants;
const noFollow = ["O_RDONLY", "O_NOFOLLOW", "O_NONBLOCK"].reduce(
  (flags, name) => flags | (knownFlags[name] ?? 0),
  0,
);

/** Where a raw path of a checkout lies on the disk. */
export function placeOf(checkout: Pick<TrustedCheckout, "path">, rawPath: string): Buffer | string {
  // Windows has text for names.
  if (process.platform === "win32") return `${checkout.path}\\${shownPath(rawPath).replaceAll("/", "\\")}`;
  return bytesOf(`${rawOfText(checkout.path)}/${rawPath}`);
}

/**
 * Does the folder of the path lie in the checkout as it seems to? The tool may have put a link in its place, which leads
 * anywhere. False too where the folder is not there.
 */
export async function isReallyInside(
  checkout: Pick<TrustedCheckout, "path">,
  rawPath: string,
): Promise<boolean> {
  if (!isInside(rawPath)) return false;
  const folder = rawPath.includes("/") ? rawPath.slice(0, rawPath.lastIndexOf("/")) : "";
  try {
    const root = rawOf(await realpath(checkout.path, { encoding: "buffer" }));
    const place = folder === "" ? checkout.path : placeOf(checkout, folder);
    const real = rawOf(await realpath(place, { encoding: "buffer" })).replaceAll("\\", "/");
    return real === (folder === "" ? root : `${root}/${folder}`).replaceAll("\\", "/");
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** A file as it is now; undefined when it is not there or is none. Throws WorktreeError `tooLarge` above 5 MiB. */
export async function readFileNow(
  checkout: Pick<TrustedCheckout, "path">,
  rawPath: string,
): Promise<FileNow | undefined> {
  if (!(await isReallyInside(checkout, rawPath))) return undefined;
  const place = placeOf(checkout, rawPath);
  try {
    const found = await lstat(place);
    const changedAt = Math.round(found.mtimeMs);
    if (found.isSymbolicLink()) {
      return { bytes: await readlink(place, { encoding: "buffer" }), changedAt };
    }
    if (!found.isFile()) return undefined;
    if (found.size > largestFile) throw tooLargeToShow(shownPath(rawPath));
    const file = await open(place, noFollow);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(found.size), 0, found.size, 0);
      return { bytes: buffer.subarray(0, bytesRead), changedAt };
    } finally {
      await file.close();
    }
  } catch (error) {
    // The tool still works here: it may have gone, or turned into a link, since it was looked at.
    if (isMissing(error) || (error instanceof Error && "code" in error && error.code === "ELOOP")) {
      return undefined;
    }
    throw error;
  }
}
