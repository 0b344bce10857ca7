/**
 * The SHA-256 hashes (64 hex digits) of tokens that must never be sent again: refresh tokens that were sent once, and the
 * tokens of a sign-in that a person ended. Shared by all windows of this machine, in a 0600 file.
 */
export interface SpentTokens {
  has(hash: string): Promise<boolean>;
  /** Resolves once the hash is on the disk (fsynced). Rejects when that cannot be proven: then nothing may be sent. */
  add(hash: string): Promise<void>;
}
