import { PlatformError } from "../../core/platformError";

/** A person has to sign in. */
export function signedOut(message: string): PlatformError {
  return new PlatformError(message, { reason: "signedOut", outcome: "refused", operation: "token" });
}

/** The sign-in stands, and cannot be renewed at the moment. */
export function notNow(message: string): PlatformError {
  return new PlatformError(`token: ${message}`, {
    reason: "network",
    outcome: "refused",
    operation: "token",
  });
}
