import assert from "node:assert/strict";
import type { KnownTool } from "../../../src/core/providers";
import { starterWorkflow } from "../../../src/ui/starterWorkflow";
import { namingOf, toolRows, worthOffering } from "../../../src/ui/toolChoiceModel";
import { parseWorkflow } from "../../../src/workflow/parseWorkflow";
import { english } from "./kit";

const tool = (provider: string, path?: string): KnownTool => ({
  ...{ provider, title: provider.toUpperCase(), path, install: `get ${provider}` },
  ...{ version: undefined, signIn: { kind: "signedIn" } },
});

/** The workflow with the insertion in it. */
function named(workflow: string, provider: string): string | undefined {
  const naming = namingOf(workflow, provider);
  if (naming === undefined) return undefined;
  const lines = workflow.split("\n");
  return [...lines.slice(0, naming.line), naming.text + lines.slice(naming.line).join("\n")].join("\n");
}

describe("the choice of a coding tool", () => {
  it("has those first that are there, and says how the others come", () => {
    const rows = toolRows([tool("codex"), tool("gemini", "/bin/gemini")], english);
    assert.deepEqual(
      rows.map(({ provider, detail }) => [provider, detail]),
      [
        ["gemini", "Signed in — /bin/gemini"],
        ["codex", "Not on the PATH. It comes with: get codex"],
      ],
    );
  });

  const signIns: readonly (readonly [KnownTool["signIn"], string])[] = [
    [{ kind: "signedIn" }, "Signed in"],
    [{ kind: "key", variable: "KEY" }, "A key in KEY, which runtime.environment has to name"],
    [{ kind: "signedOut", how: "claude /login" }, "Not signed in: run claude /login"],
    [{ kind: "unknown" }, "Whether it is signed in cannot be told before a session"],
  ];
  for (const [signIn, words] of signIns) {
    it(`tells the version of each, and of its sign-in: ${words}`, () => {
      const [row] = toolRows([{ ...tool("gemini", "/bin/gemini"), version: "0.61.0", signIn }], english);
      assert.equal(row?.description, "gemini 0.61.0");
      assert.equal(row.detail, `${words} — /bin/gemini`);
    });
  }

  it("is offered only where Codex is missing, another one is there and the workflow names none", () => {
    const other = [tool("codex"), tool("gemini", "/bin/gemini")];
    assert.equal(worthOffering(other, undefined), true);
    assert.equal(worthOffering(other, starterWorkflow), true);
    assert.equal(worthOffering(other, "---\nruntime:\n  provider: acp\n---\n"), false);
    assert.equal(worthOffering(other, "---\nruntime:\n  command: /opt/codex app-server\n---\n"), false);
    assert.equal(worthOffering([tool("codex"), tool("gemini")], undefined), false);
    assert.equal(worthOffering([tool("codex", "/bin/codex"), tool("gemini", "/bin/gemini")], ""), false);
  });

  const workflows = [
    "",
    "Do it well.\n",
    "---\n---\nDo it.\n",
    starterWorkflow,
    "---\nruntime:\n    model: large\nhooks:\n  timeout_ms: 100\n---\n",
    "---\nruntime: # the tool\n  # provider: codex\n  model: large\n---\n",
    "---\nruntime:\n---\n",
  ];
  for (const workflow of workflows) {
    it(`is written into ${JSON.stringify(workflow.slice(0, 40))}, which stays as it is otherwise`, () => {
      const parsed = parseWorkflow(named(workflow, "gemini") ?? "", "/home/ada");
      assert.ok(parsed.kind === "ok", JSON.stringify(parsed));
      assert.deepEqual(parsed.config.runtime.command, ["gemini", "--acp"]);
      const before = parseWorkflow(workflow, "/home/ada");
      assert.ok(before.kind === "ok");
      assert.equal(parsed.config.runtime.model, before.config.runtime.model);
      assert.equal(parsed.config.instructions.trim(), before.config.instructions.trim());
    });
  }

  it("changes nothing where the workflow has a choice, or is written in a way of its own", () => {
    for (const workflow of [
      "---\nruntime:\n  provider: codex\n---\n",
      "---\nruntime:\n  command: my-codex app-server\n---\n",
      "---\nruntime: { model: large }\n---\n",
      "---\nruntime:\n  model: x\n",
    ]) {
      assert.equal(namingOf(workflow, "gemini"), undefined, workflow);
    }
  });
});
