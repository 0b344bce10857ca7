import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { root } from "./manifest";

const bundlePath = join(root, "l10n", "bundle.l10n.json");

interface Call {
  readonly place: string;
  readonly message: string | undefined;
  readonly values: number;
}

/** Every call of `l10n.t` and of base's `say` and `asWritten` in a file. */
function callsIn(path: string): readonly Call[] {
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ES2023, true);
  const calls: Call[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /(^|\.)l10n\.t$|^(say|asWritten)$/.test(node.expression.getText())) {
      const [first, ...rest] = node.arguments;
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      calls.push({
        place: `${path.slice(root.length + 1)}:${line + 1}`,
        message: first !== undefined && ts.isStringLiteral(first) ? first.text : undefined,
        values: rest.length,
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return calls;
}

/** Errors whose message a person reads, and which argument it is. */
const readErrors: Readonly<Record<string, number>> = {
  UserError: 0,
  StorageError: 0,
  LeaseLost: 0,
  LockError: 0,
  WorktreeError: 1,
  ProcessStartError: 1,
};
/** A coding tool's failure: what happened, then what to do. */
const failureCall = /^failure$/u;
/** Fields of what is shown: why something stands as it does. */
const readFields = /^(detail|message|advice|found|expected)$/u;

/** What these say goes to another program, which waits for an answer in its own protocol. */
const speaksToPrograms =
  /runtime\/(jsonRpc|acp\/toolServer|acp\/traffic)\.ts$|platform\/oauth\/tokenOwnership\.ts$/u;

/** Words in quotes or backticks, also in a part of the expression that is no call. */
function isRaw(node: ts.Node): boolean {
  if (ts.isStringLiteralLike(node)) return hasWords(node.text);
  if (ts.isTemplateExpression(node)) {
    return hasWords([node.head.text, ...node.templateSpans.map((span) => span.literal.text)].join("…"));
  }
  if (ts.isConditionalExpression(node)) return isRaw(node.whenTrue) || isRaw(node.whenFalse);
  if (ts.isParenthesizedExpression(node)) return isRaw(node.expression);
  return ts.isBinaryExpression(node) && (isRaw(node.left) || isRaw(node.right));
}

function hasWords(text: string): boolean {
  return /\p{L}{2,}\P{L}+\p{L}{2,}/u.test(text);
}

/** What of this expression a person will read. */
function readIn(node: ts.Node): readonly ts.Expression[] {
  if (ts.isNewExpression(node)) {
    const text = node.arguments?.[readErrors[node.expression.getText()] ?? -1];
    return text === undefined ? [] : [text];
  }
  if (ts.isCallExpression(node) && failureCall.test(node.expression.getText())) {
    return node.arguments.slice(1);
  }
  return ts.isPropertyAssignment(node) && readFields.test(node.name.getText()) ? [node.initializer] : [];
}

/** Texts that a person reads and that no translation will ever reach. */
function rawTextsIn(path: string): readonly string[] {
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ES2023, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    // The log is for whoever mends the extension.
    if (ts.isCallExpression(node) && /(^|\.|#)log\.\w+$/u.test(node.expression.getText())) return;
    for (const text of readIn(node).filter(isRaw)) {
      const { line } = source.getLineAndCharacterOfPosition(text.getStart());
      found.push(`${path.slice(root.length + 1)}:${line + 1}: ${text.getText()}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe("texts on screen", () => {
  const files = readdirSync(join(root, "src"), { encoding: "utf8", recursive: true })
    .filter((name) => name.endsWith(".ts") && !name.startsWith("sandbox"))
    .map((name) => join(root, "src", name));
  const calls = files.flatMap(callsIn);

  it("are literals, so that translators' tools find them", () => {
    assert.ok(calls.length > 100);
    assert.deepEqual(
      calls.filter((call) => call.message === undefined).map((call) => call.place),
      [],
    );
  });

  it("are never raw where a person reads them", () => {
    assert.deepEqual(files.filter((path) => !speaksToPrograms.test(path)).flatMap(rawTextsIn), []);
  });

  it("get as many values as they have places", () => {
    const wrong = calls.filter(({ message = "", values }) => {
      const places = new Set([...message.matchAll(/\{(\d+)\}/g)].map((match) => Number(match[1])));
      return places.size !== values || [...places].some((place) => place >= values);
    });
    assert.deepEqual(
      wrong.map((call) => call.place),
      [],
    );
  });

  it("are all in the bundle that translations start from", () => {
    const texts = [...new Set(calls.flatMap((call) => call.message ?? []))].sort();
    const bundle = Object.fromEntries(texts.map((text) => [text, text]));
    // Written anew on request: UPDATE_L10N=1 npx mocha test/unit/ui/l10n.test.ts
    if (process.env["UPDATE_L10N"] === "1") writeFileSync(bundlePath, `${JSON.stringify(bundle, null, 2)}\n`);
    assert.deepEqual(JSON.parse(readFileSync(bundlePath, "utf8")), bundle);
  });
});
