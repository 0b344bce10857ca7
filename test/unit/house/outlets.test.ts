import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const source = join(import.meta.dirname, "..", "..", "..", "src");

/** What makes something through which texts leave this process, and the only calls that may take it from there. */
const outlets: readonly { readonly made: string; readonly within: readonly string[] }[] = [
  { made: "RestPlatform", within: ["redactedPlatform"] },
  { made: "CodexRuntime", within: ["runtimesByProvider"] },
  { made: "runtimesByProvider", within: ["redactedRuntime"] },
  { made: "CodexHooks", within: ["ConfinedHooks"] },
  { made: "ConfinedHooks", within: ["redactedHooks"] },
];

/** Made and then passed by name: in one file, and to nothing else that writes. */
const named: readonly { readonly made: string; readonly file: string; readonly guard: RegExp }[] = [
  { made: "createLogChannel", file: "extension.ts", guard: /joinedLog\(redactor, channel, file\)/u },
  { made: "createDailyLog", file: "extension.ts", guard: /joinedLog\(redactor, channel, file\)/u },
  { made: "AcpRuntime", file: "composition/runtimes.ts", guard: /acp\(\) : codex/u },
  { made: "acpRuntime", file: "composition/compose.ts", guard: /new CodexRuntime\(tool\), acp\)/u },
  {
    made: "openJournal",
    file: "composition/workerFactory.ts",
    guard: /return redactedJournal\(journal, redactor\)/u,
  },
];

interface Made {
  readonly file: string;
  readonly name: string;
  /** The call whose argument it is. */
  readonly within: string | undefined;
}

function calleeOf(node: ts.Node): string | undefined {
  if (!ts.isNewExpression(node) && !ts.isCallExpression(node)) return undefined;
  return ts.isIdentifier(node.expression) ? node.expression.text : undefined;
}

function madeIn(file: string): readonly Made[] {
  const path = join(source, file);
  const parsed = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const found: Made[] = [];
  const visit = (node: ts.Node): void => {
    const name = calleeOf(node);
    if (name !== undefined) found.push({ file, name, within: calleeOf(node.parent) });
    ts.forEachChild(node, visit);
  };
  visit(parsed);
  return found;
}

const files = readdirSync(source, { recursive: true })
  .map((one) => String(one).replaceAll("\\", "/"))
  .filter((one) => one.endsWith(".ts"));
const all = files.flatMap(madeIn);

describe("what texts leave through", () => {
  for (const { made, within } of outlets) {
    it(`${made} is made behind the redactor, wherever it is made`, () => {
      const makers = all.filter((one) => one.name === made);
      assert.ok(makers.length > 0);
      for (const one of makers) {
        assert.ok(
          one.within !== undefined && within.includes(one.within),
          `${one.file} makes a bare ${made}`,
        );
      }
    });
  }

  for (const { made, file, guard } of named) {
    it(`${made} is called in one place, which puts the redactor before it`, () => {
      const makers = all.filter((one) => one.name === made);
      assert.deepEqual(
        makers.map((one) => one.file),
        [file],
      );
      assert.match(readFileSync(join(source, file), "utf8"), guard);
    });
  }

  it("errors and notifications are shown through the redactor", () => {
    const text = (file: string): string => readFileSync(join(source, file), "utf8");
    assert.match(text("extension.ts"), /hideInMessages\(\(text\) => redactor\.redact\(text\)\)/u);
    for (const file of ["ui/commands.ts", "ui/notifications.ts"]) {
      assert.doesNotMatch(text(file), /window\s*\.show\w+Message/u, file);
    }
  });

  it("nothing else makes an output channel", () => {
    const makers = files.filter((file) =>
      readFileSync(join(source, file), "utf8").includes("createOutputChannel("),
    );
    assert.deepEqual(makers, ["host/logChannel.ts"]);
  });
});
