import type { Event } from "../base/emitter";

/** Where calls get their bearer token from. */
export interface AccessTokens {
  /** Fires with every access token that replaces another. */
  readonly onDidChangeToken: Event<string>;
  /** A token that is thought to be good. Rejects with PlatformError (`signedOut`, or `network` when it cannot be renewed now). */
  get(signal: AbortSignal): Promise<string>;
  /** A token other than `refused`, which the platform answered with 401. Rejects as `get` does. */
  renew(refused: string, signal: AbortSignal): Promise<string>;
}
