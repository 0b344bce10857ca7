import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const tests = join(import.meta.dirname, "..");
const read = new Map<string, Titles>();

interface Titles {
  readonly suites: Set<string>;
  readonly tests: Set<string>;
}

/**
 * The titles of a file's suites and tests below `test/`, as they are written there, with … for what is computed. None where
 * there is no such file.
 */
export function titlesOf(file: string): Titles {
  const known = read.get(file) ?? titlesIn(join(tests, file));
  read.set(file, known);
  return known;
}

function titlesIn(path: string): Titles {
  const titles: Titles = { suites: new Set(), tests: new Set() };
  if (!existsSync(path)) return titles;
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    const into = ts.isCallExpression(node) ? places.get(node.expression.getText(source)) : undefined;
    if (into !== undefined && ts.isCallExpression(node)) {
      const [first] = node.arguments;
      const title = first === undefined ? undefined : textOf(first);
      if (title !== undefined) titles[into].add(title);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return titles;
}

const places: ReadonlyMap<string, keyof Titles> = new Map([
  ["describe", "suites"],
  ["it", "tests"],
]);

function textOf(node: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.head.text + node.templateSpans.map((one) => `…${one.literal.text}`).join("");
}
