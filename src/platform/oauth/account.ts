/** Whose tokens: one public client at one platform. Tokens go to this origin and nowhere else. */
export interface Account {
  /** As `platformOrigin` returns it. */
  readonly origin: string;
  readonly clientId: string;
}

/** One text per account, for secret storage, locks and channels. */
export function accountKey(account: Account): string {
  return `oneHorizon.tokens ${JSON.stringify([account.origin, account.clientId])}`;
}
