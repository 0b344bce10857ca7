import assert from "node:assert/strict";
import fc from "fast-check";
import { Redactor } from "../../../../src/base/redaction/redactor";
import { seededRandom } from "../../../fakes/seededRandom";
import { chunksOf, leaksIn, redactionCase, runChunks } from "../../../fuzz/redactionCase";

const secret = "correct-Horse/battery+staple";
const hidden = "[hidden: secret value]";
/** What the longest undecided key takes, in its longest spelling. */
const mostHeld = (redacted: number): number => 6 * (redacted + 1100);

function knowing(...values: readonly string[]): Redactor {
  const redactor = new Redactor();
  for (const value of values) redactor.add(value, "secret value");
  return redactor;
}

const anyText = fc.string({ unit: "binary", maxLength: 300 });
const wellFormed = (text: string): string => text.replace(/\p{Cs}/gu, "?");
const anySecret = fc
  .string({ unit: "grapheme", minLength: 8, maxLength: 40 })
  .filter((one) => one.trim().length >= 8);
const someCuts = fc.array(fc.nat({ max: 400 }), { maxLength: 30 });

function cut(text: string, places: readonly number[]): string[] {
  const ends = [...new Set([...places, text.length])]
    .filter((one) => one <= text.length)
    .sort((a, b) => a - b);
  return ends.map((end, at) => text.slice(ends[at - 1] ?? 0, end));
}

