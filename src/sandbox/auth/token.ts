import { createHash, timingSafeEqual } from "node:crypto";
import * as z from "zod/mini";
import { json, type HttpReply } from "../http/call";
import type { Platform } from "../state/platform";
import type { PendingCodes } from "./codes";
import { findToken, issueTokens, revokeFamily } from "./tokens";

const formSchema = z.discriminatedUnion("grant_type", [
  z.object({
    grant_type: z.literal("authorization_code"),
    client_id: z.string(),
    code: z.string(),
    code_verifier: z.string(),
    redirect_uri: z.string(),
  }),
  z.object({ grant_type: z.literal("refresh_token"), client_id: z.string(), refresh_token: z.string() }),
]);

const refuse = (error: string, description: string): HttpReply =>
  json(400, { error, error_description: description });

/** The token endpoint. Refusals are RFC 6749 bodies. */
export function tokenEndpoint(platform: Platform, codes: PendingCodes, form: unknown): HttpReply {
  const parsed = formSchema.safeParse(form);
  if (!parsed.success) return refuse("invalid_request", "The form does not fit a grant this server knows.");
  if (parsed.data.client_id !== platform.state.settings.clientId) {
    return refuse("invalid_client", "The client is unknown.");
  }
  return parsed.data.grant_type === "authorization_code"
    ? exchangeCode(platform, codes, parsed.data)
    : refresh(platform, parsed.data.refresh_token, parsed.data.client_id);
}

interface CodeForm {
  readonly client_id: string;
  readonly code: string;
  readonly code_verifier: string;
  readonly redirect_uri: string;
}

function exchangeCode(platform: Platform, codes: PendingCodes, form: CodeForm): HttpReply {
  const found = codes.take(form.code, platform.clock.now());
  if (found.kind === "spent") {
    revokeFamily(platform, found.familyId);
    return refuse("invalid_grant", "The code was used before. Its tokens are revoked.");
  }
  if (found.kind === "unknown") return refuse("invalid_grant", "The code is unknown or has expired.");
  const { request, userId, familyId } = found;
  if (form.client_id !== request.clientId || form.redirect_uri !== request.redirectUri) {
    return refuse("invalid_grant", "The code belongs to another client or callback.");
  }
  if (
    !/^[A-Za-z0-9._~-]{43,128}$/.test(form.code_verifier) ||
    !proves(form.code_verifier, request.challenge)
  ) {
    return refuse("invalid_grant", "The code verifier does not prove the challenge.");
  }
  return json(
    200,
    issueTokens(platform, { familyId, userId, clientId: request.clientId, scope: request.scope }),
  );
}

function proves(verifier: string, challenge: string): boolean {
  const expected = Buffer.from(challenge);
  const actual = Buffer.from(createHash("sha256").update(verifier).digest("base64url"));
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function refresh(platform: Platform, value: string, clientId: string): HttpReply {
  const token = findToken(platform, "refresh", value);
  if (token?.clientId !== clientId) {
    return refuse("invalid_grant", "The refresh token is unknown or was revoked.");
  }
  if (token.spent) {
    revokeFamily(platform, token.familyId);
    return refuse("invalid_grant", "The refresh token was used before. The whole sign-in is revoked.");
  }
  token.spent = true;
  const { familyId, userId, scope } = token;
  return json(200, issueTokens(platform, { familyId, userId, clientId, scope }));
}
