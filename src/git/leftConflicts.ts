import { lstat, readFile } from "node:fs/promises";
import type { TrustedCheckout } from "./checkoutTrust";
import { bytesOf, rawOf, rawOfText } from "./rawPath";
import type { RunNote } from "./runNote";
import { isMissing } from "./worktreeFolder";

type Noted = NonNullable<RunNote["conflicts"]>;

/** Git's own size, and larger ones that a repository may ask for; smaller ones are known by our own labels. */
const markers = /^(<{7,}|>{7,}|\|{7,})( |\r?$)|^<+ HEAD\r?$/m;

/** Larger than any text that people merge line by line. */
const largestText = 64 * 1024 * 1024;

/** What stands at each path when a tool gets the files, to know later whether it was written. */
export async function noteConflicts(checkout: TrustedCheckout, paths: readonly string[]): Promise<Noted> {
  const noted: { path: string; mark: string }[] = [];
  for (const path of paths) noted.push({ path, mark: await markOf(checkout, path) });
  return noted;
}

/**
 * Which of the paths are still in conflict: those that have markers, and those that nobody has written or deleted since
 * the merge was begun. A file without markers, such as an image, is decided by writing it anew, or by deleting it.
 */
export async function leftConflicts(
  checkout: TrustedCheckout,
  paths: readonly string[],
  noted: Noted,
): Promise<string[]> {
  const before = new Map(noted.map(({ path, mark }) => [path, mark]));
  const left: string[] = [];
  for (const path of paths) {
    const mark = await markOf(checkout, path);
    // Of some renames git lists a path that is not there.
    const untouched = mark !== "" && mark === before.get(path);
    if (untouched || (await hasMarkers(checkout, path))) left.push(path);
  }
  return left;
}

function placeOf(checkout: TrustedCheckout, path: string): Buffer {
  return bytesOf(`${rawOfText(checkout.path)}/${path}`);
}

async function markOf(checkout: TrustedCheckout, path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await lstat(placeOf(checkout, path));
    return [ino, size, mtimeMs, ctimeMs].join(" ");
  } catch (error) {
    if (isMissing(error)) return "";
    throw error;
  }
}

async function hasMarkers(checkout: TrustedCheckout, path: string): Promise<boolean> {
  try {
    const found = await lstat(placeOf(checkout, path));
    if (!found.isFile() || found.size > largestText) return false;
    return markers.test(rawOf(await readFile(placeOf(checkout, path))));
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
