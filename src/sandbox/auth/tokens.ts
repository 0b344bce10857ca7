import { createHash, randomBytes } from "node:crypto";
import type { Platform } from "../state/platform";
import type { Token } from "../state/schema";

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
export const secret = (prefix: string): string => `${prefix}_${randomBytes(32).toString("base64url")}`;

/** Who may use the tokens of one sign-in, and for what. */
export interface Grant {
  readonly familyId: string;
  readonly userId: string;
  readonly clientId: string;
  readonly scope: string;
}

export interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: "Bearer";
  readonly expires_in: number;
  readonly refresh_token: string;
  readonly scope: string;
}

/** Issues an access token and the refresh token that replaces the one before it. Only hashes are kept. */
export function issueTokens(platform: Platform, grant: Grant): TokenAnswer {
  const { state, clock } = platform;
  const seconds = state.settings.accessTokenSeconds;
  const access = secret("sat");
  const refresh = secret("srt");
  const kept = (kind: Token["kind"], value: string, expiresAt: number | null): Token => ({
    ...grant,
    hash: sha256(value),
    kind,
    expiresAt,
    spent: false,
  });
  state.tokens = state.tokens.filter((one) => one.kind === "refresh" || (one.expiresAt ?? 0) > clock.now());
  state.tokens.push(kept("access", access, clock.now() + seconds * 1000), kept("refresh", refresh, null));
  platform.changed();
  return {
    access_token: access,
    token_type: "Bearer",
    expires_in: seconds,
    refresh_token: refresh,
    scope: grant.scope,
  };
}

export function findToken(platform: Platform, kind: Token["kind"], value: string): Token | undefined {
  const hash = sha256(value);
  return platform.state.tokens.find((one) => one.kind === kind && one.hash === hash);
}

/** Ends a sign-in: none of its tokens works any more. */
export function revokeFamily(platform: Platform, familyId: string): void {
  platform.state.tokens = platform.state.tokens.filter((one) => one.familyId !== familyId);
  platform.changed();
}
