import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defaultProvider, ownPlacesOf, providerNames, providerOf } from "../../../src/core/providers";
import { signInTracesOf } from "../../../src/core/signInTraces";
import { allFacts, features } from "../../adapter/runtime/contract/facts";
import { readResults } from "../../adapter/runtime/contract/results";
import { between, rowsOf, withTable } from "./tables";

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
  ...allFacts.map(({ provider }) => {
    const { ran, gives } = readResults(provider);
    return [`\`${provider}\``, ran, ...features.map((feature) => gives[feature])];
  }),
];

const signIns = [
  ["provider", "signed in, where there is", "cannot be told, where there is", "or a key in"],
  ...providerNames.flatMap((name) => {
    const traces = signInTracesOf(name);
    if (traces === undefined) return [];
    const { files, settings, variables } = traces;
    const code = (texts: readonly string[]): string => texts.map((one) => `\`${one}\``).join(", ") || "—";
    const homes = (texts: readonly string[]): string => code(texts.map((one) => `~/${one}`));
    return [[`\`${name}\``, homes(files), homes(settings), code(variables)]];
  }),
];

describe("docs/runtimes.md", () => {
  for (const [name, rows] of Object.entries({ providers, signIns, contract })) {
    it(`has the table of ${name} as the code and the tests have it`, () => {
      const page = readFileSync(place, "utf8");
      if (process.env["UPDATE_RUNTIMES"] !== undefined) {
        writeFileSync(place, withTable(page, name, rows));
        return;
      }
      const found = rowsOf(between(page, name));
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
