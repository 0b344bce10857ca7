import type { OpenQuestion } from "../../core/ports/person";
import type { SessionView } from "../../core/state";
import type { L10n } from "../l10n";
import { answersFor, heading } from "../questionModel";
import { joined } from "../sessionDescription";
import { verbatim } from "./panelText";
import type { PanelHeader, PanelQuestion } from "./protocol";

/** What the session asks, each with the answers that are one click. */
export function panelQuestions(session: SessionView, l10n: L10n): readonly PanelQuestion[] {
  return session.questions.map((question) => ({
    questionId: question.questionId,
    text: question.about === "question" ? verbatim(question.what) : aboutApproval(question, l10n),
    command: question.about === "question" ? undefined : verbatim(question.what),
    options: question.about === "question" ? answers(question, l10n) : decisions(question, l10n),
  }));
}

/** The box, where words answer: always the question that was asked first. */
export function panelInput(session: SessionView, l10n: L10n): PanelHeader["input"] {
  const [first] = session.questions;
  if (first === undefined) return undefined;
  const { questionId } = first;
  if (first.about !== "question") {
    return { questionId, placeholder: l10n.t("Deny it, and say what to do instead…") };
  }
  // A box shows what is typed, and takes one text.
  if (!takesWords(first)) return undefined;
  return {
    questionId,
    placeholder:
      session.questions.length === 1 ? l10n.t("Your answer…") : l10n.t("Your answer to the first question…"),
  };
}

/** Can one text, typed in the open, answer the question whole? */
export function takesWords({ parts }: OpenQuestion): boolean {
  return parts.length <= 1 && parts.every((part) => !part.secret);
}

function aboutApproval(question: OpenQuestion, l10n: L10n): string {
  const where = question.where === undefined ? undefined : l10n.t("In: {0}", verbatim(question.where));
  const why = question.why === undefined ? undefined : l10n.t("Why: {0}", verbatim(question.why));
  return joined([heading(question, l10n), where, why], "\n");
}

function decisions(question: OpenQuestion, l10n: L10n): PanelQuestion["options"] {
  const label = {
    approve: l10n.t("Approve"),
    approveForSession: l10n.t("Approve for Session"),
    deny: l10n.t("Deny"),
  };
  const verbs = answersFor(question);
  return (["approve", "approveForSession", "deny"] as const)
    .filter((verb) => verbs.includes(verb))
    .map((verb) => ({ label: label[verb], answer: { kind: "verb", verb } }));
}

function answers(question: OpenQuestion, l10n: L10n): PanelQuestion["options"] {
  const deny = { label: l10n.t("Do Not Answer"), answer: { kind: "verb", verb: "deny" } } as const;
  const ask = { label: l10n.t("Answer…"), answer: { kind: "verb", verb: "answer" } } as const;
  if (!takesWords(question)) return [ask, deny];
  const options = question.parts.flatMap((part) => part.options);
  return [
    ...options.map((text) => ({ label: verbatim(text), answer: { kind: "option", text } }) as const),
    deny,
  ];
}
