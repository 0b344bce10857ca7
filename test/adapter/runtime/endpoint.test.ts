import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseWorkflow } from "../../../src/workflow/parseWorkflow";
import { codexBinary } from "../../fakes/codexBinary";
import { items, say } from "../../fakes/fakeModel";
import { CodexLab } from "./codexLab";

const page = readFileSync(join(import.meta.dirname, "../../../docs/runtimes.md"), "utf8");
const port = "http://127.0.0.1:11434/v1";
/** Nothing of this reaches for a network, which tests do not have. */
const offline = "[features]\nplugins = false\napps = false\n[analytics]\nenabled = false\n";

/** The block of the page after this mark, word for word. */
function blockAfter(mark: string): string {
  const block = page.slice(page.indexOf(`<!-- ${mark} -->`)).split("```")[1] ?? "";
  return block.slice(block.indexOf("\n") + 1);
}

describe("an endpoint of one's own for the model, as docs/runtimes.md writes it", function () {
  this.timeout(120_000);
  let lab: CodexLab;
  beforeEach(async () => (lab = await CodexLab.open(items(say("From the endpoint.")))));
  afterEach(() => lab.close());

  const asked = (): unknown => (Object(lab.model.requests[0]) as { model?: unknown }).model;

  it("is named in WORKFLOW.md", async () => {
    lab.replaceConfig(offline);
    const source = blockAfter("endpoint-workflow");
    assert.ok(source.includes(port));
    const parsed = parseWorkflow(source.replace(port, lab.model.baseUrl), lab.home);
    assert.ok(parsed.kind === "ok" && parsed.warnings.length === 0);
    const [program, ...args] = parsed.config.runtime.command;
    assert.equal(program, "codex");
    const { model } = parsed.config.runtime;
    const outcome = await lab.run({ command: [codexBinary(), ...args], model });
    assert.deepEqual(outcome, { kind: "completed", finalMessage: "From the endpoint." });
    assert.equal(asked(), "qwen3-coder");
  });

  it("is named in Codex' own configuration", async () => {
    const source = blockAfter("endpoint-config");
    assert.ok(source.includes(port));
    lab.replaceConfig(`${source.replace(port, lab.model.baseUrl)}${offline}`);
    assert.deepEqual(await lab.run(), { kind: "completed", finalMessage: "From the endpoint." });
    assert.equal(asked(), "qwen3-coder");
  });
});
