import { messageOf, type Log } from "../../base/log";
import type { SpentTokens } from "../../core/ports/spentTokens";
import { isFresh, tokenHash, type TokenSet } from "./tokenSet";

export interface EndedSignInsOptions {
  readonly spent: SpentTokens;
  readonly log: Log;
}

/** Sign-ins that are over for every window: stale copies of a secret store outlive an erased one. Never throws. */
export class EndedSignIns {
  readonly #options: EndedSignInsOptions;

  constructor(options: EndedSignInsOptions) {
    this.#options = options;
  }

  async bury(tokens: TokenSet): Promise<void> {
    for (const token of [tokens.accessToken, tokens.refreshToken]) {
      if (token === undefined) continue;
      await this.#options.spent.add(tokenHash(token)).catch((error: unknown) => {
        this.#options.log.warn("an ended sign-in could not be noted", { message: messageOf(error) });
      });
    }
  }

  async isBuried(tokens: TokenSet): Promise<boolean> {
    return await this.#isSpent(tokens.accessToken);
  }

  /** Is nothing to be had from them: ended by a person, or run out with a refresh token that was sent already? */
  async areWorthless(tokens: TokenSet, now: number): Promise<boolean> {
    if (await this.isBuried(tokens)) return true;
    if (isFresh(tokens, now)) return false;
    return tokens.refreshToken === undefined || (await this.#isSpent(tokens.refreshToken));
  }

  async #isSpent(token: string): Promise<boolean> {
    return await this.#options.spent.has(tokenHash(token)).catch((error: unknown) => {
      this.#options.log.warn("the list of spent tokens could not be read", { message: messageOf(error) });
      return false;
    });
  }
}
