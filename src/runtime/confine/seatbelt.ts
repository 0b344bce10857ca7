import type { PlaceRule } from "./places";

/**
 * The profile that macOS' `sandbox-exec` takes: everything is allowed but writing outside the places of the rules, and looking
 * into hidden ones. The last rule that fits holds, so that narrower paths, which come later, win. Pure.
 */
export function seatbeltProfile(rules: readonly PlaceRule[], network: boolean): string {
  return [
    "(version 1)",
    "(allow default)",
    "(deny file-write*)",
    '(allow file-write* (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty"))',
    // Commands would else run outside, started by the system's own services.
    '(deny mach-lookup (global-name "com.apple.coreservices.launchservicesd") (global-name "com.apple.lsd.mapdb"))',
    "(deny job-creation)",
    "(deny appleevent-send)",
    ...rules.flatMap(ruleOf),
    ...(network ? [] : ["(deny network*)"]),
    "",
  ].join("\n");
}

function ruleOf({ path, access }: PlaceRule): readonly string[] {
  const place = `(subpath ${quoted(path)})`;
  switch (access) {
    case "write":
      return [`(allow file-read* file-write* ${place})`];
    case "read":
      return [`(allow file-read* ${place})`, `(deny file-write* ${place})`];
    case "hidden":
      return [`(deny file-read* file-write* ${place})`];
  }
}

/** @throws for a text that could end the string it stands in some other way. */
function quoted(path: string): string {
  if (/\p{Cc}|\p{Surrogate}/u.test(path)) throw new Error("the path cannot be named in a sandbox profile");
  return `"${path.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
