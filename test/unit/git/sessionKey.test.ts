import assert from "node:assert/strict";
import fc from "fast-check";
import {
  isFolderOf,
  looksLikeSessionFolder,
  repositoryFolderName,
  sessionBranch,
  sessionKey,
} from "../../../src/git/sessionKey";

describe("sessionKey", () => {
  it("is short, plain and the same each time, whatever the id", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (id) => {
        const key = sessionKey(id);
        assert.match(key, /^([a-z0-9]+-)*[0-9a-f]{20}$/);
        assert.ok(key.length <= 45);
        assert.equal(sessionKey(id), key);
        assert.equal(sessionBranch(id), `one-horizon/${key}`);
        assert.ok(looksLikeSessionFolder(repositoryFolderName(id, "/a/.git"), key));
      }),
    );
  });

  it("differs for ids that look alike", () => {
    const ids = [
      "Session-1",
      "session-1",
      "session_1",
      "session 1",
      "../session-1",
      "session-1/",
      "séssion-1",
    ];
    assert.equal(new Set(ids.map(sessionKey)).size, ids.length);
  });

  const shown: readonly [string, RegExp][] = [
    ["ses_01ABC", /^ses-01abc-[0-9a-f]{20}$/],
    ["--upload-pack=x", /^upload-pack-x-/],
    ["../../etc/passwd", /^etc-passwd-/],
    ["Größe", /^gro-e-/],
    ["日本語", /^[0-9a-f]{20}$/],
    ["", /^[0-9a-f]{20}$/],
  ];
  for (const [id, expected] of shown) {
    it(`keeps what is readable of ${JSON.stringify(id)}`, () => assert.match(sessionKey(id), expected));
  }

  it("binds a folder to its repository", () => {
    const name = repositoryFolderName("repo", "/a/.git");
    assert.ok(isFolderOf(name, "/a/.git"));
    assert.ok(!isFolderOf(name, "/b/.git"));
    assert.ok(!looksLikeSessionFolder("src", "repo"));
  });
});
