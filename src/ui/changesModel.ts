import type { ChangedFile } from "../core/ports/review";

export type { ChangedFile };

/** One row of the multi-file diff. Undefined sides are empty: what was added has no left one, what was deleted no right one. */
export interface ChangePair {
  readonly path: string;
  readonly status: ChangedFile["status"];
  /** The address' query of the file at the commit. */
  readonly before: string | undefined;
  /** The address' query of the file as it is now. */
  readonly now: string | undefined;
}

/** One side of a diff: a file of a session's worktree, as it is now or at a commit of its repository. */
export interface FilePlace {
  readonly worktreePath: string;
  /** Undefined for the file as it is now. */
  readonly commit: string | undefined;
  /** As git has it, see `ChangedFile.rawPath`. */
  readonly rawPath: string;
}

/** Pairs for the diff, in path order. Paths that lead out of the worktree are left out. */
export function changePairs(
  files: readonly ChangedFile[],
  worktreePath: string,
  commit: string,
): readonly ChangePair[] {
  return files
    .filter((file) => isInside(file.rawPath) && isInside(file.path))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, rawPath, status, from }) => {
      const side = (raw: string, at: string | undefined): string =>
        JSON.stringify({ worktreePath, commit: at, rawPath: raw } satisfies FilePlace);
      return {
        path,
        status,
        before: status === "added" ? undefined : side(from?.rawPath ?? rawPath, commit),
        now: status === "deleted" ? undefined : side(rawPath, undefined),
      };
    });
}

/**
 * The file that a path means which the coding tool told: from the worktree's top, from the folder it works in, or absolute.
 * Undefined where none is meant, or one of several.
 */
export function pairOf<T extends { readonly path: string }>(
  pairs: readonly T[],
  told: string,
): T | undefined {
  const path = told.replaceAll("\\", "/").replace(/^(\.\/)+/, "");
  const same = pairs.find((pair) => pair.path === path);
  if (same !== undefined || path === "") return same;
  const alike = pairs.filter((pair) => pair.path.endsWith(`/${path}`) || path.endsWith(`/${pair.path}`));
  return alike.length === 1 ? alike[0] : undefined;
}

/** Reads back what `changePairs` wrote; undefined for anything else, since any extension can open such an address. */
export function parseFilePlace(query: string): FilePlace | undefined {
  let value: unknown;
  try {
    value = JSON.parse(query);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  if (!("worktreePath" in value) || !("rawPath" in value)) return undefined;
  const { worktreePath, rawPath } = value;
  const commit = "commit" in value ? value.commit : undefined;
  if (typeof worktreePath !== "string" || typeof rawPath !== "string" || !isInside(rawPath)) return undefined;
  if (commit === undefined) return { worktreePath, commit, rawPath };
  if (typeof commit !== "string" || !/^[0-9a-f]{40,64}$/.test(commit)) return undefined;
  return { worktreePath, commit, rawPath };
}

function isInside(path: string): boolean {
  return (
    path !== "" && !path.startsWith("/") && !/^[A-Za-z]:/.test(path) && !path.split(/[\\/]/).includes("..")
  );
}
