import { mappedRules, type MappedRule } from "./mappedRules";
import type { Verdict } from "./verdicts";

/** How a run went, in words of the table. */
function wordsOf(verdict: Verdict): string {
  switch (verdict.kind) {
    case "passed":
      return `passed (${verdict.runs})`;
    case "does not apply":
      return "–";
    case "failed":
    case "skipped":
    case "not run":
      return `**${verdict.kind}**`;
  }
}

/** A rule's row up to the result, which the next run may change. */
function rowOf(rule: MappedRule): string {
  const held =
    "doesNotApply" in rule
      ? `does not apply: ${rule.doesNotApply}`
      : rule.tests.map((test) => `\`${test}\``).join("<br>");
  const cells = rule.section === undefined ? [rule.rule, held] : [rule.section, rule.rule, held];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** docs/conformance.md, unformatted. `judge` says how the last run of a rule's tests went. */
export function pageOf(judge: (rule: MappedRule) => Verdict, ranAt: string): string {
  const table = (head: readonly string[], rules: readonly MappedRule[]): string =>
    [
      `| ${[...head, "last run"].join(" | ")} |`,
      `|${" --- |".repeat(head.length + 1)}`,
      ...rules.map((rule) => `${rowOf(rule)} ${wordsOf(judge(rule))} |`),
    ].join("\n");
  return `# Conformance

Each rule that the worker is held to, and the tests that hold it. Made by \`npm run conformance\` from the results that
\`npm test\` left (${ranAt}); the number is how many runs of those tests passed. A whole \`npm test\` fails when a rule has no test, or when one
of these tests fails, is skipped or does not run. Files are named below \`test/\`; \`…\` stands for what a title is computed from.

## The platform's contract

Every sentence that states a rule in \`src/sandbox/contract/contract.md\`.

${table(["rule", "held by"], mappedRules("contract"))}

## Symphony

Sections 17.1 to 17.8 of the Symphony specification (\`openai/symphony\`, SPEC.md), bullet by bullet and in our words. Where we do otherwise, the
rule says so.

${table(["section", "rule", "held by"], mappedRules("symphony"))}
`;
}
