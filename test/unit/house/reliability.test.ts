import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const root = join(import.meta.dirname, "..", "..", "..");
const page = readFileSync(join(root, "docs", "reliability.md"), "utf8");

/** A test that the page names: `file › title`, the file below `test/`, with … for what a title is computed from. */
const named = [...page.matchAll(/`([\w./-]+\.test\.ts) › ([^`]+)`/gu)].map(([, file = "", title = ""]) => ({
  file,
  title,
}));

/** The titles of all suites and tests of a file, as they are written there. */
function titlesOf(file: string): ReadonlySet<string> {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const titles = new Set<string>();
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

describe("docs/reliability.md", () => {
  it("names a test for each of the thirteen points", () => {
    const points = page.split(/^### /mu).slice(1);
    assert.deepEqual(
      points.map((one) => Number.parseInt(one, 10)),
      Array.from({ length: 13 }, (_one, index) => index + 1),
    );
    for (const point of points) assert.match(point, /\.test\.ts › /u, point.split("\n", 1)[0]);
  });

  it("names no test that does not exist", () => {
    assert.ok(named.length > 100, `only ${named.length} tests are named`);
    const titles = new Map<string, ReadonlySet<string>>();
    const missing = named.filter(({ file, title }) => {
      const path = join(root, "test", file);
      if (!existsSync(path)) return true;
      const known = titles.get(file) ?? titlesOf(path);
      titles.set(file, known);
      return !known.has(title);
    });
    assert.deepEqual(
      missing.map(({ file, title }) => `${file} › ${title}`),
      [],
    );
  });

  it("names no command that package.json does not have", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const commands = [...page.matchAll(/npm run ([\w:]+)/gu)].map(([, name = ""]) => name);
    assert.ok(commands.length > 0);
    for (const name of commands) assert.ok(name in scripts, `npm run ${name}`);
  });
});
