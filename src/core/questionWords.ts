import type { Answer, Question } from "./ports/person";
import { clip, code, firstLine } from "./text";

/** What the platform shows of an input request, characters (contract). */
const requestChars = 10_000;

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
  /** What was answered. */
  readonly answer: string;
  /** What the session's log says of it: the question too. */
  readonly report: string;
}

export function wordsOf(question: Question, answer: Answer, by: AnsweredBy): AnswerWords {
  const place = by === "editor" ? "in the editor" : "on One Horizon";
  if (question.about !== "question") {
    const word = answer.kind === "decision" ? deciding[answer.decision] : deciding.deny;
    const guidance = answer.kind === "decision" ? (answer.guidance ?? "") : answer.texts.join("\n");
    return {
      answer: [`${word} ${place}`, ...(guidance === "" ? [] : [clip(guidance, 2000)])].join("\n"),
      report: `${word} ${place}: to ${wish(question)}`,
    };
  }
  const asked = firstLine(question.what, 500);
  if (answer.kind === "decision") {
    return { answer: `Not answered ${place}`, report: `Not answered ${place}: ${asked}` };
  }
  const secret = question.parts.some((part) => part.secret);
  const said = secret ? "The answer is not told." : clip(answer.texts.join("\n"), 2000);
  return { answer: said, report: `Answered ${place}: ${asked}\n${said}` };
}
