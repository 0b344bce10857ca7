import { keyTable, type KeyFacts } from "./keyTable";

/** The longest known key that a path of the front matter lies at or under. */
export function knownKeyAt(
  path: readonly PropertyKey[],
): { readonly key: string; readonly depth: number } | undefined {
  const parts = pattern(path);
  for (let depth = parts.length; depth > 0; depth -= 1) {
    if (Object.hasOwn(keyTable, parts.slice(0, depth).join("."))) {
      return { key: path.slice(0, depth).map(String).join("."), depth };
    }
  }
  return undefined;
}

/** The facts of the key at exactly this path, for example `runtime`, `modes`, `review`, `model`. */
export function factsAt(path: readonly PropertyKey[]): KeyFacts | undefined {
  const name = pattern(path).join(".");
  return Object.hasOwn(keyTable, name) ? keyTable[name] : undefined;
}

/** The names that are known directly under a group ("" is the top). */
export function namesUnder(path: readonly string[]): readonly string[] | "any" {
  const name = pattern(path).join(".");
  if (name === "runtime.modes") return "any";
  const prefix = name === "" ? "" : `${name}.`;
  return Object.keys(keyTable)
    .filter((one) => one.startsWith(prefix) && !one.slice(prefix.length).includes("."))
    .map((one) => one.slice(prefix.length));
}

/** A path as the table spells it: any name stands below `runtime.modes`. */
function pattern(path: readonly PropertyKey[]): readonly string[] {
  return path.map((part, index) =>
    index === 2 && path[0] === "runtime" && path[1] === "modes" ? "*" : String(part),
  );
}
