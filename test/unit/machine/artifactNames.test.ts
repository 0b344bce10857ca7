import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { contentTypeOf } from "../../../src/machine/artifacts/contentType";
import { extensionOf, freeName, plainFileName, withExtension } from "../../../src/machine/artifacts/fileName";

const bytes = (text: string): Buffer => Buffer.from(text, "latin1");
const mp4 = (brand: string): Buffer => bytes(`\0\0\0\x18ftyp${brand}\0\0\0\0`);

describe("the type of an artifact", () => {
  for (const [what, content, extension, mediaType] of [
    ["a PNG", bytes("\x89PNG\r\n\x1a\nrest"), ".png", "image/png"],
    ["a PNG under another name", bytes("\x89PNG\r\n\x1a\nrest"), ".html", "image/png"],
    ["a JPEG", bytes("\xff\xd8\xff\xe0"), ".jpeg", "image/jpeg"],
    ["a GIF", bytes("GIF89a.."), ".gif", "image/gif"],
    ["a WebP", bytes("RIFF\x04\0\0\0WEBPVP8 "), ".webp", "image/webp"],
    ["another RIFF file", bytes("RIFF\x04\0\0\0WAVEfmt "), ".webp", undefined],
    ["an MP4", mp4("isom"), ".mp4", "video/mp4"],
    ["a HEIC picture", mp4("heic"), ".mp4", undefined],
    ["a QuickTime film", mp4("qt  "), ".mp4", undefined],
    ["a WebM", bytes("\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm"), ".webm", "video/webm"],
    ["a Matroska film", bytes("\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x88matroska"), ".webm", undefined],
    ["a PDF", bytes("%PDF-1.7\n"), ".pdf", "application/pdf"],
    ["a text", bytes("hello"), ".txt", "text/plain"],
    ["a log", bytes("hello"), ".log", "text/plain"],
    ["a text without an ending", bytes("hello"), "", "text/plain"],
    ["a Markdown text", bytes("# hello"), ".md", "text/markdown"],
    ["JSON", bytes('{"a": 1}'), ".json", "application/json"],
    ["JSON that is none", bytes("{a: 1}"), ".json", "text/plain"],
    ["a page", bytes("<script>1</script>"), ".html", undefined],
    ["a page that poses as a picture", bytes("<script>1</script>"), ".png", undefined],
    ["a vector picture, which may hold scripts", bytes("<svg/>"), ".svg", undefined],
    ["a program that poses as a text", bytes("\x7fELF\x02\0"), ".txt", undefined],
    ["a text in another encoding", bytes("caf\xe9"), ".txt", undefined],
    ["an archive", bytes("PK\x03\x04"), ".zip", undefined],
  ] as const) {
    it(`of ${what} is ${mediaType ?? "not accepted"}`, () => {
      assert.equal(contentTypeOf(content, extension)?.mediaType, mediaType);
    });
  }
});

describe("the name of an artifact", () => {
  const plain = (text: string): string => plainFileName(Buffer.from(text));
  for (const [what, name, expected] of [
    ["an ordinary one", "Bildschirmfoto é 1.png", "Bildschirmfoto é 1.png"],
    ["one of another script", "図表.png", "図表.png"],
    ["line breaks and other controls", "a\r\nb\t\u0007c.md", "a b c.md"],
    ["colours of a terminal", "\u001b[31mred\u001b[0m.txt", "[31mred [0m.txt"],
    ["turned direction", "exe.\u202egnp.txt", "exe.gnp.txt"],
    ["invisible characters", "a\u200b\u2060b\ufeff.md", "ab.md"],
    ["separators and quotes", '../..\\x/"a":<b>|c?.md', "_.._x__a___b__c_.md"],
    ["nothing but dots", "...", "unnamed"],
    ["a name of a device", "CON.txt", "_CON.txt"],
    ["a beginning of a device's name", "console.txt", "console.txt"],
    ["private and unassigned characters", "a\ue000\u{10ffff}b.md", "ab.md"],
  ] as const) {
    it(`keeps or tames ${what}`, () => assert.equal(plain(name), expected));
  }

  it("keeps bytes that are no text apart from text", () => {
    assert.equal(plainFileName(bytes("a\xff\xfeb.png")), "a\ufffd\ufffdb.png");
    assert.equal(plainFileName(bytes("")), "unnamed");
  });

  it("stays short and keeps its ending", () => {
    const long = plain(`${"é".repeat(500)}.png`);
    assert.equal(long.length, 100);
    assert.match(long, /^é+….png$/u);
    const faces = plain("\u{1f600}".repeat(200));
    assert.equal(Buffer.from(faces).toString(), faces, "no half of a pair is left");
    assert.equal(plain(`a.${"b".repeat(300)}`).length, 100);
  });

  it("ends as its content says", () => {
    const png = contentTypeOf(bytes("\x89PNG\r\n\x1a\n"), "");
    assert.ok(png !== undefined);
    assert.equal(withExtension("a.PNG", png), "a.PNG");
    assert.equal(withExtension("a.html", png), "a.html.png");
    assert.equal(withExtension("x".repeat(100), png).length, 100);
    assert.match(withExtension("x".repeat(100), png), /\.png$/u);
    assert.equal(extensionOf(".png"), "");
    assert.equal(extensionOf("a.tar.GZ"), ".gz");
  });

  it("gets a number where it is taken, in capitals too", () => {
    const taken = new Set(["a.md", "a (2).md"]);
    assert.equal(freeName("A.md", taken), "A (3).md");
    const long = `${"x".repeat(96)}.png`;
    const numbered = freeName(long, new Set([long]));
    assert.match(numbered, /^x+… \(2\)\.png$/u);
    assert.ok(numbered.length <= 100);
  });
});
