import assert from "node:assert/strict";
import { lstatSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import { systemClock } from "../../../src/base/clock";
import { silentLog } from "../../../src/base/log";
import { systemRandom } from "../../../src/base/random";
import type { CollectedArtifacts } from "../../../src/core/ports/artifacts";
import { ArtifactShelf } from "../../../src/machine/artifacts/artifactShelf";
import { scriptOf } from "../../../src/sandbox/model/scripts";
import { exec, items, say, type ModelStep } from "../../fakes/fakeModel";
import { CodexLab } from "./codexLab";

describe("what a model leaves through the real codex", () => {
  let lab: CodexLab;
  afterEach(() => lab.close());

  async function collect(): Promise<{ shelf: ArtifactShelf; found: CollectedArtifacts }> {
    const { dev, ino } = lstatSync(lab.artifacts, { bigint: true });
    const shelf = new ArtifactShelf({
      folder: join(lab.root, "shelf"),
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      redact: (text) => text,
    });
    const folder = { path: lab.artifacts, identity: `${dev}:${ino}` };
    return { shelf, found: await shelf.collect(folder, neverAborted) };
  }

  it("is found where the environment names the folder, as the sandbox's own script leaves it", async () => {
    const [turn = []] = scriptOf({ script: "artifacts" }).turns;
    const commands = turn.flatMap((step) =>
      step.type === "command" && step.cmd.includes("ARTIFACTS") ? [step.cmd] : [],
    );
    const steps: ModelStep[] = commands.map((cmd) => items(exec(cmd)));
    lab = await CodexLab.open(...steps, items(say("Done.")));
    assert.equal((await lab.run()).kind, "completed");
    const { shelf, found } = await collect();
    assert.deepEqual(
      found.accepted.map((one) => [one.name, one.mediaType]),
      [
        ["chart.png", "image/png"],
        ["report.md", "text/markdown"],
      ],
    );
    const [, report] = found.accepted;
    const text = Buffer.from(await shelf.read(report?.artifactId ?? "")).toString();
    assert.equal(text, "# Report\n\nAll five bars grew.\n");
  });

  it("brings nothing of the owner along, and keeps nobody waiting, whatever the model tries", async () => {
    const hostile = [
      'cd "$ONE_WORKER_ARTIFACTS_DIR"',
      'ln -s "$HOME/owner.txt" link.txt',
      'ln "$HOME/owner.txt" hard.txt',
      'ln -s "$HOME" folder',
      "mkfifo pipe.txt",
      "printf '\\033[31m' > \"$(printf 'red\\033[31m\\nX-Header: y.txt')\"",
      'mv "$ONE_WORKER_ARTIFACTS_DIR" "$ONE_WORKER_ARTIFACTS_DIR.moved"',
      'ln -sfn "$HOME" "$ONE_WORKER_ARTIFACTS_DIR.other"',
      "echo fine > fine.txt",
    ].join("\n");
    lab = await CodexLab.open(items(exec(hostile)), items(say("Done.")));
    writeFileSync(join(lab.home, "owner.txt"), "a secret of the owner");
    assert.equal((await lab.run()).kind, "completed");
    assert.deepEqual(
      readdirSync(lab.root).filter((name) => name.startsWith("artifacts")),
      ["artifacts"],
      "the folder's own parent is out of reach",
    );
    const { shelf, found } = await collect();
    const names = found.accepted.map((one) => one.name);
    assert.ok(names.includes("fine.txt"));
    for (const { artifactId, name } of found.accepted) {
      assert.match(name, /^[^\p{Cc}\p{Cf}]+$/u);
      assert.doesNotMatch(Buffer.from(await shelf.read(artifactId)).toString(), /secret of the owner/u);
    }
    const refused = found.refused.map((one) => one.name);
    for (const name of ["link.txt", "folder", "pipe.txt"]) assert.ok(refused.includes(name), name);
    assert.ok(!names.includes("hard.txt"));
  });
});
