import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document, type Node } from "yaml";
import { messageOf } from "../base/log";
import { asWritten } from "../base/words";
import { namesUnder } from "./keys";
import { nestsTooDeep } from "./nesting";
import { fileProblem, type WorkflowProblem } from "./problem";

/** Aliases that a front matter may expand to; real files use a handful, bombs millions. */
const maxAliasCount = 50;
/** Nesting that a front matter may have; its deepest real value lies at depth five. */
const maxDepth = 32;

/** YAML with its places kept. */
export interface YamlDocument {
  /** Plain values; keys whose value is null are left out, because an empty value means "the default". */
  readonly value: unknown;
  /** The place of the value at a path, or of the nearest one above it. */
  placeOf(path: readonly PropertyKey[], message: string): WorkflowProblem;
  /** One warning for each key that nothing here reads. */
  readonly unknownKeys: readonly WorkflowProblem[];
}

export type YamlResult =
  | { readonly kind: "ok"; readonly document: YamlDocument }
  | { readonly kind: "broken"; readonly problems: readonly WorkflowProblem[] };

/** Parses the YAML of a front matter. `lineOffset` lines precede it in the file. */
export function parseYaml(source: string, lineOffset: number): YamlResult {
  const counter = new LineCounter();
  const place = (start: number, end: number, message: string): WorkflowProblem => {
    const from = counter.linePos(start);
    const to = counter.linePos(Math.max(start, end));
    return {
      line: Math.max(1, from.line) + lineOffset,
      column: Math.max(1, from.col),
      endLine: Math.max(1, to.line) + lineOffset,
      endColumn: Math.max(1, to.col),
      message,
    };
  };
  if (nestsTooDeep(source)) return unreadable(asWritten("it is nested too deeply"), lineOffset);
  try {
    const document = parseDocument(source, {
      lineCounter: counter,
      // "silent" would pass over a second document without a word.
      logLevel: "error",
      prettyErrors: false,
      uniqueKeys: true,
      // Sets, dates and binary data are no values of a front matter.
      resolveKnownTags: false,
    });
    const faults = [...document.errors, ...document.warnings];
    if (faults.length > 0) {
      return broken(
        faults.map((one) =>
          place(one.pos[0], one.pos[1], asWritten("This is not valid YAML: {0}.", reasonOf(one.message))),
        ),
      );
    }
    const value = withoutNulls(document.toJS({ maxAliasCount }), 0);
    return {
      kind: "ok",
      document: {
        value,
        placeOf: (path, message) => {
          const range = nodeAt(document, path)?.range;
          return range
            ? place(range[0], range[1], message)
            : { ...fileProblem(message), line: 1 + lineOffset };
        },
        unknownKeys: unknownKeysIn(document.contents, [], place),
      },
    };
  } catch (error) {
    return unreadable(reasonOf(messageOf(error)), lineOffset);
  }
}

function unreadable(reason: string, lineOffset: number): YamlResult {
  const problem = fileProblem(asWritten("The front matter could not be read: {0}.", reason));
  return broken([{ ...problem, line: 1 + lineOffset, endLine: 1 + lineOffset }]);
}

function broken(problems: readonly WorkflowProblem[]): YamlResult {
  return { kind: "broken", problems: problems.slice(0, 100) };
}

/** The parser recurses, so what nests without end ends in the words of the engine. */
function reasonOf(message: string): string {
  return message.startsWith("Maximum call stack") ? asWritten("it is nested too deeply") : message;
}

function withoutNulls(value: unknown, depth: number): unknown {
  if (depth > maxDepth) throw new Error(asWritten("it is nested too deeply"));
  if (Array.isArray(value)) return value.map((one) => withoutNulls(one, depth + 1));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== null);
  return Object.fromEntries(entries.map(([name, one]) => [name, withoutNulls(one, depth + 1)]));
}

function nodeAt(document: Document, path: readonly PropertyKey[]): Node | undefined {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node)) return node;
  }
  return document.contents ?? undefined;
}

function unknownKeysIn(
  node: unknown,
  path: readonly string[],
  place: (start: number, end: number, message: string) => WorkflowProblem,
): WorkflowProblem[] {
  if (!isMap(node)) return [];
  const names = namesUnder(path);
  if (names.length === 0) return [];
  return node.items.flatMap((pair) => {
    const name = isScalar(pair.key) ? String(pair.key.value) : "";
    if (names === "any" || names.includes(name)) return unknownKeysIn(pair.value, [...path, name], place);
    const range = isNode(pair.key) ? pair.key.range : undefined;
    const message = asWritten(
      "{0} is not a key of WORKFLOW.md and has no effect. Known here: {1}.",
      [...path, name].join("."),
      names.join(", "),
    );
    return [place(range?.[0] ?? 0, range?.[1] ?? 0, message)];
  });
}
