import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import fc from "fast-check";
import { whyNoBranch } from "../../../src/core/branchName";

const run = promisify(execFile);

async function gitTakes(...args: readonly string[]): Promise<boolean> {
  return await run("git", ["check-ref-format", ...args]).then(
    () => true,
    () => false,
  );
}

/** What an argument of a program can hold. */
function plainText(text: string): string {
  return Buffer.from(text).toString("utf8").replaceAll("\0", "");
}

/** Texts that are names of branches about as often as not. */
const texts = fc.oneof(
  fc
    .array(
      fc.constantFrom(
        "a",
        "B",
        "7",
        "-",
        ".",
        "..",
        "/",
        "@",
        "@{",
        ".lock",
        "~",
        "\\",
        "é",
        " ",
        "HEAD",
        "refs/",
      ),
      { maxLength: 7 },
    )
    .map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 12 }).map(plainText),
);

/** Names for git that are none here, since they could be taken for something else or cannot be seen. */
const strict = /^-|^refs(\/|$)|^(head|@)$|[\p{Z}\p{Cc}\p{Cf}\p{Cs}]|\.lock(\/|$)/iu;

describe("names of branches, beside git's own judgement", () => {
  it("takes only what git takes as a branch, and refuses no more than it says", async () => {
    await fc.assert(
      fc.asyncProperty(texts, async (name) => {
        const taken = await gitTakes(`refs/heads/${name}`);
        if (whyNoBranch(name) === undefined) {
          assert.ok(taken, "git refuses what is taken here");
          assert.ok(await gitTakes("--branch", name), "git reads it as something else");
        } else if (taken) assert.match(name, strict);
      }),
      { numRuns: 150 },
    );
  });
});
