import { say } from "../../base/words";
import type { CheckGroup, Check, Finding } from "../../core/diagnostics";
import { PlatformError } from "../../core/platformError";
import { troubleWith } from "../../core/platformWords";

export const passed = (found: string): Finding => ({ verdict: "passed", found });
export const attention = (found: string, advice: string): Finding => ({
  verdict: "attention",
  found,
  advice,
});
export const failed = (found: string, advice?: string): Finding => ({ verdict: "failed", found, advice });
export const notTried = (found: string): Finding => ({ verdict: "notTried", found });

/** Not tried, since nothing of a folder that nobody trusts is run, and nothing is sent for it. */
export function restricted(): Finding {
  return notTried(say("Not tried in Restricted Mode."));
}

/** The usual limit of a look at this machine, milliseconds. */
const lookMs = 30_000;

/** The checks of one group. */
export function checksOf(
  group: CheckGroup,
  ...checks: readonly (Omit<Check, "group" | "limitMs"> & { readonly limitMs?: number })[]
): readonly Check[] {
  return checks.map((one) => ({ limitMs: lookMs, ...one, group }));
}

/** Asks once, however many checks want the answer. */
export function once<T>(ask: (signal: AbortSignal) => Promise<T>): (signal: AbortSignal) => Promise<T> {
  let answer: Promise<T> | undefined;
  return (signal) => (answer ??= ask(signal));
}

/** What a failed call to the platform came to. */
export function platformTrouble(error: unknown): Finding {
  const trouble = troubleWith(error, say);
  const sentence = `${trouble.charAt(0).toUpperCase()}${trouble.slice(1)}.`;
  const detail = error instanceof PlatformError ? ` (${error.message})` : "";
  return failed(`${sentence}${detail}`, adviceAgainst(error));
}

function adviceAgainst(error: unknown): string | undefined {
  if (!(error instanceof PlatformError)) return undefined;
  switch (error.reason) {
    case "network":
      return say("Check the network and the proxy of this machine, and the setting {0}.", baseUrl);
    case "timeout":
      return say("Check again. If it stays so, check the network and the proxy of this machine.");
    case "server":
      return say("Wait a little and check again. The worker tries again by itself.");
    case "rateLimited":
      return say("Wait a little and check again. The worker slows down by itself.");
    case "unauthorized":
    case "signedOut":
      return say("Run Sign In.");
    case "forbidden":
      return say("Ask an administrator of the workspace for access, or sign in with another account.");
    case "notFound":
      return say("Run Configure Worker and choose the agent again.");
    case "badAnswer":
    case "unsupported":
      return say("Check the setting {0}, and update this extension.", baseUrl);
    case "badRequest":
    case "conflict":
    case "refused":
      return say("Update this extension. If it stays so, report it with this text.");
  }
}

const baseUrl = "oneHorizon.platform.baseUrl";
