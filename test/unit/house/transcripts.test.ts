import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { homedir, hostname, userInfo } from "node:os";
import { join } from "node:path";
import { compareVersions, minimumVersion } from "../../../src/runtime/codex/version";
import { readTranscript, transcriptNames, transcriptsFolder } from "../../fakes/transcripts";

/** What belongs to a person, a machine or a moment. */
const belongings: readonly (readonly [string, RegExp])[] = [
  ["a home folder", /(?:(?<!\/lab)\/home\/|\/Users\/|\/root\/|\\Users\\)/u],
  ["a temporary folder", /(?:\/tmp\/|\/var\/folders\/|\/private\/var|codex-lab-)/u],
  ["a token", /\b(?:sk-|gh[opsu]_|xox[abp]-|eyJ)[\w-]{8,}|bearer\s+\S/iu],
  ["an id", /\b(?!00000000-0000-4000-8000-)[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}\b/iu],
  ["a commit", /\b(?!0{40}\b)[\da-f]{40}\b/u],
  ["a port", /127\.0\.0\.1:(?!1\b)\d+|localhost:\d+/u],
  ["a time", /"\w+(?:At|AtMs)":(?!null|0\b)\d/u],
  ["a machine's name", /"serverName":"(?!machine")/u],
  ["a system", /"userAgent":"[^"(]*\((?!system\))/u],
  ["a mail address", /[\w.]+@(?!example\.invalid)[\w-]+\.[a-z]{2,}/iu],
];

const findings = (text: string): readonly string[] => [
  ...belongings.flatMap(([what, pattern]) => {
    const found = pattern.exec(text)?.[0];
    return found === undefined ? [] : [`${what}: ${found}`];
  }),
  // As far as this machine's own words are no common ones.
  ...[homedir(), hostname(), userInfo().username]
    .filter((one) => one.length > 5)
    .filter((one) => text.includes(one)),
];

describe("what is recorded of codex", () => {
  for (const file of readdirSync(transcriptsFolder)) {
    it(`${file} names no folder, person, machine, moment or secret`, () => {
      assert.deepEqual(findings(readFileSync(join(transcriptsFolder, file), "utf8")), []);
    });
  }

  for (const [what, text] of [
    ["a home folder", '"cwd":"/home/ada/project"'],
    ["a home folder", '"cwd":"/root/project"'],
    ["a temporary folder", '"path":"/tmp/codex-lab-x1/project"'],
    ["a token", '"text":"sk-proj-0123456789abcdef"'],
    ["an id", '"id":"01a1f856-e5cf-7de0-9f4e-e80404ea44b3"'],
    ["a time", '"startedAtMs":1795167806995'],
    ["a machine's name", '"serverName":"vm"'],
    ["a system", '"userAgent":"one_horizon_worker/0.169.0 (Debian 12.0.0; x86_64) xterm"'],
    ["a port", "http://127.0.0.1:43117/v1"],
  ] as const) {
    it(`would not pass with ${what}: ${text}`, () => {
      assert.ok(
        findings(text).some((one) => one.startsWith(`${what}:`)),
        findings(text).join("; "),
      );
    });
  }

  for (const name of transcriptNames()) {
    it(`${name} is small, whole, and of a version that is supported`, () => {
      const { head, lines } = readTranscript(name);
      assert.ok(compareVersions(head.codex, minimumVersion) >= 0, head.codex);
      assert.ok(lines.length > 5 && JSON.stringify(lines).length < 100_000);
      const expected = `${name}.expected.json`;
      assert.ok(readdirSync(transcriptsFolder).includes(expected), `${expected} is missing`);
    });
  }
});
