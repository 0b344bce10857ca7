import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defaultProvider, ownPlacesOf, providerNames, providerOf } from "../../../src/core/providers";
import { allFacts, features } from "../../adapter/runtime/contract/facts";

const place = join(import.meta.dirname, "../../../docs/runtimes.md");

const providers = [
  ["provider", "what it is", "command", "how to get it", "how to sign in"],
  ...providerNames.map((name) => {
    const one = providerOf(name);
    const title = name === defaultProvider ? `${one?.title ?? ""}, the default` : (one?.title ?? "");
    const code = (text: string | undefined): string => (text === undefined ? "your own" : `\`${text}\``);
    const install = one?.install?.startsWith("https://") === true ? one.install : code(one?.install);
    return [`\`${name}\``, title, code(one?.command?.join(" ")), install, code(one?.signIn)];
  }),
];
const contract = [
  ["provider", "what ran", ...features],
  ...allFacts.map(({ provider, ran, says }) => [
    `\`${provider}\``,
    ran,
    ...features.map((feature) => says[feature]),
  ]),
];

describe("docs/runtimes.md", () => {
  for (const [name, rows] of Object.entries({ providers, contract })) {
    it(`has the table of ${name} as the code and the tests have it`, () => {
      const page = readFileSync(place, "utf8");
      const [begin, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
      const from = page.indexOf(begin) + begin.length;
      assert.ok(from >= begin.length && page.includes(end));
      if (process.env["UPDATE_RUNTIMES"] !== undefined) {
        const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
        const [head = [], ...others] = rows;
        const table = [line(head), line(head.map(() => "---")), ...others.map(line)].join("");
        writeFileSync(place, `${page.slice(0, from)}\n${table}\n${page.slice(page.indexOf(end))}`);
        return;
      }
      const found = page
        .slice(from, page.indexOf(end))
        .split("\n")
        .filter((line) => line.startsWith("|") && !/^\|[ -]+\|[ -|]+$/u.test(line))
        .map((line) =>
          line
            .slice(1, -1)
            .split(" | ")
            .map((cell) => cell.trim()),
        );
      assert.deepEqual(found, rows, "UPDATE_RUNTIMES=1 makes the tables anew; format the page afterwards");
    });
  }

  it("gives each known agent the folders that it keeps its sign-in in, also under a path", () => {
    assert.deepEqual(ownPlacesOf("gemini", ["gemini", "--acp"]), [".gemini"]);
    assert.deepEqual(ownPlacesOf("acp", ["/opt/bin/claude-agent-acp"]), [".claude", ".claude.json"]);
    assert.deepEqual(ownPlacesOf("acp", ["my-agent"]), []);
    for (const name of providerNames.filter((one) => one !== "acp")) {
      assert.ok((providerOf(name)?.command?.length ?? 0) > 0);
      assert.ok(ownPlacesOf(name, ["x"]).length > 0, name);
    }
  });
});
