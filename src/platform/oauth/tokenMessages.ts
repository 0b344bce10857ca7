import * as z from "zod/mini";
import { parseJson } from "../http/readBody";
import { sealedSchema } from "./sealing";

/** No refresh token in clear: what is not named here neither leaves nor arrives. */
const tokensSchema = z.object({
  accessToken: z.string().check(z.minLength(1)),
  expiresAt: z.optional(z.number()),
  lifetimeMs: z.optional(z.number()),
  /** The refresh token, or nothing where there is none, for who has the key. */
  sealed: z.optional(sealedSchema),
});
const requestSchema = z.discriminatedUnion("kind", [
  /** `refused`: hash of an access token that the platform answered with 401. */
  z.object({ kind: z.literal("get"), refused: z.optional(z.string()) }),
  /** A person signed in anew in the asking window. */
  z.object({ kind: z.literal("adopt"), tokens: tokensSchema }),
  z.object({ kind: z.literal("signOut") }),
]);
const answerSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("tokens"), tokens: tokensSchema }),
  z.object({ kind: z.literal("signedOut") }),
  z.object({ kind: z.literal("done") }),
  z.object({ kind: z.literal("failed"), message: z.string() }),
]);

/** The tokens of a sign-in as they travel between windows. */
export type PassedTokens = z.infer<typeof tokensSchema>;
/** What a window asks the one that refreshes. */
export type TokenRequest = z.infer<typeof requestSchema>;
export type TokenAnswer = z.infer<typeof answerSchema>;

export function requestText(request: TokenRequest): string {
  return JSON.stringify(requestSchema.parse(request));
}

export function answerText(answer: TokenAnswer): string {
  return JSON.stringify(answerSchema.parse(answer));
}

export function parseTokenRequest(text: string): TokenRequest | undefined {
  const parsed = requestSchema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : undefined;
}

export function parseTokenAnswer(text: string): TokenAnswer | undefined {
  const parsed = answerSchema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : undefined;
}
