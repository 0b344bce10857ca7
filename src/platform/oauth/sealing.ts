import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import * as z from "zod/mini";

/** Of what is sealed here, and the only one that is opened. */
const version = 1;
const cipher = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;
/** A longer text than any token is not looked at. */
const base64 = z.string().check(z.regex(/^[A-Za-z0-9+/]{0,60000}={0,2}$/));

export const sealedSchema = z.object({ version: z.int(), nonce: base64, text: base64, tag: base64 });

/** A secret that only who has the key can read; `nonce`, `text` and `tag` are base64. */
export type Sealed = z.infer<typeof sealedSchema>;

/** 256 random bits as 64 hex digits. */
export function newSealingKey(): string {
  return randomBytes(32).toString("hex");
}

export function isSealingKey(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

/**
 * Seals with AES-256-GCM under a nonce of its own. The nonces are random: one key is good for 2^32 of them, more than a
 * sign-in sees in centuries.
 * @param about what the secret belongs to; it opens only together with the same.
 */
export function seal(secret: string, key: string, about: readonly string[]): Sealed {
  const nonce = randomBytes(nonceBytes);
  const sealing = createCipheriv(cipher, Buffer.from(key, "hex"), nonce, { authTagLength: tagBytes });
  sealing.setAAD(boundTo(about));
  const text = Buffer.concat([sealing.update(secret, "utf8"), sealing.final()]);
  return {
    version,
    nonce: nonce.toString("base64"),
    text: text.toString("base64"),
    tag: sealing.getAuthTag().toString("base64"),
  };
}

/** Undefined when it is of another version, key or owner, or was changed on the way. Never throws. */
export function unseal(sealed: Sealed, key: string, about: readonly string[]): string | undefined {
  const nonce = Buffer.from(sealed.nonce, "base64");
  const tag = Buffer.from(sealed.tag, "base64");
  // A shorter tag would be easier to guess, and the cipher takes one.
  if (sealed.version !== version || nonce.length !== nonceBytes || tag.length !== tagBytes) return undefined;
  try {
    const opening = createDecipheriv(cipher, Buffer.from(key, "hex"), nonce, { authTagLength: tagBytes });
    opening.setAAD(boundTo(about));
    opening.setAuthTag(tag);
    const text = Buffer.concat([opening.update(Buffer.from(sealed.text, "base64")), opening.final()]);
    return text.toString("utf8");
  } catch {
    return undefined;
  }
}

function boundTo(about: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify([version, ...about]));
}
