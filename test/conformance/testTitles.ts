import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const tests = join(import.meta.dirname, "..");
const read = new Map<string, ReadonlySet<string>>();

/**
 * The titles of all suites and tests of a file below `test/`, as they are written there, with … for what is computed.
 * Empty where there is no such file.
 */
export function titlesOf(file: string): ReadonlySet<string> {
  const known = read.get(file) ?? titlesIn(join(tests, file));
  read.set(file, known);
  return known;
}

function titlesIn(path: string): ReadonlySet<string> {
  const titles = new Set<string>();
  if (!existsSync(path)) return titles;
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ["describe", "it"].includes(node.expression.getText(source))) {
      const [first] = node.arguments;
      const title = first === undefined ? undefined : textOf(first);
      if (title !== undefined) titles.add(title);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return titles;
}

function textOf(node: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.head.text + node.templateSpans.map((one) => `…${one.literal.text}`).join("");
}
