import type { RunPolicy } from "../../core/policy";

/** What processes in a sandbox of ours may do with a path. What no rule names can be read only. */
export interface PlaceRule {
  /** Absolute real path; it exists. */
  readonly path: string;
  readonly access: "write" | "read" | "hidden";
}

export interface PlacesRequest {
  readonly policy: RunPolicy;
  /** Each is an absolute real path of something that exists. */
  readonly workingDirectory: string;
  readonly artifactsDirectory: string;
  readonly scratch: string;
  /** What belongs to the agent itself, such as its sign-in. */
  readonly ownPlaces: readonly string[];
  /** Git's own files, and what the owner's command names: seen wherever they lie, and not written. */
  readonly shown: readonly string[];
  readonly privateFolders: readonly string[];
}

/** Of two rules the one for the narrower path holds, so that the wider one comes first. Pure. */
export function placeRules(request: PlacesRequest): readonly PlaceRule[] {
  const { policy, workingDirectory, artifactsDirectory, scratch, ownPlaces, shown } = request;
  const writes = policy.sandbox === "read-only" ? [] : [workingDirectory, artifactsDirectory];
  const rules = new Map<string, PlaceRule["access"]>();
  for (const path of [...ownPlaces, scratch, ...writes]) rules.set(path, "write");
  // One that would lie under a private folder is not seen in it; the other way round it is shown without it.
  for (const path of request.privateFolders) rules.set(path, "hidden");
  const read = policy.sandbox === "read-only" ? [workingDirectory, artifactsDirectory] : [];
  const isPrivate = (path: string): boolean =>
    request.privateFolders.some((folder) => path.startsWith(`${folder}/`));
  // What is shown may come from a file of the tree, which must not lead to what is hidden.
  for (const path of [...read, ...shown]) if (!rules.has(path) && !isPrivate(path)) rules.set(path, "read");
  const depth = (path: string): number => path.split(/[\\/]/).filter((one) => one !== "").length;
  return [...rules]
    .map(([path, access]) => ({ path, access }))
    .sort((one, other) => depth(one.path) - depth(other.path));
}