describe("the redactor", () => {
  it("hides a value that it was told, everywhere", () => {
    assert.equal(knowing(secret).redact(`a${secret}b ${secret}`), `a${hidden}b ${hidden}`);
  });

  it("names the kind of secret, the first told where two begin together", () => {
    const redactor = new Redactor();
    redactor.add("ghp_0123456789abcdefghij0123456789abcdefghij", "platform token");
    assert.equal(
      redactor.redact("x ghp_0123456789abcdefghij0123456789abcdefghij"),
      "x [hidden: platform token]",
    );
  });

  it("makes one of two that overlap, and leaves nothing of either", () => {
    assert.equal(knowing("abcdefgh1", "gh1ijklmn").redact("-abcdefgh1ijklmn-"), `-${hidden}-`);
  });

  it("leaves values under 8 characters", () => {
    assert.equal(knowing("1234567", " 1234567 ", "").redact("1234567 12345678"), "1234567 12345678");
    assert.equal(knowing("12345678").redact("1234567 12345678"), `1234567 ${hidden}`);
  });

  it("knows every earlier value as well as the last one", () => {
    const values = Array.from({ length: 500 }, (_one, at) => `token-number-${String(at).padStart(4, "0")}`);
    const redactor = knowing(...values);
    for (const value of values) assert.equal(redactor.redact(value), hidden);
  });

  it("hides a value that is told after it has worked already", () => {
    const redactor = knowing(secret);
    assert.equal(redactor.redact("another-secret"), "another-secret");
    redactor.add("another-secret", "secret value");
    assert.equal(redactor.redact(`another-secret ${secret}`), `${hidden} ${hidden}`);
  });

  for (const [how, encode] of [
    ["a URL", (text: string) => encodeURIComponent(text)],
    [
      "a URL in lower case",
      (text: string) => encodeURIComponent(text).replace(/%../gu, (one) => one.toLowerCase()),
    ],
    ["a form", (text: string) => new URLSearchParams({ x: text }).toString()],
    ["JSON", (text: string) => JSON.stringify(text)],
    ["JSON with escaped slashes", (text: string) => JSON.stringify(text).replace(/\//gu, "\\/")],
    ["JSON in JSON", (text: string) => JSON.stringify(JSON.stringify(text))],
    ["a URL in a URL", (text: string) => encodeURIComponent(encodeURIComponent(text))],
    ["base64 in JSON", (text: string) => JSON.stringify(Buffer.from(text).toString("base64"))],
    ["base64 in a URL", (text: string) => encodeURIComponent(Buffer.from(text).toString("base64"))],
    ["base64 of JSON", (text: string) => Buffer.from(JSON.stringify({ text })).toString("base64")],
    ["base64url", (text: string) => Buffer.from(text).toString("base64url")],
    [
      "base64 in short lines",
      (text: string) => Buffer.from(text).toString("base64").replace(/.{12}/gu, "$&\r\n  "),
    ],
    [
      "base64 in lines inside JSON",
      (text: string) => JSON.stringify(Buffer.from(text).toString("base64").replace(/.{12}/gu, "$&\n")),
    ],
  ] as const) {
    it(`finds a value in ${how}`, () => {
      for (const value of [secret, 'pass "word" \\ & more', "pässwörd-😀-x", "line one\nline two\n"]) {
        const text = encode(value);
        const out = knowing(value).redact(`see ${text}, please`);
        assert.deepEqual(leaksIn([value.trim()], out), [], out);
        assert.match(out, /^see .*\[hidden: secret value\].*, please$/su);
      }
    });
  }

  it("finds a value in base64 in each of the three alignments, whatever stands around it", () => {
    fc.assert(
      fc.property(
        anySecret,
        fc.uint8Array({ maxLength: 9 }),
        fc.uint8Array({ maxLength: 9 }),
        (value, before, after) => {
          const bytes = Buffer.concat([before, Buffer.from(wellFormed(value.trim())), after]);
          for (const encoded of [bytes.toString("base64"), bytes.toString("base64url")]) {
            const out = knowing(wellFormed(value)).redact(encoded);
            assert.ok(out.includes(hidden), out);
          }
        },
      ),
      { seed: 7, numRuns: 500 },
    );
  });

  it("tells the same however the text is cut", () => {
    fc.assert(
      fc.property(anySecret, fc.array(anyText, { maxLength: 4 }), someCuts, (value, texts, cuts) => {
        const redactor = knowing(value, secret);
        const text = texts.join(
          fc.sample(fc.constantFrom(value, secret, encodeURIComponent(secret)), { seed: 1, numRuns: 1 })[0],
        );
        const stream = redactor.stream();
        const parts = cut(text, cuts).map((chunk) => stream.push(chunk));
        assert.equal([...parts, stream.end()].join(""), redactor.redact(text));
      }),
      { seed: 11, numRuns: 1000 },
    );
  });

  it("alters nothing in texts without a secret", () => {
    const redactor = knowing(secret);
    fc.assert(
      fc.property(anyText, someCuts, (text, cuts) => {
        const stream = redactor.stream();
        assert.equal([...cut(text, cuts).map((one) => stream.push(one)), stream.end()].join(""), text);
      }),
      { seed: 13, numRuns: 2000 },
    );
  });

  it("leaks nothing and alters nothing else over thousands of chunkings", () => {
    for (let text = 0; text < 300; text += 1) {
      const random = seededRandom(9_000_000 + text);
      const one = redactionCase(random);
      const longest = Math.max(...one.secrets.map((each) => Buffer.byteLength(each)));
      for (let round = 0; round < 15; round += 1) {
        const chunks = chunksOf(random, one.text);
        const { out, held } = runChunks(one, chunks);
        assert.equal(out, one.expected, JSON.stringify(chunks));
        assert.ok(held <= mostHeld(longest), `${held} characters were held back`);
      }
      assert.deepEqual(leaksIn(one.secrets, one.expected), []);
    }
  });

  it("holds back what may become a secret, and no more", () => {
    const stream = knowing(secret).stream();
    assert.equal(stream.push("all is told. "), "all is told. ");
    assert.equal(stream.push(`and: ${secret.slice(0, -1)}`), "and: ");
    assert.equal(stream.heldBack, secret.length - 1);
    assert.equal(stream.push("!"), `${secret.slice(0, -1)}!`);
    assert.equal(stream.push(secret), hidden);
    assert.equal(stream.push("."), ".");
    assert.equal(stream.push("eyJ"), "");
    assert.equal(stream.end(), "eyJ");
  });

  for (const [name, piece] of [
    ["the start of web tokens", "eyJ-"],
    ["addresses", "://a:b"],
    ["the word before tokens", "Bearer "],
    ["the start of keys", "glpat-sk-ant-"],
    ["a secret's only letter", "a"],
    ["percent signs", "%"],
    ["escapes", "%61\\u0061"],
    ["backslashes", "\\"],
    ["heads of private keys", "PRIVATE KEY-----\n"],
    ["base64", "QUtJQQ=="],
    ["line ends in base64", "QUtJQUFLSUE\n"],
  ] as const) {
    it(`takes time and memory in proportion to the text: ${name}`, () => {
      const redactor = knowing("a".repeat(500), "\\".repeat(30), secret);
      const stream = redactor.stream();
      // What grows with the square of the length does not end before the test's own limit.
      const chunk = piece.repeat(Math.ceil(50_000 / piece.length));
      let held = 0;
      for (let at = 0; at < 10; at += 1) {
        stream.push(chunk);
        held = Math.max(held, stream.heldBack);
      }
      stream.end();
      assert.ok(held <= mostHeld(500), `${held} characters were held back`);
    });
  }
});
