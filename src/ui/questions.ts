import * as vscode from "vscode";
import { UserError } from "../core/actions";
import type { SessionView } from "../core/state";
import type { Clock } from "../base/clock";
import { messages } from "./messages";
import { escapeIcons } from "./safeText";
import { sessionDescription } from "./sessionDescription";

/** A thing to choose by its name. */
export interface Choice {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
}

const maxReasonLength = 500;

/** Which workspace? Undefined when the person turned away. */
export async function askWorkspace(workspaces: readonly Choice[]): Promise<string | undefined> {
  return choose(workspaces, vscode.l10n.t("Workspace that this folder works for"));
}

/** Which agent? Undefined when the person turned away. */
export async function askAgent(agents: readonly Choice[]): Promise<string | undefined> {
  return choose(agents, vscode.l10n.t("Agent whose sessions this folder works on"));
}

/** The client id of the workspace's OAuth app; undefined when the person turned away. */
export async function askClientId(): Promise<string | undefined> {
  const answer = await vscode.window.showInputBox({
    title: vscode.l10n.t("Sign In to One Horizon"),
    prompt: vscode.l10n.t("Client ID of your workspace's OAuth app. Its administrators know it."),
    ignoreFocusOut: true,
    validateInput: (value) =>
      /^[\x21-\x7e]{1,256}$/.test(value.trim()) ? undefined : vscode.l10n.t("A client ID has no spaces."),
  });
  return answer?.trim();
}

/**
 * The address the browser ended at, where its way back to the editor is barred; undefined when the person turned away.
 * @param problem what was wrong with the one pasted before.
 * @param signal closes the question, for example because the callback came after all.
 */
export async function askPastedCallback(
  problem: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const closing = new vscode.CancellationTokenSource();
  const close = (): void => closing.cancel();
  if (signal.aborted) close();
  signal.addEventListener("abort", close, { once: true });
  try {
    const answer = await vscode.window.showInputBox(
      {
        title: vscode.l10n.t("Finish Signing In"),
        prompt: problem ?? vscode.l10n.t("Paste the address that the browser shows after you signed in."),
        placeHolder: "http://localhost:…/oauth/callback?code=…",
        ignoreFocusOut: true,
        validateInput: (value) =>
          URL.canParse(value.trim()) ? undefined : vscode.l10n.t("This is not a whole address."),
      },
      closing.token,
    );
    return answer?.trim();
  } finally {
    signal.removeEventListener("abort", close);
    closing.dispose();
  }
}

/** Why sessions are marked failed; undefined when the person turned away. */
export async function askFailReason(sessions: readonly SessionView[]): Promise<string | undefined> {
  const [only] = sessions;
  const answer = await vscode.window.showInputBox({
    title:
      sessions.length === 1 && only !== undefined
        ? vscode.l10n.t("Stop “{0}” and Mark It Failed", only.title)
        : vscode.l10n.t("Stop {0} Sessions and Mark Them Failed", sessions.length),
    prompt: vscode.l10n.t("The reason, which One Horizon shows. The worktree and its branch are kept."),
    ignoreFocusOut: true,
    validateInput: (value) => {
      if (value.trim() === "") return vscode.l10n.t("Give a reason.");
      return value.length > maxReasonLength
        ? vscode.l10n.t("At most {0} characters.", maxReasonLength)
        : undefined;
    },
  });
  return answer?.trim();
}

/** One question for a destructive command on several sessions. */
export async function askReleaseAll(count: number): Promise<boolean> {
  const yes = vscode.l10n.t("Release {0} sessions", count);
  const picked = await vscode.window.showQuickPick(
    [
      { label: yes, detail: vscode.l10n.t("They go back to the queue. Their worktrees are kept.") },
      { label: vscode.l10n.t("Keep them") },
    ],
    { title: yes, placeHolder: vscode.l10n.t("Running work stops.") },
  );
  return picked?.label === yes;
}

