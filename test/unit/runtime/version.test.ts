import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { JsonRpcResponseError } from "../../../src/runtime/jsonRpcErrors";
import { isForeign, startFailure } from "../../../src/runtime/codex/startFailure";
import {
  checkedVersion,
  foreignVersion,
  minimumVersion,
  tooOld,
  versionOfAgent,
} from "../../../src/runtime/codex/version";

const root = join(import.meta.dirname, "..", "..", "..");
const textOf = (file: string): string => readFileSync(join(root, file), "utf8");

const refused = (code: number, words: string) => new JsonRpcResponseError("thread/start", 2, code, words);

describe("the version that a server names", () => {
  for (const [agent, version] of [
    ["one_horizon_worker/0.169.0 (Debian 12.0.0; x86_64) xterm (one_horizon_worker; 9.8.7)", "0.169.0"],
    ["codex_cli_rs/1.2.3-alpha.4", "1.2.3"],
    // The client's own version, which follows, is not the server's.
    ["one_horizon_worker (one_horizon_worker; 9.8.7)", undefined],
    ["one_horizon_worker/next (one_horizon_worker/9.8.7)", undefined],
    ["", undefined],
    [undefined, undefined],
  ] as const) {
    it(`in ${JSON.stringify(agent)}`, () => assert.equal(versionOfAgent(agent), version));
  }
});

describe("a version that does not do", () => {
  it("is too old below the oldest that is supported, and nothing else is", () => {
    assert.equal(tooOld("0.168.9")?.reason, "wrongVersion");
    for (const one of [minimumVersion, "0.169.1", "12.0.0", undefined]) assert.equal(tooOld(one), undefined);
  });

  for (const [version, advice] of [
    ["0.20.0", /\. Update Codex \(npm install -g @openai\/codex@latest\)\.$/],
    ["9.1.0", /\. Update this extension, or install the Codex that it was checked with/],
    [undefined, /\. Update Codex \(npm install -g @openai\/codex@latest\) and this extension\.$/],
  ] as const) {
    it(`is told with who has to move: ${version ?? "unknown"}`, () => {
      const { message } = foreignVersion("protocol", "It was odd.", version);
      assert.match(message, advice);
      assert.ok(message.includes(`needs Codex ${minimumVersion} or newer`), message);
      if (version !== undefined) assert.ok(message.includes(`This is Codex ${version}.`), message);
    });
  }
});

describe("a refusal", () => {
  // As codex 0.169.0 words them.
  for (const words of [
    "Invalid request: unknown variant `no/such`, expected one of `initialize`, `thread/start`",
    "Invalid request: unknown variant `foo`, expected one of `read-only`, `workspace-write`",
    "Invalid request: missing field `cwd`",
    "Invalid request: invalid type: integer `3`, expected a string",
    "thread/start.dynamicTools requires experimentalApi capability",
  ]) {
    it(`that is another version's: ${words.slice(0, 60)}`, () => {
      assert.ok(isForeign(refused(-32600, words)));
      const told = startFailure(refused(-32600, words), undefined, "9.1.0");
      assert.equal(told.reason, "wrongVersion");
      assert.match(told.message, /This is Codex 9\.1\.0\./);
    });
  }
  for (const [code, words] of [
    [-32600, "no rollout found for thread id a"],
    [-32600, "thread a already has an active writer"],
    [-32602, "Input exceeds the maximum length of 1048576 characters"],
    [-32603, "failed to load the thread"],
  ] as const) {
    it(`that is not: ${words}`, () => {
      assert.ok(!isForeign(refused(code, words)));
      assert.equal(startFailure(refused(code, words), undefined).reason, "turnFailed");
    });
  }
  it("is told in few words, however long the list of what is expected", () => {
    const long = `Invalid request: unknown variant \`a\`, expected one of ${"`b`, ".repeat(5000)}`;
    assert.ok(startFailure(refused(-32600, long), undefined, "9.1.0").message.length < 1000);
  });
});

describe("the versions that are told", () => {
  it("are the ones that the tests use and the pages name", () => {
    assert.ok(textOf("test/host/package.json").includes(`"@openai/codex": "${checkedVersion}"`));
    assert.ok(textOf("README.md").includes(`is older than ${minimumVersion}`));
    assert.ok(textOf("CONTRIBUTING.md").includes("## When a new Codex appears"));
  });
});
