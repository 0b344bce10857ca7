/** One file that a session touched, with the path git gives: relative to the worktree, with slashes. */
export interface ChangedFile {
  readonly path: string;
  readonly status: "added" | "modified" | "deleted";
}

/** One row of the multi-file diff. */
export interface ChangePair {
  readonly path: string;
  /** Undefined for an added file: the left side is empty. */
  readonly baseQuery: string | undefined;
  readonly deleted: boolean;
}

/** The left side of a diff: a file at a commit of the repository that a worktree belongs to. */
export interface BasePlace {
  readonly worktreePath: string;
  readonly commit: string;
  readonly path: string;
}

/** Pairs for the diff, in path order. Paths that lead out of the worktree are left out. */
export function changePairs(
  files: readonly ChangedFile[],
  worktreePath: string,
  commit: string,
): readonly ChangePair[] {
  return files
    .filter((file) => isInside(file.path))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map((file) => {
      const place: BasePlace = { worktreePath, commit, path: file.path };
      return {
        path: file.path,
        baseQuery: file.status === "added" ? undefined : JSON.stringify(place),
        deleted: file.status === "deleted",
      };
    });
}

/**
 * The pair that a path means which the coding tool told: from the worktree's top, from the folder it works in, or absolute.
 * Undefined where none is meant, or one of several.
 */
export function pairOf(pairs: readonly ChangePair[], told: string): ChangePair | undefined {
  const path = told.replaceAll("\\", "/").replace(/^(\.\/)+/, "");
  const same = pairs.find((pair) => pair.path === path);
  if (same !== undefined || path === "") return same;
  const alike = pairs.filter((pair) => pair.path.endsWith(`/${path}`) || path.endsWith(`/${pair.path}`));
  return alike.length === 1 ? alike[0] : undefined;
}

/** Reads back what `changePairs` wrote; undefined for anything else, since any extension can open such an address. */
export function parseBaseQuery(query: string): BasePlace | undefined {
  let value: unknown;
  try {
    value = JSON.parse(query);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  if (!("worktreePath" in value) || !("commit" in value) || !("path" in value)) return undefined;
  const { worktreePath, commit, path } = value;
  if (typeof worktreePath !== "string" || typeof commit !== "string" || typeof path !== "string") {
    return undefined;
  }
  return /^[0-9a-f]{40,64}$/.test(commit) && isInside(path) ? { worktreePath, commit, path } : undefined;
}

function isInside(path: string): boolean {
  return (
    path !== "" && !path.startsWith("/") && !/^[A-Za-z]:/.test(path) && !path.split(/[\\/]/).includes("..")
  );
}
