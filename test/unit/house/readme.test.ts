import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { usualTimes } from "../../../src/platform/heartbeat/schedule";
import { keptDays } from "../../../src/machine/dailyLog";
import { keyTable } from "../../../src/workflow/keyTable";
import { parseWorkflow } from "../../../src/workflow/parseWorkflow";
import { between, rowsOf, withTable } from "./tables";

const root = join(import.meta.dirname, "..", "..", "..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const readme = read("README.md");
const workflowPage = join("docs", "workflow-file.md");

interface Manifest {
  readonly contributes: {
    readonly configuration: {
      readonly properties: Readonly<Record<string, { readonly default: unknown; readonly scope: string }>>;
    };
    readonly commands: readonly { readonly title: string }[];
  };
}

const { contributes } = JSON.parse(read("package.json")) as Manifest;
const texts = JSON.parse(read("package.nls.json")) as Readonly<
  Record<string, string | { readonly message: string }>
>;

const keys = [
  ["key", "what it does", "takes", "default", "consent"],
  ...Object.entries(keyTable).flatMap(([key, { about, expects, byDefault, consent, schema }]) =>
    schema === undefined
      ? []
      : [[`\`${key}\``, about, expects, byDefault, consent ?? ""].map((cell) => cell.replaceAll("|", "\\|"))],
  ),
];

describe("the README", () => {
  it("has each setting with its default, in the manifest's order", () => {
    const found = rowsOf(readme)
      .filter(([name = ""]) => name.startsWith("`oneHorizon."))
      .map(([name, value]) => [name, value]);
    const wanted = Object.entries(contributes.configuration.properties).map(([name, { default: value }]) => [
      `\`${name}\``,
      value === "" ? "empty" : `\`${String(value)}\``,
    ]);
    assert.deepEqual(found, wanted);
  });

  it("names the settings that no repository can set", () => {
    const ofMachine = Object.entries(contributes.configuration.properties)
      .filter(([, { scope }]) => scope === "machine")
      .map(([name]) => name.replace("oneHorizon.", ""));
    assert.deepEqual(
      ofMachine.filter(
        (name) => !/^(?:platform|oauth)\.|^worker\.(?:name|instructions|groupId)$/u.test(name),
      ),
      [],
    );
    assert.equal(ofMachine.length, 8);
    assert.match(
      readme,
      /`platform\.\*`, `oauth\.\*` and the worker's name, instructions and group are machine settings/u,
    );
  });

  it("names no command that there is not", () => {
    const titles = contributes.commands.map(({ title }) => {
      const text = texts[title.replaceAll("%", "")];
      return typeof text === "string" ? text : (text?.message ?? title);
    });
    const named = ["README.md", join("docs", "sessions.md"), workflowPage].flatMap((page) =>
      [...read(page).matchAll(/\*\*One Horizon: ([^*]+)\*\*/gu)].map(([, title = ""]) => title),
    );
    assert.ok(named.length >= 5);
    assert.deepEqual(
      named.filter((title) => !titles.includes(title)),
      [],
    );
  });

  it("has the two commands, and a front matter that holds", () => {
    const { scripts } = JSON.parse(read("package.json")) as { readonly scripts: Record<string, string> };
    assert.ok("demo" in scripts && "test" in scripts);
    assert.match(readme, /^npm run demo .*\nnpm test /mu);
    const [, example = ""] = /```markdown\n([\s\S]+?)```/u.exec(readme) ?? [];
    const parsed = parseWorkflow(example, "/home/person");
    assert.ok(parsed.kind === "ok" && parsed.warnings.length === 0, JSON.stringify(parsed));
    assert.equal(parsed.config.runtime.model, "gpt-5.5");
  });

  it("tells the times and bounds that hold", () => {
    const pollMs = keyTable["polling.pollIntervalMs"]?.schema?.default;
    for (const sentence of [
      `**beats** every ${usualTimes.intervalMs / 1000} seconds`,
      `**polls** every ${Number(pollMs) / 1000} `,
      `every ${usualTimes.intervalMs / 1000} seconds how many run`,
      `\`~/.one/logs\` (${keptDays} days)`,
      `logs for ${keptDays} days`,
    ]) {
      assert.ok(readme.replaceAll(/\s+/gu, " ").includes(sentence), sentence);
    }
  });
});

describe("docs/workflow-file.md", () => {
  it("has each key of the front matter as the worker takes it", () => {
    const page = read(workflowPage);
    if (process.env["UPDATE_KEYS"] !== undefined) {
      writeFileSync(join(root, workflowPage), withTable(page, "keys", keys));
      return;
    }
    assert.deepEqual(
      rowsOf(between(page, "keys")),
      keys,
      "UPDATE_KEYS=1 makes the table anew; format it afterwards",
    );
  });
});