/** One question before sessions go out of sight. */
export async function askArchive(sessions: readonly SessionView[]): Promise<boolean> {
  const [only] = sessions.length === 1 ? sessions : [];
  const yes =
    only === undefined
      ? vscode.l10n.t("Hide {0} sessions", sessions.length)
      : vscode.l10n.t("Hide “{0}”", escapeIcons(only.title));
  const [detail, no] =
    only === undefined
      ? [
          vscode.l10n.t("Their worktrees are kept. A filter by Hidden shows them."),
          vscode.l10n.t("Keep them"),
        ]
      : [vscode.l10n.t("Its worktree is kept. A filter by Hidden shows it."), vscode.l10n.t("Keep it")];
  const picked = await vscode.window.showQuickPick([{ label: yes, detail }, { label: no }], { title: yes });
  return picked?.label === yes;
}

/** Which of these sessions? The only one is taken without asking. Undefined when the person turned away. */
export async function askSession(
  sessions: readonly SessionView[],
  clock: Pick<Clock, "now">,
): Promise<SessionView | undefined> {
  if (sessions.length <= 1) return sessions[0];
  const items = sessions.map((session) => ({
    label: escapeIcons(session.title),
    description: escapeIcons(sessionDescription(session, clock.now(), vscode.l10n)),
    session,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t("Which session?"),
    matchOnDescription: true,
  });
  return picked?.session;
}

async function choose(choices: readonly Choice[], title: string): Promise<string | undefined> {
  const items = choices.map((choice) => ({
    label: escapeIcons(choice.name),
    id: choice.id,
    ...(choice.description === undefined ? {} : { description: escapeIcons(choice.description) }),
  }));
  const picked = await vscode.window.showQuickPick(items, { title, ignoreFocusOut: true });
  return picked?.id;
}

/** May running sessions be released? Asked once, whatever their number. */
export async function askReleaseRunning(count: number): Promise<boolean> {
  const release = vscode.l10n.t("Release");
  const text =
    count === 1
      ? vscode.l10n.t("1 session is running here. This releases it; its worktree is kept.")
      : vscode.l10n.t("{0} sessions are running here. This releases them; their worktrees are kept.", count);
  return (await messages.warning(text, release, vscode.l10n.t("Keep them"))) === release;
}

/** May running sessions end, as signing out and stopping the sandbox end them? Asked once, whatever their number. */
export async function askEndRunning(what: "signOut" | "stopSandbox", count: number): Promise<boolean> {
  const [title, yes] =
    what === "signOut"
      ? [vscode.l10n.t("Sign out of One Horizon?"), vscode.l10n.t("Sign Out")]
      : [vscode.l10n.t("Stop the sandbox platform?"), vscode.l10n.t("Stop Sandbox")];
  const running =
    count === 1 ? vscode.l10n.t("1 session is running.") : vscode.l10n.t("{0} sessions are running.", count);
  const picked = await vscode.window.showQuickPick(
    [
      { label: yes, detail: endingDetail(what, count) },
      { label: vscode.l10n.t("Keep running"), detail: vscode.l10n.t("Nothing is changed.") },
    ],
    { title, placeHolder: running, ignoreFocusOut: true },
  );
  return picked?.label === yes;
}

function endingDetail(what: "signOut" | "stopSandbox", count: number): string {
  if (what === "stopSandbox") {
    return count === 1
      ? vscode.l10n.t(
          "Its work stops and it goes back to the sandbox's queue. Its worktree and branch are kept.",
        )
      : vscode.l10n.t(
          "Their work stops and they go back to the sandbox's queue. Their worktrees and branches are kept.",
        );
  }
  return count === 1
    ? vscode.l10n.t("Its work stops and it goes back to the queue. Its worktree and branch are kept.")
    : vscode.l10n.t("Their work stops and they go back to the queue. Their worktrees and branches are kept.");
}

/** Runs a sign-in while a notification offers to give it up. */
export async function whileSigningIn(task: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: vscode.l10n.t("Waiting for the browser to sign in…"),
    cancellable: true,
  };
  await vscode.window.withProgress(options, async (_progress, token) => {
    const abort = new AbortController();
    const listening = token.onCancellationRequested(() =>
      abort.abort(new UserError(vscode.l10n.t("The sign-in was given up. Nothing was changed."))),
    );
    try {
      await task(abort.signal);
    } finally {
      listening.dispose();
    }
  });
}
