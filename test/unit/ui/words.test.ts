import assert from "node:assert/strict";
import { clip } from "../../../src/core/text";
import { escapeIcons, escapeLinks, escapeMarkdown, firstWords, oneLine } from "../../../src/ui/safeText";
import { elapsedSpoken, elapsedWord, steady, tokensWord } from "../../../src/ui/time";
import { tooltipCard } from "../../../src/ui/tooltip";
import { english } from "./kit";

describe("words about time and tokens", () => {
  const spans: readonly (readonly [number, string, string])[] = [
    [-5_000, "0s", "0 seconds"],
    [1_000, "1s", "1 second"],
    [59_999, "59s", "59 seconds"],
    [60_000, "1m", "1 minute"],
    [3_599_999, "59m", "59 minutes"],
    [3_600_000, "1h", "1 hour"],
    [7_500_000, "2h 5m", "2 hours 5 minutes"],
    [86_400_000, "1d", "1 day"],
    [260_000_000, "3d", "3 days"],
  ];
  for (const [ms, short, spoken] of spans) {
    it(`${ms} ms is ${short}`, () => {
      assert.deepEqual([elapsedWord(ms, english), elapsedSpoken(ms, english)], [short, spoken]);
    });
  }

  it("moves on in steps of ten between ten seconds and a minute", () => {
    const seconds = (span: number): number => steady(span * 1_000) / 1_000;
    assert.deepEqual([-1, 0, 9, 10, 19, 20, 59, 60, 61].map(seconds), [-1, 0, 9, 10, 10, 20, 50, 60, 61]);
  });

  it("counts tokens in thousands and millions", () => {
    assert.deepEqual([0, 999, 1_499, 84_000, 999_499, 999_500, 1_440_000].map(tokensWord), [
      "0",
      "999",
      "1k",
      "84k",
      "999k",
      "1.0M",
      "1.4M",
    ]);
  });
});

describe("foreign text", () => {
  it("becomes plain text in Markdown", () => {
    const escaped = escapeMarkdown("[x](command:evil) <b>$(error)</b> http://x ![i](y)\n# h `c`");
    assert.equal(
      escaped,
      "\\[x\\]\\(command\\:evil\\) \\<b\\>\\$\\(error\\)\\<\\/b\\> http\\:\\/\\/x \\!\\[i\\]\\(y\\) \\# h \\`c\\`",
    );
  });

  it("makes no icon, no link, no second line", () => {
    assert.equal(escapeIcons("$(error) a"), "\\$(error) a");
    assert.equal(escapeLinks("[Fix](command:x)"), "[Fix] (command:x)");
    assert.equal(oneLine(" a\r\n\tb\u2028c\u202Ed\u0007 "), "a b cd");
  });

  it("stays whole characters when cut", () => {
    assert.equal(clip("aa😀bb", 4), "aa…");
    assert.equal(firstWords("one two three four five six", 5), "one two three four five…");
    assert.equal(firstWords("one two", 5), "one two");
  });

  it("cannot break out of a tooltip", () => {
    assert.equal(
      tooltipCard("a*b", [
        { name: "Note", value: "x\n\n[y](command:z)" },
        { name: "Empty", value: "" },
        { name: "None", value: undefined },
        { name: "End", value: "e" },
      ]),
      "**a\\*b**\n\n**Note** x \\[y\\]\\(command\\:z\\)  \n**End** e",
    );
  });
});
