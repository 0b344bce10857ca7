import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../../src/base/log";
import { WorkflowSource } from "../../../src/composition/workflowSource";
import { UserError } from "../../../src/core/actions";

describe("the owner's workflow", () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "oh-workflow-"));
    await writeFile(join(home, "WORKFLOW.md"), "---\nruntime:\n  command: other-tool app-server\n---\n");
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it("that reaches further waits for a consent that is on disk, and says when the disk does not take it", async () => {
    const said: unknown[] = [];
    const source = new WorkflowSource({
      log: silentLog,
      home,
      folder: () => home,
      path: () => "WORKFLOW.md",
      consents: {
        isAllowed: () => Promise.resolve(false),
        allow: () => Promise.reject(new Error("ENOSPC: no space left on device")),
      },
      ask: () => Promise.resolve(true),
      onAllowed: () => assert.fail("nothing was allowed"),
      onError: (error) => said.push(error),
    });
    await assert.rejects(source.read(), /waits for your consent/u);
    await new Promise((resolve) => setImmediate(resolve));
    const [error] = said;
    assert.ok(error instanceof UserError);
    assert.match(error.message, /could not be saved: ENOSPC.*Nothing was changed.*start the worker/su);
    await assert.rejects(source.read(), /waits for your consent/u);
  });
});
