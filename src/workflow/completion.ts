import { factsAt, namesUnder } from "./keys";
import { knownModes, type KeyFacts } from "./keyTable";
import type { Place } from "./keyAt";
import { maxWorkflowBytes } from "./limits";

/** Something that can be written at a place of the front matter. */
export interface Proposal {
  readonly kind: "group" | "key" | "value";
  readonly label: string;
  /** What is written from `from` to `to`, columns of the line that start at 1; `to` is not included. */
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** The value that holds when the key is left out. */
  readonly isDefault: boolean;
  readonly facts: KeyFacts;
}

const fence = /^---[ \t]*$/;
/** A key of a block mapping, and what follows its colon. */
const keyLine = /^( *)([^\s:#,[\]{}"'-][^\s:#,[\]{}"']*):(?:[ \t]+(.*))?$/;

/**
 * What can be written at a place: the keys of the group around it that are not there yet, or the values of the key before it.
 * Goes by lines and indentation, since a file in the making is rarely whole YAML; keys in braces are not completed.
 */
export function completionsAt(source: string, { line, column }: Place): readonly Proposal[] {
  if (source.length > maxWorkflowBytes) return [];
  const lines = source.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  const end = lines.findIndex((one, index) => index > 0 && fence.test(one));
  const at = line - 1;
  if (!fence.test(lines[0] ?? "") || at < 1 || at >= (end < 0 ? lines.length : end)) return [];
  const matter = lines.slice(0, end < 0 ? lines.length : end);
  const text = matter[at] ?? "";
  const value = /^( *)([^\s:#]+):([ \t]+)[^\s#]*$/.exec(text.slice(0, column - 1));
  if (value !== null) {
    const [, indent = "", name = "", gap = ""] = value;
    const from = indent.length + name.length + 1 + gap.length + 1;
    return valuesOf([...groupAround(matter, at, indent.length), name], text, from);
  }
  const name = /^( *)[A-Za-z_]*$/.exec(text.slice(0, column - 1));
  if (name === null) return [];
  const indent = (name[1] ?? "").length;
  return keysOf(groupAround(matter, at, indent), siblings(matter, at, indent), text, indent + 1);
}

function valuesOf(path: readonly string[], text: string, from: number): readonly Proposal[] {
  const facts = factsAt(path);
  if (facts?.schema === undefined) return [];
  const { schema, byDefault } = facts;
  const own = schema.default === undefined || Array.isArray(schema.default) ? [] : [byDefault];
  const listed = schema.type === "boolean" ? ["true", "false"] : (schema.enum ?? own).map(String);
  const to = from + (/^[^\s#]*/.exec(text.slice(from - 1))?.[0].length ?? 0);
  return listed.map((label) => ({
    kind: "value",
    label,
    text: label,
    from,
    to,
    isDefault: label === byDefault,
    facts,
  }));
}

function keysOf(
  path: readonly string[],
  present: ReadonlySet<string>,
  text: string,
  from: number,
): readonly Proposal[] {
  const known = namesUnder(path);
  const [, word = "", colon = ""] = /^([^\s:#]*)(:?)/.exec(text.slice(from - 1)) ?? [];
  return (known === "any" ? knownModes : known).flatMap((label): readonly Proposal[] => {
    const facts = factsAt([...path, label]);
    if (facts === undefined || (present.has(label) && label !== word)) return [];
    const isGroup = facts.schema === undefined;
    const rest = colon === ":" ? "" : isGroup ? `:\n${" ".repeat(from + 1)}` : ": ";
    const range = { from, to: from + word.length };
    return [
      { kind: isGroup ? "group" : "key", label, text: `${label}${rest}`, ...range, isDefault: false, facts },
    ];
  });
}

/** The keys above a line that it lies under, outermost first. */
function groupAround(lines: readonly string[], at: number, indent: number): readonly string[] {
  const path: string[] = [];
  let inner = indent;
  for (let above = at - 1; above > 0 && inner > 0; above -= 1) {
    const [, spaces = "", name = "", rest = ""] = keyLine.exec(lines[above] ?? "") ?? [];
    if (name === "" || spaces.length >= inner) continue;
    // A key with a value of its own has nothing under it.
    if (rest !== "" && !rest.startsWith("#")) return ["?"];
    path.unshift(name);
    inner = spaces.length;
  }
  return path;
}

/** The keys that stand beside a line, in the same group. */
function siblings(lines: readonly string[], at: number, indent: number): ReadonlySet<string> {
  const names = new Set<string>();
  for (const step of [-1, 1]) {
    for (let near = at + step; near > 0 && near < lines.length; near += step) {
      const text = lines[near] ?? "";
      if (text.trim() === "" || /^\s*#/.test(text)) continue;
      const [, spaces, name] = keyLine.exec(text) ?? [];
      if ((spaces ?? /^ */.exec(text)?.[0] ?? "").length < indent) break;
      if (spaces?.length === indent && name !== undefined) names.add(name);
    }
  }
  return names;
}
