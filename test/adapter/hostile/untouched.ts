import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** What of a folder the work of a session may change by itself. */
interface Watched {
  readonly folder: string;
  /** Paths below it that are not looked at, nor what is in them. */
  readonly but: RegExp;
}

/** Every entry below these folders, with what it is and holds. */
export function imageOf(watched: readonly Watched[]): ReadonlyMap<string, string> {
  const image = new Map<string, string>();
  const look = (path: string, shown: string, but: RegExp): void => {
    for (const name of readdirSync(path)) {
      const [inner, told] = [join(path, name), shown === "" ? name : `${shown}/${name}`];
      if (but.test(told)) continue;
      const stat = lstatSync(inner);
      image.set(inner, faceOf(inner, stat.mode, stat.isFile(), stat.isSymbolicLink()));
      if (stat.isDirectory()) look(inner, told, but);
    }
  };
  for (const { folder, but } of watched) look(folder, "", but);
  return image;
}

function faceOf(path: string, mode: number, isFile: boolean, isLink: boolean): string {
  if (isLink) return `link to ${readlinkSync(path)}`;
  return isFile ? `${mode} ${readFileSync(path, "base64")}` : String(mode);
}

/** The paths that came, went or changed. */
export function changedPaths(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== after.get(path));
}
