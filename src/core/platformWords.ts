import { messageOf } from "../base/log";
import { PlatformError } from "./platformError";

/** What went wrong with the platform, as a clause for people: no operation names, no full stop. */
export function troubleWith(error: unknown): string {
  if (!(error instanceof PlatformError)) return messageOf(error).replace(/[.\s]+$/u, "");
  const status = error.status === undefined ? "" : ` (HTTP ${error.status})`;
  switch (error.reason) {
    case "network":
      return "the platform could not be reached";
    case "timeout":
      return "the platform did not answer in time";
    case "server":
      return `the platform has a problem of its own${status}`;
    case "rateLimited":
      return "the platform asks to wait, since there were too many requests";
    case "badAnswer":
      return "the platform answered with something this version does not understand";
    case "unauthorized":
    case "signedOut":
      return "you are signed out";
    case "forbidden":
      return `the platform does not allow it${status}`;
    case "notFound":
      return `the platform does not know it${status}`;
    case "conflict":
      return `the platform refused it (${error.conflictReason ?? "conflict"})`;
    case "badRequest":
    case "unsupported":
    case "refused":
      return `the platform refused it${status}`;
  }
}
