import { neverAborted } from "../../base/abort";
import type { EndedSignIns } from "./endedSignIns";
import { renewalAt, type TokenSet } from "./tokenSet";
import type { TokenStorage } from "./tokenStorage";

/**
 * What storage holds when it is of another renewal; usable: fresher than ours and not the refused one.
 * @param now wall clock, milliseconds.
 */
export async function newerStored(
  storage: TokenStorage,
  ended: EndedSignIns,
  tokens: TokenSet,
  refused: string | undefined,
  now: number,
): Promise<{ readonly tokens: TokenSet; readonly usable: boolean } | undefined> {
  const stored = await storage.read(neverAborted);
  if (stored.kind !== "tokens" || stored.tokens.accessToken === tokens.accessToken) return undefined;
  if (await ended.isBuried(stored.tokens)) return undefined;
  const usable =
    stored.tokens.accessToken !== refused &&
    (stored.tokens.expiresAt ?? 0) > (tokens.expiresAt ?? Infinity) &&
    now < renewalAt(stored.tokens);
  return { tokens: stored.tokens, usable };
}
