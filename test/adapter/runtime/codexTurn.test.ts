import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { exec, items, patch, plan, reason, say } from "../../fakes/fakeModel";
import { CodexLab } from "./codexLab";

describe("a turn of the real codex", () => {
  let lab: CodexLab;
  afterEach(() => lab.close());

  it("tells plan, command, patch, messages and usage, and leaves nothing behind", async () => {
    lab = await CodexLab.open(
      items(
        reason("**Thinking** it over"),
        plan("Two steps", [
          ["Create file", "in_progress"],
          ["Verify", "pending"],
        ]),
      ),
      items(say("Creating the file.", "commentary"), exec("echo hello > a.txt && cat a.txt")),
      items(patch("*** Begin Patch\n*** Add File: new.txt\n+line one\n*** End Patch\n")),
      items(say("All done.")),
    );
    const config = lab.config;
    const outcome = await lab.run();
    assert.deepEqual(outcome, { kind: "completed", finalMessage: "All done." });
    const kinds = new Set(lab.events.map((one) => one.kind));
    for (const kind of [
      "processStarted",
      "threadStarted",
      "turnStarted",
      "plan",
      "reasoning",
      "usage",
    ] as const) {
      assert.ok(kinds.has(kind), kind);
    }
    assert.equal(readFileSync(join(lab.project, "a.txt"), "utf8"), "hello\n");
    assert.equal(readFileSync(join(lab.project, "new.txt"), "utf8"), "line one\n");
    assert.equal(lab.config, config);
    assert.deepEqual(lab.survivors(), []);
    assert.ok(!existsSync(join(lab.project, ".codex")));
  });
});
