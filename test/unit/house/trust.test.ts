import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostileCases, type HostileCase } from "../../fakes/hostileCases";
import { between, rowsOf, withTable } from "./tables";

const root = join(import.meta.dirname, "..", "..", "..");
const place = join(root, "docs", "trust.md");
const page = readFileSync(place, "utf8");
const cases = hostileCases();

const names: Readonly<Record<string, string>> = {
  sandbox: "the sandbox",
  gitGuard: "the worker's care with git",
  untrusted: "mistrust of the folder",
  allowList: "the allow-list",
  redaction: "the redactor",
  plainness: "the cleaning of texts",
  escaping: "escapes",
  scopes: "scopes of settings",
  person: "the rule who may approve",
  ownFolder: "the rule where it is read",
  consent: "consent",
  separation: "two inputs",
};

function rowOf({ name, tried, stopped, control }: HostileCase): readonly string[] {
  const succeeds =
    "because" in control
      ? `no control: ${control.because}`
      : `succeeds without ${control.without.map((one) => names[one] ?? one).join(" and ")}`;
  return [name, tried, stopped, succeeds, "0"];
}

const rows = [["case", "tried", "what stopped it", "control", "successes"], ...cases.map(rowOf)];

describe("docs/trust.md", () => {
  it("has the table of the hostile corpus, each case as it is tried", () => {
    if (process.env["UPDATE_TRUST"] !== undefined) {
      writeFileSync(place, withTable(page, "corpus", rows));
      return;
    }
    assert.deepEqual(
      rowsOf(between(page, "corpus")),
      rows,
      "UPDATE_TRUST=1 makes the table anew; format it afterwards",
    );
  });

  it("knows a case for each thing that a stranger can write", () => {
    const tried = cases.map((one) => one.name);
    for (const wanted of [
      ...["posing-prompt", "workflow-edited", "workflow-added", "codex-config", "codex-hooks"],
      ...["write-through-links", "file-names", "title-markup", "long-lines", "forged-protocol"],
      ...["environment", "other-processes", "write-outside", "network", "local-sockets", "nested-git"],
      ...["codex-own-git", "husky", "own-git-file", "credential-helper", "host-settings"],
    ]) {
      assert.ok(tried.includes(wanted), wanted);
    }
    const controlled = cases.filter(({ control }) => "without" in control);
    assert.ok(controlled.length * 10 > cases.length * 8, "most cases have a control");
  });

  it("every Markdown of the editor trusts nothing but the card with its own commands, and holds no HTML", () => {
    const folder = join(root, "src", "ui");
    const files = readdirSync(folder, { encoding: "utf8", recursive: true });
    for (const file of files.filter((name) => name.endsWith(".ts"))) {
      const text = readFileSync(join(folder, file), "utf8");
      const made = [...text.matchAll(/(\w+) = new vscode\.MarkdownString\(/gu)].map(([, name = ""]) => name);
      assert.equal(made.length, [...text.matchAll(/new vscode\.MarkdownString\(/gu)].length, file);
      for (const name of made) {
        // The worker's own card runs commands of a fixed list, which take nothing from what others wrote.
        const trust = file === "statusBar.ts" ? "{ enabledCommands: cardCommands }" : "false";
        for (const safe of [`${name}.isTrusted = ${trust};`, `${name}.supportHtml = false;`]) {
          assert.ok(text.includes(safe), `${file}: ${safe}`);
        }
      }
    }
  });
});
