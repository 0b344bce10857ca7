import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import { contractRules } from "../../conformance/contractRules";
import { mappedRules, type MappedRule } from "../../conformance/mappedRules";
import { pageOf } from "../../conformance/page";
import { titlesOf } from "../../conformance/testTitles";
import { readRuns, verdictOf } from "../../conformance/verdicts";

const rules: readonly MappedRule[] = [...mappedRules("contract"), ...mappedRules("symphony")];
const named = rules.flatMap((rule) => ("tests" in rule ? rule.tests : []));

/** How many bullets each section of the specification has, those below others included. */
const bullets = {
  "17.1": 15,
  "17.2": 12,
  "17.3": 12,
  "17.4": 15,
  "17.5": 21,
  "17.6": 6,
  "17.7": 6,
  "17.8": 4,
};

describe("conformance", () => {
  it("maps every sentence of the contract that states a rule, in order and word for word", () => {
    assert.deepEqual(
      mappedRules("contract").map((one) => one.rule),
      contractRules(),
    );
    assert.ok(contractRules().length > 70);
  });

  it("would notice a new sentence", () => {
    const text =
      "## Rules (all known unless marked)\n**New.** One rule (a). `two`\nis another. 3 s is one too.\n\n## End\nNo.\n";
    assert.deepEqual(contractRules(text), ["**New.** One rule (a).", "`two` is another.", "3 s is one too."]);
  });

  it("maps each bullet of the specification's sections", () => {
    const counted = new Map<string, number>();
    for (const { section = "" } of mappedRules("symphony")) {
      counted.set(section, (counted.get(section) ?? 0) + 1);
    }
    assert.deepEqual(Object.fromEntries(counted), bullets);
  });

  it("names no test that does not exist", () => {
    const missing = named.filter((test) => {
      const [file = "", title = ""] = test.split(" › ", 2);
      return !titlesOf(file).tests.has(title);
    });
    assert.deepEqual(missing, []);
  });

  it("has no skipped test among those that hold a rule", () => {
    for (const file of new Set(named.map((test) => test.split(" › ", 1)[0] ?? ""))) {
      const text = readFileSync(join(import.meta.dirname, "..", "..", file), "utf8");
      assert.doesNotMatch(text, /\b(?:it|describe)\.(?:skip|only)\b/u, file);
    }
  });

  it("fails for a test that failed, was skipped or did not run", () => {
    const rule = { rule: "r", tests: ["unit/a.test.ts › takes … (…)", "host/suite/b.test.ts › b"] };
    const line = (own: string, state: string, file = "test/unit/a.test.ts"): string =>
      `${JSON.stringify({ state, own, file, title: `s ${own}`, ms: 1 })}\n`;
    const judge = (...lines: readonly string[]) => verdictOf(rule, readRuns(lines.join("")));
    const good = [
      line("takes one (1)", "passed"),
      line("takes two (2)", "passed"),
      line("b", "passed", "dist/x.js"),
    ];
    assert.deepEqual(judge(...good, '{"state":"failed","title":"the test process ends"}\n'), {
      kind: "passed",
      runs: 3,
    });
    assert.equal(judge(...good, line("takes more (3)", "failed")).kind, "failed");
    assert.equal(judge(...good, line("takes more (3)", "skipped")).kind, "skipped");
    assert.equal(judge(...good.slice(0, 2)).kind, "not run");
    assert.equal(
      judge(line("takes one (1)", "passed", "test/unit/c.test.ts"), ...good.slice(2)).kind,
      "not run",
    );
  });

  it("is the page in docs/, but for the results", async () => {
    const place = join(import.meta.dirname, "..", "..", "..", "docs", "conformance.md");
    const page = readFileSync(place, "utf8");
    const made = await format(
      pageOf(() => ({ kind: "passed", runs: 1 }), ""),
      { filepath: place },
    );
    assert.deepEqual(rowsOf(page), rowsOf(made), "`npm run conformance` makes it anew");
    assert.doesNotMatch(page, /\*\*(?:failed|skipped)\*\*/u);
  });
});

/** Without the last column. */
function rowsOf(page: string): readonly string[] {
  return page
    .split("\n")
    .filter((row) => row.startsWith("| ") && !row.startsWith("| -"))
    .map((row) => row.replaceAll(/\s+/gu, " ").replace(/ \| (?:[^|]|\\\|)* \|$/u, ""));
}
