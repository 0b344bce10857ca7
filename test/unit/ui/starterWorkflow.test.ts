import assert from "node:assert/strict";
import { starterWorkflow } from "../../../src/ui/starterWorkflow";
import { keyTable } from "../../../src/workflow/keyTable";
import { defaultWorkflowConfig, parseWorkflow } from "../../../src/workflow/parseWorkflow";

describe("the starter WORKFLOW.md", () => {
  const home = "/home/ada";
  const { instructions: _, ...defaults } = defaultWorkflowConfig(home);

  const settingsOf = (text: string): unknown => {
    const parsed = parseWorkflow(text, home);
    assert.ok(parsed.kind === "ok", JSON.stringify(parsed));
    assert.deepEqual(parsed.warnings, []);
    const { instructions, ...settings } = parsed.config;
    assert.match(instructions, /^Work on the session's task only\./);
    return settings;
  };

  it("changes no setting as it is", () => assert.deepEqual(settingsOf(starterWorkflow), defaults));

  it("names every key", () => {
    for (const key of Object.keys(keyTable)) {
      const name = key.split(".").at(-1) ?? "";
      assert.match(starterWorkflow, new RegExp(name === "*" ? "<mode>" : `\\b${name}\\b`), key);
    }
  });

  it("asks for visual artifacts, where the runtime is told to put them", () => {
    assert.match(starterWorkflow, /^## Visual artifacts$[\s\S]*ONE_WORKER_ARTIFACTS_DIR/m);
  });

  it("shows the defaults: with all its lines uncommented nothing changes either", () => {
    const uncommented = starterWorkflow.replace(/^# ( *[a-zA-Z_]+:( .*)?)$/gm, "$1");
    assert.match(uncommented, /^ {2}leaseSeconds: 900$/m);
    assert.deepEqual(settingsOf(uncommented), defaults);
  });
});
