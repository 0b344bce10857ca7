import type { WorkerState } from "../core/state";
import type { L10n } from "./l10n";
import type { MenuEntry, MenuDeed } from "./menuEntry";

type Command = Extract<MenuDeed, { kind: "run" }>["command"];

/** What can be asked of the worker as a whole, the likeliest first. */
export function workerEntries(
  { phase }: Pick<WorkerState, "phase">,
  sandbox: boolean,
  l10n: L10n,
): readonly MenuEntry[] {
  const entry = entriesOf(sandbox, l10n);
  const running = [entry.stop, entry.restart, entry.configure, entry.signOut];
  const left = sandbox ? [entry.sandbox] : [];
  switch (phase.kind) {
    case "signedOut":
      return [entry.signIn, entry.sandbox];
    case "notConfigured":
      return [entry.configure, entry.signOut, entry.sandbox];
    case "rejected":
    case "stopped":
      return [entry.start, entry.configure, entry.signOut, entry.sandbox];
    case "untrusted":
      return [entry.trust];
    case "noRepository":
      return [entry.openFolder];
    case "otherWindow": {
      const { owner } = phase;
      return owner === undefined
        ? [entry.stop, entry.signOut]
        : workerEntries({ phase: owner }, sandbox, l10n);
    }
    case "starting":
      return [entry.stop, entry.signOut, ...left];
    case "stopping":
      return [entry.signOut, ...left];
    case "online":
      return [entry.pause, ...running, ...left];
    case "paused":
      return [entry.resume, ...running, ...left];
  }
}

function entriesOf(sandbox: boolean, l10n: L10n) {
  const entry = (command: Command, icon: string, label: string, detail?: string): MenuEntry => ({
    icon,
    label,
    detail,
    does: { kind: "run", command },
  });
  return {
    signIn: entry("oneHorizon.auth.signIn", "account", l10n.t("Sign in")),
    signOut: entry(
      "oneHorizon.auth.signOut",
      "sign-out",
      l10n.t("Sign out"),
      l10n.t("Releases what runs and forgets the sign-in on this machine"),
    ),
    configure: entry(
      "oneHorizon.worker.configure",
      "gear",
      l10n.t("Configure worker"),
      l10n.t("Choose the workspace and the agent that this folder works for"),
    ),
    start: entry("oneHorizon.worker.start", "play", l10n.t("Start worker")),
    stop: entry(
      "oneHorizon.worker.stop",
      "debug-stop",
      l10n.t("Stop worker"),
      l10n.t("Running turns finish first; it stays stopped until you start it"),
    ),
    restart: entry(
      "oneHorizon.worker.restart",
      "debug-restart",
      l10n.t("Restart worker"),
      l10n.t("Running turns finish first; claims are kept"),
    ),
    pause: entry(
      "oneHorizon.worker.pause",
      "debug-pause",
      l10n.t("Pause worker"),
      l10n.t("Claims nothing new; what runs goes on"),
    ),
    resume: entry(
      "oneHorizon.worker.resume",
      "play",
      l10n.t("Resume worker"),
      l10n.t("Claims sessions again"),
    ),
    sandbox: sandbox
      ? entry(
          "oneHorizon.sandbox.stop",
          "beaker",
          l10n.t("Stop the sandbox platform"),
          l10n.t("Back to the platform of your settings"),
        )
      : entry(
          "oneHorizon.sandbox.start",
          "beaker",
          l10n.t("Try the sandbox platform"),
          l10n.t("A platform on this machine, without an account"),
        ),
    trust: entry("workbench.trust.manage", "shield", l10n.t("Manage workspace trust")),
    openFolder: entry("workbench.action.files.openFolder", "folder-opened", l10n.t("Open a folder")),
  };
}
