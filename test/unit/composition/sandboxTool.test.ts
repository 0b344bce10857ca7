import assert from "node:assert/strict";
import { withToolFor } from "../../../src/composition/sandboxTool";
import { defaultWorkflowConfig } from "../../../src/workflow/parseWorkflow";

const config = defaultWorkflowConfig("/home/ada");
const tool = { command: ["/codex", "-c", "model_provider=scripted", "app-server"], scripted: false };
const running = { tool, account: { origin: "http://127.0.0.1:5000", clientId: "sandbox" } };

describe("the tool of the sandbox", () => {
  it("works on the sandbox's sessions", () => {
    assert.deepEqual(withToolFor(config, "http://127.0.0.1:5000", running).runtime.command, tool.command);
    const agent = { ...config, runtime: { ...config.runtime, provider: "gemini", command: ["gemini"] } };
    const { provider, command } = withToolFor(agent, "http://127.0.0.1:5000", running).runtime;
    assert.deepEqual([provider, command], ["codex", tool.command], "it speaks as Codex does");
  });

  it("works on those of a mode with a tool of its own too, with the mode's model", () => {
    const mode = { ...config.runtime, provider: "gemini", command: ["other"], model: "large" };
    const moded = { ...config, runtime: { ...config.runtime, modes: new Map([["review", mode]]) } };
    const { modes } = withToolFor(moded, "http://127.0.0.1:5000", running).runtime;
    assert.deepEqual(modes.get("review"), { ...mode, provider: "codex", command: tool.command });
  });

  it("works on no other platform's, also while the worker moves over", () => {
    for (const origin of ["https://onehorizon.ai", "http://127.0.0.1:5001"]) {
      assert.deepEqual(withToolFor(config, origin, running), config);
    }
    const ended = { tool: undefined, account: undefined };
    assert.deepEqual(withToolFor(config, "http://127.0.0.1:5000", ended), config);
  });
});
