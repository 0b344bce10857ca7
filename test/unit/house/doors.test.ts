import assert from "node:assert/strict";
import { join } from "node:path";
import { ESLint } from "eslint";

const projectRoot = join(__dirname, "../../..");

/** What only one file may do, tried in another one; and promises that nobody waits for. */
const wrong: readonly { readonly name: string; readonly text: string; readonly rule: string }[] = [
  {
    name: "a command registered elsewhere",
    text: 'import { commands } from "vscode";\ncommands.registerCommand("x", () => undefined);\n',
    rule: "no-restricted-syntax",
  },
  {
    name: "settings read elsewhere",
    text: 'import * as vscode from "vscode";\nvscode.workspace.getConfiguration("x");\n',
    rule: "no-restricted-syntax",
  },
  {
    name: "secrets touched elsewhere",
    text: 'import type { ExtensionContext } from "vscode";\nexport const s = (c: ExtensionContext) => c.secrets;\n',
    rule: "no-restricted-syntax",
  },
  {
    name: "a message shown elsewhere",
    text: 'import { window } from "vscode";\nexport const m = () => window.showErrorMessage("x");\n',
    rule: "no-restricted-syntax",
  },
  { name: "an interval", text: "setInterval(() => undefined, 1000);\n", rule: "no-restricted-syntax" },
  { name: "a default export", text: "export default 1;\n", rule: "no-restricted-syntax" },
  {
    name: "a process started elsewhere",
    text: 'import { spawn } from "node:child_process";\nspawn("true");\n',
    rule: "no-restricted-imports",
  },
  {
    name: "a promise nobody waits for",
    text: "async function f(): Promise<void> {\n  await Promise.resolve();\n}\nf();\n",
    rule: "@typescript-eslint/no-floating-promises",
  },
  {
    name: "any",
    text: "export const a = (x: any): unknown => x;\n",
    rule: "@typescript-eslint/no-explicit-any",
  },
  {
    name: "a union left half handled",
    text: 'export function f(x: "a" | "b"): number {\n  switch (x) {\n    case "a":\n      return 1;\n  }\n  return 2;\n}\n',
    rule: "@typescript-eslint/switch-exhaustiveness-check",
  },
];

describe("the doors of the house", () => {
  // Under CI the parser takes each run for a single one and would judge the file on disk, not the text handed over.
  const eslint = new ESLint({
    cwd: projectRoot,
    overrideConfig: [{ languageOptions: { parserOptions: { disallowAutomaticSingleRunInference: true } } }],
  });
  // A file that exists, so that the type-checked rules know it; its text is replaced for the check alone.
  const filePath = join(projectRoot, "src/core/policy.ts");

  for (const { name, text, rule } of wrong) {
    it(`refuses ${name}`, async function () {
      this.timeout(60_000);
      const [result] = await eslint.lintText(text, { filePath });
      assert.ok(result !== undefined);
      assert.ok(
        result.messages.some((message) => message.ruleId === rule),
        JSON.stringify(result.messages.map((message) => message.ruleId)),
      );
    });
  }
});
