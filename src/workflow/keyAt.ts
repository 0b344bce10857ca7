import { isMap, isNode, isScalar, LineCounter, parseDocument, type Node } from "yaml";
import { splitFrontMatter } from "./frontMatter";
import { factsAt } from "./keys";
import type { KeyFacts } from "./keyTable";
import { maxFrontMatterLength } from "./limits";
import { nestsTooDeep } from "./nesting";

/** A place in the file. Lines and columns start at 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A known key and where it, or its value, is written. */
export interface KeyAt {
  /** As the file spells it, for example `runtime.modes.review.model`. */
  readonly key: string;
  readonly facts: KeyFacts;
  readonly start: Place;
  /** Not included. */
  readonly end: Place;
}

/** The known key whose name or plain value stands at a place; undefined where there is none. Broken YAML is read as far as it goes. */
export function keyAt(source: string, place: Place): KeyAt | undefined {
  const parts = splitFrontMatter(source);
  if (parts?.yaml === undefined || parts.yaml.length > maxFrontMatterLength) return undefined;
  if (nestsTooDeep(parts.yaml)) return undefined;
  const counter = new LineCounter();
  const contents = contentsOf(parts.yaml, counter);
  const lineStart = counter.lineStarts[place.line - parts.lineOffset - 1];
  if (contents === undefined || lineStart === undefined) return undefined;
  const found = find(contents, [], lineStart + place.column - 1);
  const facts = found && factsAt(found.path);
  if (found === undefined || facts === undefined) return undefined;
  const at = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { line: line + parts.lineOffset, column: col };
  };
  return { key: found.path.join("."), facts, start: at(found.start), end: at(found.end) };
}

function contentsOf(yaml: string, lineCounter: LineCounter): Node | undefined {
  try {
    const document = parseDocument(yaml, { lineCounter, logLevel: "silent", prettyErrors: false });
    return document.contents ?? undefined;
  } catch {
    // What nests without end overflows the parser's stack; the check of the file says so.
    return undefined;
  }
}

interface Found {
  readonly path: readonly string[];
  readonly start: number;
  readonly end: number;
}

function find(node: Node, path: readonly string[], offset: number): Found | undefined {
  // No key lies deeper than five.
  if (!isMap(node) || path.length > 5) return undefined;
  for (const pair of node.items) {
    if (!isScalar(pair.key)) continue;
    const own = [...path, String(pair.key.value)];
    const name = spanOf(pair.key, offset);
    if (name !== undefined) return { path: own, ...name };
    if (!isNode(pair.value)) continue;
    const value = spanOf(pair.value, offset);
    if (value === undefined) continue;
    return isMap(pair.value) ? find(pair.value, own, offset) : { path: own, ...value };
  }
  return undefined;
}

/** The node's place where it holds the offset. */
function spanOf(
  { range }: Node,
  offset: number,
): { readonly start: number; readonly end: number } | undefined {
  if (!range || offset < range[0] || offset > range[1]) return undefined;
  return { start: range[0], end: range[1] };
}
