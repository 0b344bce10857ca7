import { say } from "../base/words";
import type { Answer, Decision, Question } from "./ports/person";
import { clip, code, firstLine } from "./text";

/** What the platform shows of an input request, characters (contract). */
const requestChars = 10_000;
/** What is told of an answer, characters. */
const answerChars = 2000;

/** The question as the platform's user reads it. */
export function inputRequestOf(question: Question): string {
  if (question.about === "question") {
    const parts = question.parts.map((part) =>
      [part.text, ...part.options.map((option) => `- ${option}`)].join("\n"),
    );
    return clip(parts.join("\n\n"), requestChars);
  }
  const why = question.why === undefined ? "" : `\nWhy: ${question.why}`;
  // A text of the platform is untrusted: it can hold work back, and never allow more.
  return clip(
    `May it ${wish(question)}?${why}\n\nIt can be approved in the editor only. What is answered here denies it and is passed on to the model.`,
    requestChars,
  );
}

function wish({ about, what, where }: Question): string {
  const place = where === undefined ? "" : ` in ${code(clip(where, 300))}`;
  const thing = code(clip(what, 2000));
  switch (about) {
    case "command":
      return `run ${thing}${place}`;
    case "fileChange":
      return `change ${thing}${place}`;
    case "permission":
      return `have more permissions (${thing})${place}`;
    case "question":
      return what;
  }
}

/** What a free text answers: a question itself, and an approval with no. */
export function answerOf(question: Question, text: string): Answer {
  return question.about === "question"
    ? { kind: "texts", texts: [text] }
    : { kind: "decision", decision: "deny", guidance: text };
}

/** Where an answer came from. */
export type AnsweredBy = "editor" | "platform";

const deciding = {
  approve: "Approved",
  approveForSession: "Approved for the whole session",
  deny: "Denied",
  cancel: "Cancelled",
} as const;

/** An answer in words, none of which are secret. */
export interface AnswerWords {
  /** What was answered, for the person in front of this editor. */
  readonly answer: string;
  /** What the session's log says of it: the question too. */
  readonly report: string;
}

export function wordsOf(question: Question, answer: Answer, by: AnsweredBy): AnswerWords {
  return question.about === "question"
    ? replyWords(question, answer, by)
    : decisionWords(question, answer, by);
}

function decisionWords(question: Question, answer: Answer, by: AnsweredBy): AnswerWords {
  const decides = answer.kind === "decision";
  const decision = decides ? answer.decision : "deny";
  const guidance = decides ? (answer.guidance ?? "") : answer.texts.join("\n");
  const decided = decidedText(decision, by);
  return {
    answer: guidance === "" ? decided : `${decided}\n${clip(guidance, answerChars)}`,
    report: `${deciding[decision]} ${placeOf(by)}: to ${wish(question)}`,
  };
}

function replyWords(question: Question, answer: Answer, by: AnsweredBy): AnswerWords {
  const asked = firstLine(question.what, 500);
  if (answer.kind === "decision") {
    const none = by === "editor" ? say("Not answered in the editor") : say("Not answered on One Horizon");
    return { answer: none, report: `Not answered ${placeOf(by)}: ${asked}` };
  }
  const report = (said: string): string => `Answered ${placeOf(by)}: ${asked}\n${said}`;
  if (question.parts.some((part) => part.secret)) {
    return { answer: say("The answer is not told."), report: report("The answer is not told.") };
  }
  const said = clip(answer.texts.join("\n"), answerChars);
  return { answer: said, report: report(said) };
}

function placeOf(by: AnsweredBy): string {
  return by === "editor" ? "in the editor" : "on One Horizon";
}

function decidedText(decision: Decision, by: AnsweredBy): string {
  // A text of the platform approves nothing.
  if (by === "platform") return say("Denied on One Horizon");
  switch (decision) {
    case "approve":
      return say("Approved in the editor");
    case "approveForSession":
      return say("Approved in the editor for the whole session");
    case "deny":
      return say("Denied in the editor");
    case "cancel":
      return say("Cancelled in the editor");
  }
}
