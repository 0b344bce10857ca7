import { neverAborted } from "../../base/abort";
import { PlatformError } from "../../core/platformError";
import type { SpentTokens } from "../../core/ports/spentTokens";
import { GrantRefused, type TokenEndpoint } from "./tokenEndpoint";
import { tokenHash, type TokenSet } from "./tokenSet";

export interface SpendDeps {
  readonly endpoint: Pick<TokenEndpoint, "refresh" | "isReachable">;
  readonly spent: SpentTokens;
}

/**
 * Renews with the first refresh token that was never sent. Its hash is on disk before it leaves, since a platform that
 * sees one twice revokes the whole sign-in; so a lost answer costs this token, and the line is tried first. Undefined
 * when every candidate is spent. Rejects with GrantRefused or PlatformError.
 *
 * It takes no signal: cut off half-way, the token would be spent and its answer lost. Its own deadlines end it.
 */
export async function spendOnce(
  deps: SpendDeps,
  candidates: readonly (string | undefined)[],
): Promise<TokenSet | undefined> {
  let refusal: GrantRefused | undefined;
  for (const token of new Set(candidates)) {
    if (token === undefined || (await deps.spent.has(tokenHash(token)))) continue;
    if (!(await deps.endpoint.isReachable(neverAborted))) {
      throw new PlatformError("token: the platform could not be reached, so the sign-in is renewed later", {
        reason: "network",
        outcome: "refused",
        operation: "token",
      });
    }
    await deps.spent.add(tokenHash(token));
    try {
      return await deps.endpoint.refresh(token, neverAborted);
    } catch (error) {
      if (!(error instanceof GrantRefused)) throw error;
      refusal = error;
    }
  }
  if (refusal !== undefined) throw refusal;
  return undefined;
}
