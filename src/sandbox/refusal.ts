/** The reasons the contract names for a 409. */
export type ConflictReason =
  | "already_claimed"
  | "cancelled"
  | "not_eligible"
  | "not_claimable"
  | "claim_inactive"
  | "renewal_unsupported";

/** A refusal of the platform: answered as `{code, message, reason?}` with this status. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly reason?: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = "Refusal";
  }
}

export const badRequest = (message: string): Refusal => new Refusal(400, message);
export const unauthorized = (message: string): Refusal => new Refusal(401, message);
export const forbidden = (message: string): Refusal => new Refusal(403, message);
export const notFound = (what: string): Refusal => new Refusal(404, `No such ${what}.`);
export const conflict = (reason: ConflictReason, message: string): Refusal =>
  new Refusal(409, message, reason);

/** The one answer to a call whose claim does not stand. */
export const claimInactive = (): Refusal =>
  conflict("claim_inactive", "This claim is not the session's active claim.");
