import * as vscode from "vscode";
import { UserError, type WorkerActions } from "../core/actions";
import type { SessionView } from "../core/state";
import { targetChoices, type DelegateTarget } from "./delegateModel";
import { oneLine } from "./safeText";
import { givenPrompt, givenTarget } from "./sessionTargets";

const maxPrompt = 10_000;

export interface DelegateDeps {
  readonly actions: Pick<WorkerActions, "delegate" | "delegationTargets">;
  /** The sessions the command is about; throws UserError where it is not possible. */
  readonly resolve: (first: unknown, second: unknown) => Promise<readonly SessionView[]>;
  /** Tells what was done; nobody waits for it. */
  readonly tell: (text: string) => void;
}

/**
 * Hands work of a session on to another worker or group. A script passes
 * `{sessionId, targetWorkerId or targetGroupId, prompt}`; what it leaves out is asked.
 */
export async function delegateByHand(deps: DelegateDeps, first: unknown, second: unknown): Promise<void> {
  const given = givenTarget(first);
  if (given === "both") {
    throw new UserError(
      vscode.l10n.t(
        "Nothing was delegated: both a worker and a group were given. The session goes on as before. Give one of them.",
      ),
    );
  }
  const [session, ...others] = await deps.resolve(first, second);
  if (session === undefined) return;
  if (others.length > 0) {
    throw new UserError(
      vscode.l10n.t(
        "Nothing was delegated: several sessions are selected, and work is handed on from one. They go on as before. Select one of them.",
      ),
    );
  }
  const target = given ?? (await askTarget(deps, session));
  if (target === undefined) return;
  const prompt = givenPrompt(first) ?? (await askPrompt(session));
  if (prompt === undefined || prompt === "") return;
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t("Delegating…") },
    () => deps.actions.delegate(session.sessionId, { ...target, prompt, title: undefined }),
  );
  deps.tell(vscode.l10n.t("Work of “{0}” was delegated. “{0}” goes on.", session.title));
}

/** To whom? Undefined when the person turned away. */
async function askTarget(deps: DelegateDeps, session: SessionView): Promise<DelegateTarget | undefined> {
  const choices = deps.actions.delegationTargets().then(({ workers, ownId }) => {
    const found = targetChoices(workers, ownId, session.workflow?.nextTarget, vscode.l10n);
    if (found.length > 0) return [...found];
    throw new UserError(
      vscode.l10n.t(
        "Nothing was delegated: this workspace has no worker that work could go to. The session goes on as before. Register another worker first.",
      ),
    );
  });
  const picked = await vscode.window.showQuickPick(choices, {
    title: vscode.l10n.t("Delegate Work of “{0}”", oneLine(session.title)),
    placeHolder: vscode.l10n.t("Worker or group that gets it as a new session"),
    matchOnDescription: true,
    ignoreFocusOut: true,
  });
  // The list's own error tells more than that nothing was picked.
  await choices;
  return picked?.target;
}

/** What is to be done there? Undefined when the person turned away. */
async function askPrompt(session: SessionView): Promise<string | undefined> {
  const answer = await vscode.window.showInputBox({
    title: vscode.l10n.t("Delegate Work of “{0}”", oneLine(session.title)),
    prompt: vscode.l10n.t("What is to be done there? One Horizon makes a session of it; this one goes on."),
    ignoreFocusOut: true,
    validateInput: (value) => {
      if (value.trim() === "") return vscode.l10n.t("Say what is to be done.");
      return value.length > maxPrompt ? vscode.l10n.t("At most {0} characters.", maxPrompt) : undefined;
    },
  });
  return answer?.trim();
}
