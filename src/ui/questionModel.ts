import type { OpenQuestion } from "../core/ports/person";
import type { SessionView, WorkerState } from "../core/state";
import { clip } from "../core/text";
import type { SessionVerb } from "./commandIds";
import type { L10n } from "./l10n";
import { oneLine } from "./safeText";
import { tooltipCard } from "./tooltip";
import { row, type Row } from "./treeRow";

const labelLength = 120;
/** Longer than this a text is not shown whole, so that it is not approved at a glance. */
const glance = 300;
/** What the one line of a quick pick holds in a window of usual width. */
const line = 80;

/** The verbs that answer. */
export type AnswerVerb = Extract<SessionVerb, "approve" | "approveForSession" | "deny" | "answer">;

/** How one question can be answered. */
export function answersFor(question: OpenQuestion): readonly AnswerVerb[] {
  if (question.about === "question") return ["answer", "deny"];
  return question.forSession
    ? ["answer", "approve", "approveForSession", "deny"]
    : ["answer", "approve", "deny"];
}

/** Could a person read at a glance all that they approve? */
export function isShownWhole({ what }: OpenQuestion): boolean {
  return what.length <= glance && oneLine(what) === what;
}

/** Does an input box of the editor show all of it in its one line? */
export function fitsLine(question: OpenQuestion): boolean {
  return isShownWhole(question) && question.what.length <= line;
}

/** The verbs that let something happen. */
export type ApprovingVerb = Extract<AnswerVerb, "approve" | "approveForSession">;

export function approves(verb: AnswerVerb): verb is ApprovingVerb {
  return verb === "approve" || verb === "approveForSession";
}

/** What a click on the row's own buttons does. Who is to approve more than it shows looks at all of it first. */
function rowVerbs(question: OpenQuestion): readonly AnswerVerb[] {
  const verbs = answersFor(question);
  if (question.about === "question" || isShownWhole(question)) return verbs;
  return verbs.filter((verb) => !approves(verb));
}

/** One row for each open question of a session. */
export function questionRows(session: SessionView, l10n: L10n): readonly Row[] {
  return session.questions.map((question) => {
    const what = clip(oneLine(question.what), labelLength);
    const approval = question.about !== "question";
    return row({
      id: `question:${session.sessionId}:${question.questionId}`,
      sessionId: session.sessionId,
      questionId: question.questionId,
      label: question.about === "command" ? `$ ${what}` : what,
      description: approval ? l10n.t("asks for approval") : l10n.t("asks"),
      icon: { id: approval ? "shield" : "question", color: "charts.yellow" },
      spoken: sentence(question, 300, l10n),
      tooltip: tooltipCard(heading(question, l10n), facts(question, l10n)),
      contextValue: `;${approval ? "approval" : "question"};${rowVerbs(question).join(";")};`,
      click: "answer",
    });
  });
}

/**
 * The sessions with a question that was not shown before, and all questions that are open now.
 * @param shown the open questions at the last look.
 */
export function asking(
  state: WorkerState,
  shown: ReadonlySet<string>,
): { readonly sessionIds: readonly string[]; readonly questionIds: ReadonlySet<string> } {
  const sessions = [...state.sessions.values()].filter((one) => !one.archived);
  const isNew = ({ questions }: SessionView): boolean =>
    questions.some(({ questionId }) => !shown.has(questionId));
  return {
    sessionIds: sessions.filter(isNew).map((one) => one.sessionId),
    questionIds: new Set(sessions.flatMap((one) => one.questions.map(({ questionId }) => questionId))),
  };
}

/** What is asked, as one line of plain text. */
export function sentence(question: OpenQuestion, most: number, l10n: L10n): string {
  const what = clip(oneLine(question.what), most);
  const where = question.where === undefined ? undefined : clip(oneLine(question.where), 100);
  const asked = where === undefined ? wish(question, what, l10n) : wishIn(question, what, where, l10n);
  if (question.why === undefined) return asked;
  return l10n.t("{0} · Why: {1}", asked, clip(oneLine(question.why), most));
}

function wish({ about }: OpenQuestion, what: string, l10n: L10n): string {
  switch (about) {
    case "command":
      return l10n.t("wants to run: {0}", what);
    case "fileChange":
      return l10n.t("wants to change: {0}", what);
    case "permission":
      return l10n.t("wants more permissions: {0}", what);
    case "question":
      return l10n.t("asks: {0}", what);
  }
}

function wishIn({ about }: OpenQuestion, what: string, where: string, l10n: L10n): string {
  switch (about) {
    case "command":
      return l10n.t("wants to run in {0}: {1}", where, what);
    case "fileChange":
      return l10n.t("wants to change in {0}: {1}", where, what);
    case "permission":
      return l10n.t("wants more permissions in {0}: {1}", where, what);
    case "question":
      return l10n.t("asks: {0}", what);
  }
}

/** The title of what answers it. */
export function heading({ about }: OpenQuestion, l10n: L10n): string {
  switch (about) {
    case "command":
      return l10n.t("Run this command?");
    case "fileChange":
      return l10n.t("Change these files?");
    case "permission":
      return l10n.t("Give these permissions?");
    case "question":
      return l10n.t("A question");
  }
}

function facts(question: OpenQuestion, l10n: L10n): readonly { name: string; value: string | undefined }[] {
  return [
    { name: l10n.t("What"), value: clip(oneLine(question.what), 1000) },
    { name: l10n.t("Where"), value: question.where },
    { name: l10n.t("Why"), value: question.why },
    { name: l10n.t("Options"), value: question.parts.flatMap((part) => part.options).join(", ") },
  ];
}
