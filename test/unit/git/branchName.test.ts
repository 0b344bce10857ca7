import assert from "node:assert/strict";
import fc from "fast-check";
import { sameBranch, whyNoBranch } from "../../../src/core/branchName";

describe("whyNoBranch", () => {
  const bad: readonly (readonly [name: string, why: RegExp])[] = [
    ["", /empty/u],
    ["-", /option/u],
    ["--upload-pack=touch /tmp/x", /option/u],
    ["-f", /option/u],
    ["../x", /"\.\."/u],
    ["a/../b", /"\.\."/u],
    ["a..b", /"\.\."/u],
    ["refs/heads/..", /full ref/u],
    ["refs/heads/main", /full ref/u],
    ["REFS/heads/main", /full ref/u],
    ["refs", /full ref/u],
    ["HEAD", /checked out/u],
    ["head", /checked out/u],
    ["@", /checked out/u],
    ["a b", /space/u],
    ["a\u00a0b", /space/u],
    ["a\nb", /cannot be seen/u],
    ["a\0b", /cannot be seen/u],
    ["a\u007fb", /cannot be seen/u],
    ["a\u202eb", /cannot be seen/u],
    ["a\u2066b", /cannot be seen/u],
    ["a\ud800", /cannot be seen/u],
    ...["~", "^", ":", "?", "*", "[", "\\"].map((one) => [`a${one}b`, /has one of/u] as const),
    ["a@{1}", /"@\{"/u],
    ["/a", /empty part/u],
    ["a/", /empty part/u],
    ["a//b", /empty part/u],
    [".a", /begins with a dot/u],
    ["a/.git", /begins with a dot/u],
    ["a.", /ends with a dot/u],
    ["a.lock", /"\.lock"/u],
    ["a.LOCK", /"\.lock"/u],
    ["a.lock/b", /"\.lock"/u],
    ["a".repeat(245), /244 bytes/u],
    ["ä".repeat(123), /244 bytes/u],
  ];
  for (const [name, why] of bad) {
    it(`refuses ${JSON.stringify(name.slice(0, 40))}`, () => assert.match(whyNoBranch(name) ?? "", why));
  }

  it("takes what people and tools call their branches", () => {
    const names = [
      "main",
      "one-horizon/fix-1",
      "ümläut/日本",
      "a.b/c@d",
      "x".repeat(244),
      "+main",
      "a/heads",
      "v1.0-rc.2",
    ];
    for (const name of names) assert.equal(whyNoBranch(name), undefined, name);
  });

  it("takes every plain name", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9]([a-z0-9_-]{0,9}\/?[a-z0-9]){0,9}$/u), (name) => {
        fc.pre(!/^(head|refs(\/.*)?)$/u.test(name));
        assert.equal(whyNoBranch(name), undefined);
      }),
    );
  });
});

describe("sameBranch", () => {
  it("takes names for one that one file system or another cannot tell apart", () => {
    assert.ok(sameBranch("Main", "main"));
    assert.ok(sameBranch("\u00e4", "a\u0308"));
    assert.ok(!sameBranch("main", "main2"));
  });
});
