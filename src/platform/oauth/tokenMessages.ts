import * as z from "zod/mini";
import { parseJson } from "../http/readBody";
import { tokenSetSchema } from "./tokenSet";

const requestSchema = z.discriminatedUnion("kind", [
  /** `refused`: hash of an access token that the platform answered with 401. */
  z.object({ kind: z.literal("get"), refused: z.optional(z.string()) }),
  /** A person signed in anew in the asking window. */
  z.object({ kind: z.literal("adopt"), tokens: tokenSetSchema }),
  z.object({ kind: z.literal("signOut") }),
]);
const answerSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("tokens"), tokens: tokenSetSchema }),
  z.object({ kind: z.literal("signedOut") }),
  z.object({ kind: z.literal("done") }),
  z.object({ kind: z.literal("failed"), message: z.string() }),
]);

/** What a window asks the one that refreshes. */
export type TokenRequest = z.infer<typeof requestSchema>;
export type TokenAnswer = z.infer<typeof answerSchema>;

export function parseTokenRequest(text: string): TokenRequest | undefined {
  const parsed = requestSchema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : undefined;
}

export function parseTokenAnswer(text: string): TokenAnswer | undefined {
  const parsed = answerSchema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : undefined;
}
