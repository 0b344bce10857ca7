import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { whyNoBranch } from "../../../src/core/branchName";

const root = resolve(import.meta.dirname, "../../..");
const page = readFileSync(join(root, "docs", "workflow-runs.md"), "utf8");

/** The cells of the rows below a heading, without what Markdown escapes. */
function rowsBelow(heading: string): readonly (readonly string[])[] {
  const [, part = ""] = page.split(`### ${heading}\n`);
  const lines = (part.split(/^#/mu)[0] ?? "").split("\n").filter((line) => line.startsWith("| "));
  return lines.slice(2).map((line) =>
    line
      .slice(2, -2)
      .split(" | ")
      .map((cell) => cell.trim()),
  );
}

describe("docs/workflow-runs.md", () => {
  it("says of names what the worker says", () => {
    const rows = rowsBelow("Names that are refused");
    assert.ok(rows.length > 20, "the table is read");
    for (const [name = "", why = ""] of rows) {
      const parsed: unknown = JSON.parse(name.slice(1, -1));
      assert.ok(typeof parsed === "string");
      assert.equal(whyNoBranch(parsed), why.replaceAll(/\\([*\\])/gu, "$1"), name);
    }
    assert.equal(whyNoBranch("a".repeat(245)), "is longer than 244 bytes");
  });

  const tables = [
    ["What else can be wrong", "adapter/git"],
    ["What the run itself can lack", "unit/core"],
  ] as const;
  for (const [heading, room] of tables) {
    it(`names a test in ${room} for each answer: ${heading}`, () => {
      const folder = join(root, "test", room);
      const tests = readdirSync(folder)
        .filter((name) => name.endsWith(".test.ts"))
        .map((name) => readFileSync(join(folder, name), "utf8"))
        .join("\n");
      const rows = rowsBelow(heading);
      assert.ok(rows.length > 8, "the table is read");
      for (const [what = "", , test = ""] of rows) {
        assert.ok(test !== "" && tests.includes(test), `${what}: ${test}`);
      }
    });
  }
});
