import { messageOf } from "../base/log";
import { asWritten } from "../base/words";
import { PlatformError } from "./platformError";

/**
 * What went wrong with the platform, as a clause for people: no operation names, no full stop.
 * @param say translates it; not given for what goes to the platform.
 */
export function troubleWith(error: unknown, say = asWritten): string {
  if (!(error instanceof PlatformError)) return messageOf(error).replace(/[.\s]+$/u, "");
  const status = error.status === undefined ? "" : ` (HTTP ${error.status})`;
  switch (error.reason) {
    case "network":
      return say("the platform could not be reached");
    case "timeout":
      return say("the platform did not answer in time");
    case "server":
      return `${say("the platform has a problem of its own")}${status}`;
    case "rateLimited":
      return say("the platform asks to wait, since there were too many requests");
    case "badAnswer":
      return say("the platform answered with something this version does not understand");
    case "unauthorized":
    case "signedOut":
      return say("you are signed out");
    case "forbidden":
      return `${say("the platform does not allow it")}${status}`;
    case "notFound":
      return `${say("the platform does not know it")}${status}`;
    case "conflict":
      return say("the platform refused it ({0})", error.conflictReason ?? "conflict");
    case "badRequest":
    case "unsupported":
    case "refused":
      return `${say("the platform refused it")}${status}`;
  }
}
