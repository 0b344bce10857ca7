import assert from "node:assert/strict";
import fc from "fast-check";
import { LineReader } from "../../../src/runtime/lineReader";

function read(chunks: readonly Uint8Array[], maxBytes: number): { lines: string[]; overlong: number } {
  const seen = { lines: [] as string[], overlong: 0 };
  const reader = new LineReader({
    maxBytes,
    onLine: (line) => seen.lines.push(line),
    onOverlong: () => (seen.overlong += 1),
  });
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return seen;
}

const text = fc
  .string({ unit: "binary" })
  .map((one) => one.replace(/[\r\n]/g, "").replace(/\p{Surrogate}/gu, ""));

describe("the line reader", () => {
  it("gives the same lines however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(text), fc.array(fc.nat(60)), (lines, sizes) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""), "utf8");
        const chunks: Uint8Array[] = [];
        let at = 0;
        for (const size of sizes) {
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        chunks.push(bytes.subarray(at));
        const expected = lines.filter((line) => line.length > 0);
        assert.deepEqual(read(chunks, 1_000_000), { lines: expected, overlong: 0 });
      }),
    );
  });

  it("drops a line that is too long, tells it once, and reads on", () => {
    fc.assert(
      fc.property(fc.integer({ min: 11, max: 500 }), fc.integer({ min: 1, max: 50 }), (length, size) => {
        const bytes = Buffer.from(`short\n${"x".repeat(length)}\nafter\n`);
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
          bytes.subarray(n * size, (n + 1) * size),
        );
        assert.deepEqual(read(chunks, 10), { lines: ["short", "after"], overlong: 1 });
      }),
    );
  });

  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ["the longest line that fits", `${"x".repeat(10)}\n`, ["x".repeat(10)]],
    ["carriage returns", "a\r\nb\r\n", ["a", "b"]],
    ["a last line without an end", "a\nb", ["a", "b"]],
    ["empty lines", "\n\na\n\n", ["a"]],
  ];
  for (const [name, input, lines] of cases) {
    it(name, () => assert.deepEqual(read([Buffer.from(input)], 10).lines, lines));
  }
});
