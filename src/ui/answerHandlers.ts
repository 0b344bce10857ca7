import * as vscode from "vscode";
import { UserError, type WorkerActions } from "../core/actions";
import type { Answer } from "../core/ports/person";
import type { OpenQuestion } from "../core/ports/person";
import type { SessionView } from "../core/state";
import { askAnswer, askApproval, askQuestion, askText } from "./askAnswer";
import { sessionCommandId, type SessionCommandId } from "./commandIds";
import { answersFor, approves, type AnswerVerb } from "./questionModel";
import { givenDecision, givenQuestions, givenText } from "./sessionTargets";

/** What the editor or a script passed, as any command gets it. */
type Handler = (first: unknown, second: unknown) => Promise<void>;

export interface AnswerDeps {
  readonly actions: Pick<WorkerActions, "answer">;
  /** The sessions a command is about; throws UserError where the verb is not possible. */
  readonly resolve: (
    verb: AnswerVerb | "resume",
    first: unknown,
    second: unknown,
  ) => Promise<readonly SessionView[]>;
}

type AnswerCommandId = Extract<SessionCommandId, `oneHorizon.session.${AnswerVerb | "resume"}`>;

/** The commands that answer what a session asks. A script passes `{sessionId, questionId?, decision? or text?}`. */
export function answerHandlers(deps: AnswerDeps): Readonly<Record<AnswerCommandId, Handler>> {
  const decide =
    (verb: "approve" | "approveForSession" | "deny"): Handler =>
    async (first, second) => {
      for (const session of await deps.resolve(verb, first, second)) {
        for (const questionId of await toDecide(session, verb, first, second)) {
          const answer = { kind: "decision", decision: verb, guidance: undefined } as const;
          await deps.actions.answer(session.sessionId, questionId, answer);
        }
      }
    };
  return {
    [sessionCommandId("approve")]: decide("approve"),
    [sessionCommandId("approveForSession")]: decide("approveForSession"),
    [sessionCommandId("deny")]: decide("deny"),
    [sessionCommandId("answer")]: async (first, second) => {
      const named = givenQuestions(first, second);
      // Each of a selection in turn; who turns away from one has done with all.
      for (const session of await deps.resolve("answer", first, second)) {
        const question = await pick(session, "answer", named.get(session.sessionId)?.[0]);
        if (question === undefined) return;
        const answer = givenAnswer(question, first) ?? (await askAnswer(question));
        if (answer === undefined) return;
        await deps.actions.answer(session.sessionId, question.questionId, answer);
      }
    },
    [sessionCommandId("resume")]: async (first, second) => {
      for (const session of await deps.resolve("resume", first, second)) {
        const title = vscode.l10n.t("Input for “{0}”", session.title);
        const text = givenText(first) ?? (await askText(title, false));
        if (text === undefined || text.trim() === "") return;
        await deps.actions.answer(session.sessionId, undefined, { kind: "input", text });
      }
    },
  };
}

/**
 * The questions of a session that a decision is about. A button or a row has shown what it names; what nothing has shown is
 * shown whole before it is approved.
 */
async function toDecide(
  session: SessionView,
  verb: "approve" | "approveForSession" | "deny",
  first: unknown,
  second: unknown,
): Promise<readonly string[]> {
  const named = givenQuestions(first, second).get(session.sessionId) ?? [];
  if (named.length > 0) {
    const found = await Promise.all(named.map((questionId) => pick(session, verb, questionId)));
    return found.flatMap((one) => one?.questionId ?? []);
  }
  const question = await pick(session, verb, undefined);
  if (question === undefined) return [];
  return !approves(verb) || (await askApproval(question, verb)) ? [question.questionId] : [];
}

async function pick(
  session: SessionView,
  verb: AnswerVerb,
  wanted: string | undefined,
): Promise<OpenQuestion | undefined> {
  const fitting = session.questions.filter((one) => answersFor(one).includes(verb));
  if (wanted === undefined) return await askQuestion(fitting);
  const found = fitting.find((one) => one.questionId === wanted);
  if (found !== undefined) return found;
  throw new UserError(
    vscode.l10n.t("This was answered already, or it is not asked any more. Nothing was changed."),
  );
}

function givenAnswer(question: OpenQuestion, first: unknown): Answer | undefined {
  const decision = givenDecision(first);
  if (decision !== undefined) return { kind: "decision", decision, guidance: undefined };
  const text = givenText(first);
  if (text === undefined || question.about !== "question") return undefined;
  return { kind: "texts", texts: [text] };
}
