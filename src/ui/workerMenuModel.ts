import type { WorkerState } from "../core/state";
import { sessionCommandId, type CommandId, type InternalCommandId } from "./commandIds";
import { isPossible } from "./sessionAbilities";
import type { L10n } from "./l10n";
import { visibleSessions } from "./sessionTreeModel";

/** A line of the worker's menu. */
export interface MenuEntry {
  readonly command: CommandId | InternalCommandId;
  readonly icon: string;
  readonly label: string;
}

/** Everything the worker can do now, the likeliest first. */
export function workerMenu(
  state: WorkerState,
  now: number,
  sandbox: boolean,
  l10n: L10n,
): readonly MenuEntry[] {
  return [
    ...workerEntries(state, sandbox, l10n),
    ...sessionEntries(state, now, l10n),
    ...alwaysEntries(l10n),
  ];
}

function workerEntries(
  state: Pick<WorkerState, "phase">,
  sandbox: boolean,
  l10n: L10n,
): readonly MenuEntry[] {
  const start: MenuEntry = {
    command: "oneHorizon.worker.start",
    icon: "play",
    label: l10n.t("Start worker"),
  };
  const stop: MenuEntry = {
    command: "oneHorizon.worker.stop",
    icon: "debug-stop",
    label: l10n.t("Stop worker"),
  };
  const restart: MenuEntry = {
    command: "oneHorizon.worker.restart",
    icon: "debug-restart",
    label: l10n.t("Restart worker"),
  };
  const configure: MenuEntry = {
    command: "oneHorizon.worker.configure",
    icon: "gear",
    label: l10n.t("Configure worker"),
  };
  const signIn: MenuEntry = { command: "oneHorizon.auth.signIn", icon: "account", label: l10n.t("Sign in") };
  const signOut: MenuEntry = {
    command: "oneHorizon.auth.signOut",
    icon: "sign-out",
    label: l10n.t("Sign out"),
  };
  const sandboxEntry: MenuEntry = sandbox
    ? { command: "oneHorizon.sandbox.stop", icon: "beaker", label: l10n.t("Stop the sandbox platform") }
    : { command: "oneHorizon.sandbox.start", icon: "beaker", label: l10n.t("Try the sandbox platform") };
  const running = [stop, restart, configure, signOut, ...(sandbox ? [sandboxEntry] : [])];
  switch (state.phase.kind) {
    case "signedOut":
      return [signIn, sandboxEntry];
    case "notConfigured":
      return [configure, signOut, sandboxEntry];
    case "rejected":
      return [start, configure, signOut, sandboxEntry];
    case "untrusted":
    case "noRepository":
      return [];
    case "otherWindow": {
      const { owner } = state.phase;
      return owner === undefined ? [stop, signOut] : workerEntries({ phase: owner }, sandbox, l10n);
    }
    case "stopped":
      return [start, configure, signOut, sandboxEntry];
    case "starting":
      return [stop, signOut];
    case "stopping":
      return [signOut];
    case "online":
      return [
        { command: "oneHorizon.worker.pause", icon: "debug-pause", label: l10n.t("Pause worker") },
        ...running,
      ];
    case "paused":
      return [
        { command: "oneHorizon.worker.resume", icon: "play", label: l10n.t("Resume worker") },
        ...running,
      ];
  }
}

function sessionEntries(state: WorkerState, now: number, l10n: L10n): readonly MenuEntry[] {
  const sessions = visibleSessions(state, now);
  const offered = [
    { verb: "claim", icon: "play", label: l10n.t("Claim a session") },
    { verb: "release", icon: "debug-disconnect", label: l10n.t("Release a session") },
    { verb: "showChanges", icon: "diff-multiple", label: l10n.t("Show a session's changes") },
  ] as const;
  return offered
    .filter(({ verb }) => sessions.some((session) => isPossible(verb, session, state)))
    .map(({ verb, icon, label }) => ({ command: sessionCommandId(verb), icon, label }));
}

function alwaysEntries(l10n: L10n): readonly MenuEntry[] {
  return [
    { command: "oneHorizon.internal.openPlatform", icon: "link-external", label: l10n.t("Open One Horizon") },
    { command: "oneHorizon.workflow.open", icon: "go-to-file", label: l10n.t("Open WORKFLOW.md") },
    { command: "oneHorizon.internal.showLog", icon: "output", label: l10n.t("Show log") },
  ];
}
