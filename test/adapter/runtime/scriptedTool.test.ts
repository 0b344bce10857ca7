import assert from "node:assert/strict";
import { join } from "node:path";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { CodexLab } from "./codexLab";

const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const script = join(import.meta.dirname, "scripts", "scriptedTool.mts");
const command = [process.execPath, "--import", loader, script, "app-server"];

describe("the scripted tool in the place of codex", () => {
  let lab: CodexLab;
  beforeEach(async () => (lab = await CodexLab.open()));
  afterEach(() => lab.close());

  it("passes the probe and completes a run", async () => {
    const { policy } = lab.request();
    const { signal } = new AbortController();
    const found = await lab.runtime().probe({ command, policy, environmentNames: [], signal });
    assert.equal(found.kind, "ready", JSON.stringify(found));
    const outcome = await lab.run({ command });
    assert.equal(outcome.kind, "completed", JSON.stringify(outcome));
    assert.deepEqual(lab.survivors(), []);
  });
});
