import { neverAborted } from "../../base/abort";
import type { Log } from "../../base/log";
import type { Account } from "./account";
import { seal, unseal, type Sealed } from "./sealing";
import type { PassedTokens } from "./tokenMessages";
import { tokenHash, type TokenSet } from "./tokenSet";
import type { TokenStorage } from "./tokenStorage";

export interface TokenPassingOptions {
  readonly account: Account;
  readonly storage: TokenStorage;
  readonly log: Log;
}

/**
 * What of a sign-in crosses to the other windows, and back: the access token readable, the refresh token sealed under
 * the key that each window has from its own secret storage. Who can read the files of this user, and with them the key
 * of the channel, still cannot read it.
 */
export class TokenPassing {
  readonly #options: TokenPassingOptions;
  #told = false;

  constructor(options: TokenPassingOptions) {
    this.#options = options;
  }

  /** Tokens that were stored without a key are stored with one first, so that other windows can find it. */
  async wrap(tokens: TokenSet): Promise<PassedTokens> {
    const { accessToken, expiresAt, lifetimeMs, refreshToken } = tokens;
    const key = await this.#options.storage.keyFor(tokens);
    const sealed = seal(refreshToken ?? "", key, this.#about(accessToken));
    return { accessToken, expiresAt, lifetimeMs, sealed };
  }

  /** @param own what this window has now: of these very tokens it needs nobody to tell it the refresh token. */
  async unwrap(passed: PassedTokens, own: TokenSet | undefined): Promise<TokenSet> {
    const { accessToken, expiresAt, lifetimeMs, sealed } = passed;
    if (own?.accessToken === accessToken && own.renewedElsewhere !== true) return own;
    const opened = sealed && (await this.#open(sealed, accessToken));
    this.#tell(opened === undefined);
    const tokens = { accessToken, expiresAt, lifetimeMs };
    if (opened === undefined) return { ...tokens, renewedElsewhere: true };
    return opened === "" ? tokens : { ...tokens, refreshToken: opened };
  }

  async #open(sealed: Sealed, accessToken: string): Promise<string | undefined> {
    const { storage } = this.#options;
    const about = this.#about(accessToken);
    const known = storage.sealingKey;
    const opened = known === undefined ? undefined : unseal(sealed, known, about);
    if (opened !== undefined) return opened;
    // Where the editor's windows share one store, it has the key of a sign-in that was made elsewhere.
    await storage.read(neverAborted);
    const stored = storage.sealingKey;
    return stored === undefined || stored === known ? undefined : unseal(sealed, stored, about);
  }

  /** The account, this user of the machine, and the access token that it came with. */
  #about(accessToken: string): readonly string[] {
    const { origin, clientId } = this.#options.account;
    const user = String(process.getuid?.() ?? process.env["USERNAME"] ?? "");
    return ["refresh token", origin, clientId, user, tokenHash(accessToken)];
  }

  /** Once, until it works again: windows ask each other every few seconds. */
  #tell(locked: boolean): void {
    const { storage, log } = this.#options;
    if (locked && !this.#told) {
      const why = storage.sealingKey === undefined ? "no key" : "another key, or changed on the way";
      log.warn(
        "the refresh token of another window could not be opened here: this one gets access tokens only, and renewing is left to windows that have the key",
        { why },
      );
    }
    this.#told = locked;
  }
}
