import { realpath } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";
import { asWritten } from "../base/words";
import { WorktreeError } from "../core/ports/worktrees";
import type { TrustedCheckout } from "./checkoutTrust";
import { treeCall } from "./diffStat";
import type { GitClient } from "./gitClient";
import { GitFailure, shorten } from "./gitFailure";
import { quietGpg } from "./quietGpg";
import { isWithin } from "./worktreeFolder";

/** How commits are signed here, as git gets it. */
export interface Signing {
  readonly signs: boolean;
  /** `-c` values: every program that git could run for a signature is named, so that no other config decides. */
  readonly config: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

interface Entry {
  readonly scope: string;
  readonly origin: string;
  readonly key: string;
  readonly value: string;
}

const programs = {
  openpgp: { keys: ["gpg.program", "gpg.openpgp.program"], plain: "gpg" },
  x509: { keys: ["gpg.x509.program"], plain: "gpgsm" },
  ssh: { keys: ["gpg.ssh.program"], plain: "ssh-keygen" },
} as const;

/**
 * Whether and how the user's config asks for signed commits. The switch, format and key may stand in the repository's own
 * config; programs only in the user's or the system's, and nothing in a file that lies in the tree.
 */
export async function signingSetup(
  git: GitClient,
  checkout: TrustedCheckout,
  signal: AbortSignal,
): Promise<Signing> {
  const entries = await configEntries(git, checkout, signal);
  const last = (key: string): string | undefined => entries.findLast((one) => one.key === key)?.value;
  if (!isTrue(last("commit.gpgsign"))) {
    return { signs: false, config: ["commit.gpgSign=false"], environment: {} };
  }
  const personal = entries.filter(({ scope }) => scope === "global" || scope === "system");
  const chosen = (keys: readonly string[], plain: string): string => {
    const value = personal.findLast(({ key }) => keys.includes(key))?.value ?? "";
    // A path that counts from the tree would name what lies in it.
    return value === "" || (/[\\/]/.test(value) && !isAbsolute(value) && !value.startsWith("~/"))
      ? plain
      : value;
  };
  const gpg = await quietGpg(git.folder, chosen(programs.openpgp.keys, programs.openpgp.plain));
  const key = last("user.signingkey");
  const command = personal.findLast((one) => one.key === "gpg.ssh.defaultkeycommand")?.value ?? "";
  return {
    signs: true,
    config: [
      "commit.gpgSign=true",
      `gpg.format=${last("gpg.format") ?? "openpgp"}`,
      `gpg.program=${gpg.program}`,
      `gpg.openpgp.program=${gpg.program}`,
      `gpg.x509.program=${chosen(programs.x509.keys, programs.x509.plain)}`,
      `gpg.ssh.program=${chosen(programs.ssh.keys, programs.ssh.plain)}`,
      `gpg.ssh.defaultKeyCommand=${command}`,
      ...(key === undefined ? [] : [`user.signingKey=${key}`]),
    ],
    environment: { ...gpg.environment, SSH_ASKPASS_REQUIRE: "never" },
  };
}

async function configEntries(
  git: GitClient,
  checkout: TrustedCheckout,
  signal: AbortSignal,
): Promise<Entry[]> {
  const args = ["config", "--show-scope", "--show-origin", "-z", "--get-regexp"];
  const call = treeCall(checkout, signal);
  const output = (await git.tryRun([...args, "^(commit\\.gpgsign|user\\.signingkey|gpg\\..*)$"], call)) ?? "";
  const trusted: Entry[] = [];
  for (const entry of parseConfig(output)) if (await isOutside(checkout, entry.origin)) trusted.push(entry);
  return trusted;
}

/** Reads `git config --show-scope --show-origin -z`: scope, origin, and the key with its value on the next line. */
function parseConfig(output: string): Entry[] {
  const fields = output.split("\0");
  const entries: Entry[] = [];
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [scope = "", origin = "", setting = ""] = fields.slice(at, at + 3);
    const end = setting.indexOf("\n");
    const key = end < 0 ? setting : setting.slice(0, end);
    // A key without a value means true.
    entries.push({ scope, origin, key, value: end < 0 ? "true" : setting.slice(end + 1) });
  }
  return entries;
}

/** Did the value come from a file that no tool in the tree could write? */
async function isOutside(checkout: TrustedCheckout, origin: string): Promise<boolean> {
  if (!origin.startsWith("file:")) return false;
  const named = resolve(checkout.path, origin.slice("file:".length));
  const file = await realpath(named).catch(() => named);
  return !isWithin(checkout.path, file) || isWithin(checkout.commonDir, file);
}

function isTrue(value: string | undefined): boolean {
  return value !== undefined && /^(true|yes|on|[1-9]\d*)$/i.test(value);
}

const advice = asWritten(
  'Unlock the signing key ("git commit -S" in a terminal asks for it), or turn commit.gpgSign off for this repository; programs that sign are taken from your own git config only ("git config --global"). Then claim the session again.',
);

/** The error of a commit that was not made for want of a signature; undefined where it was something else. */
export function asSigningError(error: unknown, signs: boolean, kept: string): WorktreeError | undefined {
  if (!signs) return undefined;
  if (WorktreeError.is(error, "timeout")) {
    return new WorktreeError(
      "signing",
      asWritten(
        "The commit was not signed in time; the signing key may wait for its passphrase, or a hook for something. {0} {1}",
        kept,
        advice,
      ),
      error,
    );
  }
  const sign =
    /failed to sign|signing failed|gpg: |error: gpg|ssh-keygen|no signing key|signingkey|cannot run .*(gpg|sign)/i;
  if (!(error instanceof GitFailure) || !sign.test(error.output)) return undefined;
  return new WorktreeError(
    "signing",
    asWritten("The commit could not be signed: {0} {1} {2}", shorten(error.output), kept, advice),
    error,
  );
}
