import { stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { providerOf } from "../../core/providers";
import { signInTracesOf, type SignInState } from "../../core/signInTraces";
import type { Environment } from "../environment";

/** What some tools leave of a sign-in that ended: `{}`. */
const emptyBytes = 2;

/**
 * What the sign-in of a tool left on this machine. Only whether files are there and how long they are is looked at; none is
 * read, and nothing is started or asked.
 */
export async function signInState(
  provider: string,
  environment: Environment,
  platform: NodeJS.Platform = process.platform,
): Promise<SignInState> {
  const traces = signInTracesOf(provider);
  const how = providerOf(provider)?.signIn;
  if (traces === undefined || how === undefined) return { kind: "unknown" };
  if (await anyOf(traces.files, environment)) return { kind: "signedIn" };
  const variable = traces.variables.find((name) => (environment[name] ?? "") !== "");
  if (variable !== undefined) return { kind: "key", variable };
  const looked = homeOf(environment) !== undefined && traces.complete(platform);
  if (!looked || (await anyOf(traces.settings, environment))) return { kind: "unknown" };
  return { kind: "signedOut", how };
}

async function anyOf(places: readonly string[], environment: Environment): Promise<boolean> {
  for (const place of places) if (await holdsSomething(pathOf(place, environment))) return true;
  return false;
}

/** Codex' own folder may be named by a variable, which each session gets. */
function pathOf(place: string, environment: Environment): string | undefined {
  const { CODEX_HOME: codexHome } = environment;
  if (codexHome !== undefined && isAbsolute(codexHome) && place.startsWith(".codex/")) {
    return join(codexHome, place.slice(".codex/".length));
  }
  const home = homeOf(environment);
  return home === undefined ? undefined : join(home, place);
}

function homeOf(environment: Environment): string | undefined {
  const home = environment["HOME"] ?? environment["USERPROFILE"];
  return home !== undefined && isAbsolute(home) ? home : undefined;
}

async function holdsSomething(path: string | undefined): Promise<boolean> {
  if (path === undefined) return false;
  const facts = await stat(path).catch(() => undefined);
  return facts?.isFile() === true && facts.size > emptyBytes;
}
