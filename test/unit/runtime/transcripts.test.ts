import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Replay } from "../../fakes/replay";
import { parseLines, readTranscript, transcriptNames, transcriptsFolder } from "../../fakes/transcripts";

describe("recorded conversations with codex", () => {
  for (const name of transcriptNames()) {
    it(`${name}: mean what they meant`, () => {
      const replayed = `${JSON.stringify(new Replay(readTranscript(name)).run(), undefined, 2)}\n`;
      const file = join(transcriptsFolder, `${name}.expected.json`);
      // Written anew on request: UPDATE_TRANSCRIPTS=1 npx mocha test/unit/runtime/transcripts.test.ts
      if (process.env["UPDATE_TRANSCRIPTS"] === "1") writeFileSync(file, replayed);
      const expected: unknown = JSON.parse(readFileSync(file, "utf8"));
      assert.deepEqual(JSON.parse(replayed), expected);
    });
  }

  it("hold each kind of conversation", () => {
    const names = transcriptNames();
    const wanted = ["plain", "command", "fileChange", "plan", "approval", "question", "tool"];
    for (const one of [...wanted, "resume", "interrupt", "quota", "reconnect"]) {
      assert.ok(names.includes(one), one);
    }
  });

  it("are noticed when the adapter understands them in another way", () => {
    const command = readTranscript("command");
    const lines = command.lines.map((one) =>
      JSON.stringify(one).replaceAll('"aggregatedOutput"', '"output"'),
    );
    const changed = { ...command, lines: parseLines(lines) };
    assert.notDeepEqual(new Replay(changed).run(), new Replay(command).run());
  });
});
