import { createHash } from "node:crypto";
import * as z from "zod/mini";

/** What of them is stored. */
export const tokenSetSchema = z.object({
  accessToken: z.string().check(z.minLength(1)),
  refreshToken: z.optional(z.string()),
  expiresAt: z.optional(z.number()),
  lifetimeMs: z.optional(z.number()),
});

/** The tokens of one sign-in. */
export interface TokenSet {
  readonly accessToken: string;
  readonly refreshToken?: string | undefined;
  /** Wall clock, milliseconds; undefined when the platform does not say. */
  readonly expiresAt?: number | undefined;
  /** What the platform granted when it issued the access token. */
  readonly lifetimeMs?: number | undefined;
  /** There is a refresh token, and this window could not open it: another one has to renew. Never stored. */
  readonly renewedElsewhere?: true;
}

/** 64 hex digits that stand for a token without telling it. */
export function tokenHash(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Can this access token still be sent? Stops a little early, so that it does not run out on the way. */
export function isFresh(tokens: TokenSet, now: number): boolean {
  if (tokens.expiresAt === undefined) return true;
  return now < tokens.expiresAt - Math.min(10_000, (tokens.lifetimeMs ?? Infinity) / 10);
}

/** The instant from which it is renewed ahead of its end: 5 minutes before, or a fifth of a shorter life. */
export function renewalAt(tokens: TokenSet): number {
  if (tokens.expiresAt === undefined) return Infinity;
  return tokens.expiresAt - Math.min(300_000, (tokens.lifetimeMs ?? Infinity) / 5);
}

/** What may be told of tokens. */
export interface TokenFacts {
  /** Wall clock, milliseconds; undefined when the platform does not say. */
  readonly expiresAt: number | undefined;
  /** By a refresh token that this window has, or one that another window has; or not at all. */
  readonly renewal: "here" | "elsewhere" | "none";
}

export function tokenFacts(tokens: TokenSet): TokenFacts {
  const here = tokens.refreshToken === undefined ? "none" : "here";
  return { expiresAt: tokens.expiresAt, renewal: tokens.renewedElsewhere === true ? "elsewhere" : here };
}
