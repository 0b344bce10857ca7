/** The oldest Codex whose sandbox, trust and app-server rules this adapter was checked against. */
export const minimumVersion = "0.169.0";

/** The version in `codex-cli 0.169.0`; undefined when there is none. */
export function parseVersion(output: string): string | undefined {
  return /\b(\d{1,6}\.\d{1,6}\.\d{1,6})\b/.exec(output)?.[1];
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
