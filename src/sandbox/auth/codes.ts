import { randomUUID } from "node:crypto";
import { secret } from "./tokens";

/** A sign-in request that the authorize page has accepted. */
export interface AuthorizeRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: string;
  readonly state: string;
  readonly challenge: string;
}

type TakenCode =
  | {
      readonly kind: "found";
      readonly request: AuthorizeRequest;
      readonly userId: string;
      readonly familyId: string;
    }
  | { readonly kind: "spent"; readonly familyId: string }
  | { readonly kind: "unknown" };

/** Authorization codes, in memory only: each works once and for 60 s. */
export interface PendingCodes {
  issue(request: AuthorizeRequest, userId: string, now: number): string;
  take(code: string, now: number): TakenCode;
}

const lifetimeMs = 60_000;
const rememberedMs = 600_000;

export function pendingCodes(): PendingCodes {
  const codes = new Map<
    string,
    { request: AuthorizeRequest; userId: string; familyId: string; at: number; spent: boolean }
  >();
  return {
    issue: (request, userId, now) => {
      for (const [code, one] of codes) if (now - one.at > rememberedMs) codes.delete(code);
      const code = secret("code");
      codes.set(code, { request, userId, familyId: randomUUID(), at: now, spent: false });
      return code;
    },
    take: (code, now) => {
      const one = codes.get(code);
      if (!one) return { kind: "unknown" };
      if (one.spent) return { kind: "spent", familyId: one.familyId };
      one.spent = true;
      if (now - one.at >= lifetimeMs) return { kind: "unknown" };
      return { kind: "found", request: one.request, userId: one.userId, familyId: one.familyId };
    },
  };
}
