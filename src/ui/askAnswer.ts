import * as vscode from "vscode";
import type { Answer, Decision } from "../core/ports/person";
import type { OpenQuestion } from "../core/ports/person";
import { answersFor, approves, fitsLine, heading, isShownWhole, type ApprovingVerb } from "./questionModel";
import { escapeIcons, oneLine } from "./safeText";

const maxAnswer = 10_000;

/** Asks the person for the whole answer; undefined when they turned away. */
export async function askAnswer(question: OpenQuestion): Promise<Answer | undefined> {
  return question.about === "question" ? askTexts(question) : askDecision(question);
}

/** What is too long to be read in the list is shown beside it, and the person asked again. */
async function askDecision(question: OpenQuestion): Promise<Answer | undefined> {
  let shown = isShownWhole(question);
  for (;;) {
    const picked = await pickDecision(question, !shown);
    if (picked !== "show") {
      return picked === undefined ? undefined : { kind: "decision", decision: picked, guidance: undefined };
    }
    await showWhole(question);
    shown = true;
  }
}

async function pickDecision(
  question: OpenQuestion,
  offerWhole: boolean,
): Promise<Decision | "show" | undefined> {
  const label: Readonly<Record<Decision, string>> = {
    approve: vscode.l10n.t("Approve"),
    approveForSession: vscode.l10n.t("Approve for Session"),
    deny: vscode.l10n.t("Deny"),
    cancel: vscode.l10n.t("Cancel"),
  };
  const detail: Readonly<Record<Decision, string>> = {
    approve: vscode.l10n.t("This once."),
    approveForSession: vscode.l10n.t("And the same again while this session lasts."),
    deny: vscode.l10n.t("The work goes on without it."),
    cancel: vscode.l10n.t("The turn ends, and the session fails. Its worktree is kept."),
  };
  // What nobody could read yet is not approved.
  const verbs = answersFor(question).filter((verb) => !offerWhole || !approves(verb));
  const decisions = (["approve", "approveForSession", "deny", "cancel"] as const).filter(
    (one) => one === "cancel" || verbs.includes(one),
  );
  const items = decisions.map((decision) => ({ label: label[decision], detail: detail[decision], decision }));
  const show = offerWhole ? [{ label: vscode.l10n.t("Show it whole"), decision: "show" } as const] : [];
  const picked = await vscode.window.showQuickPick([...show, ...items], {
    title: heading(question, vscode.l10n),
    placeHolder: oneLine(question.what).slice(0, 300),
    ignoreFocusOut: true,
  });
  return picked?.decision;
}

/**
 * Asks once more before something is approved that the person may not have before their eyes. All of it is shown: in the
 * question where that holds it, else in an editor beside it.
 */
export async function askApproval(question: OpenQuestion, verb: ApprovingVerb): Promise<boolean> {
  if (!fitsLine(question)) await showWhole(question);
  const where = question.where === undefined ? [] : [vscode.l10n.t("In {0}.", oneLine(question.where))];
  const once = verb === "approve";
  const yes = {
    label: once ? vscode.l10n.t("Approve") : vscode.l10n.t("Approve for Session"),
    detail: [
      ...where,
      once ? vscode.l10n.t("This once.") : vscode.l10n.t("And the same again while this session lasts."),
    ].join(" "),
  };
  const no = { label: vscode.l10n.t("Not now"), detail: vscode.l10n.t("It goes on waiting.") };
  const picked = await vscode.window.showQuickPick([yes, no], {
    title: heading(question, vscode.l10n),
    placeHolder: oneLine(question.what).slice(0, 300),
    ignoreFocusOut: true,
  });
  return picked === yes;
}

/** In an editor of its own, as plain text; the focus stays with the question. */
async function showWhole(question: OpenQuestion): Promise<void> {
  const parts = [question.what, question.where, question.why].filter((part) => part !== undefined);
  const document = await vscode.workspace.openTextDocument({
    language: "plaintext",
    content: parts.join("\n\n"),
  });
  await vscode.window.showTextDocument(document, { preview: true, preserveFocus: true });
}

async function askTexts(question: OpenQuestion): Promise<Answer | undefined> {
  const texts: string[] = [];
  for (const part of question.parts) {
    const title = oneLine(part.text).slice(0, 300);
    const given = part.options.length === 0 ? undefined : await choose(title, part.options);
    if (given?.kind === "away") return undefined;
    const text = given?.kind === "option" ? given.text : await askText(title, part.secret);
    if (text === undefined) return undefined;
    texts.push(text);
  }
  return { kind: "texts", texts };
}

async function choose(
  title: string,
  options: readonly string[],
): Promise<
  { readonly kind: "option"; readonly text: string } | { readonly kind: "other" } | { readonly kind: "away" }
> {
  const items = options.map((option) => ({ label: escapeIcons(option), option }));
  const other = { label: vscode.l10n.t("Another answer…"), option: undefined };
  const picked = await vscode.window.showQuickPick([...items, other], { title, ignoreFocusOut: true });
  if (picked === undefined) return { kind: "away" };
  return picked.option === undefined ? { kind: "other" } : { kind: "option", text: picked.option };
}

/** A text for the model; undefined when the person turned away. */
export async function askText(title: string, secret: boolean): Promise<string | undefined> {
  const answer = await vscode.window.showInputBox({
    title,
    password: secret,
    ignoreFocusOut: true,
    validateInput: (value) => {
      if (value.trim() === "") return vscode.l10n.t("Write an answer.");
      return value.length > maxAnswer ? vscode.l10n.t("At most {0} characters.", maxAnswer) : undefined;
    },
  });
  return answer?.trim();
}

/** Which of several open questions? Undefined when the person turned away. */
export async function askQuestion(questions: readonly OpenQuestion[]): Promise<OpenQuestion | undefined> {
  if (questions.length <= 1) return questions[0];
  const items = questions.map((question) => ({
    label: escapeIcons(question.what).slice(0, 200),
    description: heading(question, vscode.l10n),
    question,
  }));
  const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Which question?") });
  return picked?.question;
}
