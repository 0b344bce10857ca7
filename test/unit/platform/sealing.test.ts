import assert from "node:assert/strict";
import { isSealingKey, newSealingKey, seal, sealedSchema, unseal } from "../../../src/platform/oauth/sealing";

const secret = "refresh-token é";
const about = ["refresh token", "https://platform.example", "client-1", "1000"];

/** Another first byte, of the same length. */
const bent = (base64: string): string => {
  const bytes = Buffer.from(base64, "base64");
  bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
  return bytes.toString("base64");
};

describe("a sealed refresh token", () => {
  const key = newSealingKey();
  const sealed = seal(secret, key, about);

  it("opens under its key, for what it belongs to", () => {
    assert.equal(unseal(sealed, key, about), secret);
    assert.equal(unseal(seal("", key, about), key, about), "");
    assert.deepEqual(sealedSchema.parse(JSON.parse(JSON.stringify(sealed))), sealed);
  });

  it("tells nothing but its version and length, and is another one each time", () => {
    const again = seal(secret, key, about);
    assert.equal(sealed.version, 1);
    assert.notEqual(again.nonce, sealed.nonce);
    assert.notEqual(again.text, sealed.text);
    const text = Buffer.from(sealed.text, "base64");
    assert.equal(text.length, Buffer.byteLength(secret));
    assert.ok(!text.includes("refresh"));
  });

  for (const [name, other] of [
    ["another version", { ...sealed, version: 2 }],
    ["another nonce", { ...sealed, nonce: bent(sealed.nonce) }],
    ["another text", { ...sealed, text: bent(sealed.text) }],
    ["a text that was cut", { ...sealed, text: sealed.text.slice(0, 8) }],
    ["another tag", { ...sealed, tag: bent(sealed.tag) }],
    [
      "a tag that was cut",
      { ...sealed, tag: Buffer.from(sealed.tag, "base64").subarray(0, 4).toString("base64") },
    ],
    ["no tag", { ...sealed, tag: "" }],
    ["no nonce", { ...sealed, nonce: "" }],
  ] as const) {
    it(`does not open with ${name}`, () => {
      assert.equal(unseal(other, key, about), undefined);
    });
  }

  it("does not open under another key, or for another platform, client, user or access token", () => {
    assert.equal(unseal(sealed, newSealingKey(), about), undefined);
    for (const index of about.keys()) {
      const other = about.map((one, at) => (at === index ? `${one}x` : one));
      assert.equal(unseal(sealed, key, other), undefined, about[index]);
    }
    assert.equal(unseal(sealed, key, [about.join()]), undefined);
  });

  it("has a key of 256 random bits", () => {
    assert.ok(isSealingKey(key));
    assert.equal(Buffer.from(key, "hex").length, 32);
    assert.notEqual(newSealingKey(), key);
    for (const no of [undefined, 7, "", key.slice(1), `${key}0`, key.replace(/./, "g")]) {
      assert.ok(!isSealingKey(no));
    }
  });
});
