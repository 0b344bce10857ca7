import assert from "node:assert/strict";
import fc from "fast-check";
import { clip, code, firstLine, plainTitle } from "../../../src/core/text";

const anyText = fc.string({ unit: "binary", maxLength: 300 });
const loneSurrogate = /\p{Cs}/u;

describe("text", () => {
  const titles: readonly [string, string][] = [
    ["Fix the login", "Fix the login"],
    ["  two\r\nlines\tand\u0000control\u001b[31m ", "two lines and control [31m"],
    ["evil \u202Etxt.exe\u2066\u200B\u061C", "evil txt.exe"],
    ["\u200B\n", "(untitled session)"],
    ["", "(untitled session)"],
    ["hidden\u{E0041}\u{E0042}", "hidden"],
    ["half \uD83D a pair", "half a pair"],
  ];
  for (const [given, shown] of titles) {
    it(`shows the title ${JSON.stringify(given)} as ${JSON.stringify(shown)}`, () => {
      assert.equal(plainTitle(given).replace(/\s+/gu, " "), shown);
    });
  }

  it("leaves a title of plain words as it is, up to the limit", () => {
    const word = fc.stringMatching(/^[!-~]{1,30}$/u);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
        const title = words.join(" ");
        assert.equal(plainTitle(title), title);
      }),
    );
    assert.equal(plainTitle("a".repeat(200)), "a".repeat(200));
    assert.equal(plainTitle("a".repeat(201)), `${"a".repeat(199)}…`);
    assert.equal(plainTitle("two  blanks "), "two blanks");
  });

  it("makes any title one bounded line without control or invisible characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 500 }), (title) => {
        const plain = plainTitle(title);
        assert.ok(plain.length > 0 && plain.length <= 200);
        assert.doesNotMatch(plain, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  it("clips to the limit and never leaves half a character", () => {
    assert.equal(clip("12345", 5), "12345");
    assert.equal(clip("123456", 5), "1234…");
    assert.equal(clip("12😀😀", 4), "12…");
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 50 }), (text, limit) => {
        const clipped = clip(text, limit);
        assert.ok(clipped.length <= limit);
        if (!loneSurrogate.test(text)) assert.doesNotMatch(clipped, loneSurrogate);
        if (text.length <= limit) assert.equal(clipped, text);
      }),
    );
  });

  it("takes the first line", () => {
    assert.equal(firstLine("\n  one\r\ntwo", 10), "one");
    assert.equal(firstLine("one two three", 6), "one t…");
    assert.equal(firstLine("", 6), "");
  });

  it("makes code spans that their content cannot leave", () => {
    assert.equal(code("npm test"), "`npm test`");
    assert.equal(code("a `b` c"), "`` a `b` c ``");
    assert.equal(code("one\ntwo"), "`one two`");
    assert.equal(code(" "), "");
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("`", "a", " ", "\n", "\\"), maxLength: 30 }), (text) => {
        const span = code(text);
        if (span === "") return;
        const fence = /^`+/u.exec(span)?.[0] ?? "";
        assert.ok(fence.length > 0 && span.endsWith(fence));
        const inside = span.slice(fence.length, -fence.length);
        const runs = inside.match(/`+/gu) ?? [];
        assert.ok(
          runs.every((run) => run.length !== fence.length),
          span,
        );
        assert.doesNotMatch(span, /\n/u);
      }),
    );
  });
});
