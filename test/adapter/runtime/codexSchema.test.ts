import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { isRead } from "../../../src/runtime/codex/mapping";
import { checkedVersion, parseVersion } from "../../../src/runtime/codex/version";
import { codexBinary } from "../../fakes/codexBinary";
import { advice, differences, faultsIn, notifications, usedWords, wordsOf } from "../../fakes/codexProtocol";
import { CodexSchema, generatedBundle } from "../../fakes/codexSchema";
import { tolerated } from "../../fakes/codexWords";
import { readTranscript, transcriptNames } from "../../fakes/transcripts";

describe("the protocol of the codex that is pinned", function () {
  this.timeout(120_000);
  let bundle: unknown;
  let codex: CodexSchema;
  before(() => {
    bundle = generatedBundle();
    codex = new CodexSchema(bundle);
  });

  it("is that of the version that the worker says it was checked with", () => {
    const printed = execFileSync(codexBinary(), ["--version"], { encoding: "utf8" });
    assert.equal(parseVersion(printed), checkedVersion, advice);
  });

  it("has every field that is read, in a type that is taken", () => {
    assert.deepEqual(differences(codex), [], advice);
  });

  it("is read where the worker reads at all", () => {
    const read = [...codex.methods("ServerNotification").keys()].filter(isRead);
    assert.deepEqual([...read, "serverRequest/resolved"].sort(), Object.keys(notifications).sort());
  });

  for (const kind of Object.keys(tolerated)) {
    it(`has no word for ${kind} that nobody has thought about`, () => {
      const known = [...new Set([...usedWords(codex, kind), ...(tolerated[kind] ?? [])])].sort();
      assert.deepEqual([...new Set(wordsOf(codex, kind))].sort(), known, advice);
    });
  }

  for (const name of transcriptNames()) {
    it(`is that of the recorded conversation ${name}`, () => {
      assert.deepEqual(faultsIn(codex, readTranscript(name).lines), [], advice);
    });
  }

  describe("would be noticed", () => {
    /** The same schema with one text exchanged for another, as another codex could have it. */
    const changed = (from: string, to: string): CodexSchema => {
      const text = JSON.stringify(bundle);
      assert.ok(text.includes(from), `${from} is not there to be changed`);
      return new CodexSchema(JSON.parse(text.replaceAll(from, to)));
    };

    for (const [what, from, to, found] of [
      [
        "with a field renamed",
        '"aggregatedOutput"',
        '"output"',
        "commandExecution.aggregatedOutput: codex knows no such field",
      ],
      [
        "with a field of another type",
        '"willRetry":{"type":"boolean"}',
        '"willRetry":{"type":"string"}',
        "error.willRetry: codex may send string, and we take boolean",
      ],
      [
        "with a field that may be left out",
        '"required":["error","threadId","turnId","willRetry"]',
        '"required":["error","threadId","turnId"]',
        "error.willRetry: codex may leave it out, and we need it",
      ],
      [
        "without a method",
        '"turn/plan/updated"',
        '"turn/plan/changed"',
        "turn/plan/updated: codex knows no such method",
      ],
      ["without an item", '"fileChange"', '"patch"', "fileChange: codex knows no such item"],
    ] as const) {
      // prettier-ignore
      it(what, () => {
        assert.ok(differences(changed(from, to)).includes(found), differences(changed(from, to)).join("\n"));
      });
    }

    it("with another name for what is sent", () => {
      const other = changed('"developerInstructions"', '"instructions"');
      const params = { cwd: "/project", developerInstructions: "Be kind." };
      assert.deepEqual(codex.faults("ThreadStartParams", params), []);
      assert.equal(other.faults("ThreadStartParams", params).length, 1);
    });

    it("with a new word", () => {
      const other = changed('["unknown"]', '["unknown"]').methods("ServerRequest");
      assert.ok(!other.has("future/request"));
      const newer = changed('"sandboxError"', '"sandboxError","tooManyCooks"');
      assert.ok(wordsOf(newer, "CodexErrorInfo").includes("tooManyCooks"));
      assert.ok(!usedWords(newer, "CodexErrorInfo").includes("tooManyCooks"));
    });
  });
});
