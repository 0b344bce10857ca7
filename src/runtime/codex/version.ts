import { asWritten } from "../../base/words";
import { failure, type Failure } from "./failure";

/** The oldest Codex whose sandbox, trust, own tools and app-server rules this adapter was checked against. */
export const minimumVersion = "0.169.0";

/** The newest one. What comes later is used as long as it speaks the same protocol. */
export const checkedVersion = "0.169.0";

/** The version in `codex-cli 0.169.0`; undefined when there is none. */
export function parseVersion(output: string): string | undefined {
  return /\b(\d{1,6}\.\d{1,6}\.\d{1,6})\b/.exec(output)?.[1];
}

/** The version of the server in `one_horizon_worker/0.169.0 (Debian 12.0.0; x86_64) xterm (…)`; undefined when there is none. */
export function versionOfAgent(userAgent: string | undefined): string | undefined {
  return /^[^/\s]{1,100}\/(\d{1,6}\.\d{1,6}\.\d{1,6})/.exec(userAgent ?? "")?.[1];
}

/** Negative when `a` is older than `b`. */
export function compareVersions(a: string, b: string): number {
  const right = b.split(".").map(Number);
  for (const [at, part] of a.split(".").map(Number).entries()) {
    const difference = part - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The failure of a version that is too old. One that nobody knows may work, and so may a newer one. */
export function tooOld(version: string | undefined): Failure | undefined {
  if (version === undefined || compareVersions(version, minimumVersion) >= 0) return undefined;
  return failure(
    "wrongVersion",
    asWritten("Codex {0} is older than {1}, the oldest that is supported", version, minimumVersion),
  );
}

/** Codex and this extension do not understand each other: who of them has to move depends on which is newer. */
export function foreignVersion(
  reason: "wrongVersion" | "protocol",
  happened: string,
  version: string | undefined,
): Failure {
  return failure(reason, `${happened} ${spoken(version)}`, adviceFor(version));
}

function spoken(version: string | undefined): string {
  const needs = asWritten(
    "One Horizon Worker needs Codex {0} or newer, and {1} is the newest it was checked with.",
    minimumVersion,
    checkedVersion,
  );
  return version === undefined ? needs : `${asWritten("This is Codex {0}.", version)} ${needs}`;
}

function adviceFor(version: string | undefined): string {
  const install = (which: string): string => `npm install -g @openai/codex@${which}`;
  if (version === undefined) return asWritten("Update Codex ({0}) and this extension.", install("latest"));
  if (compareVersions(version, minimumVersion) < 0) {
    return asWritten("Update Codex ({0}).", install("latest"));
  }
  return asWritten(
    "Update this extension, or install the Codex that it was checked with ({0}).",
    install(checkedVersion),
  );
}
