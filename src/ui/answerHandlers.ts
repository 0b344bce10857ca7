import * as vscode from "vscode";
import { UserError, type WorkerActions } from "../core/actions";
import type { Answer } from "../core/ports/person";
import type { OpenQuestion } from "../core/ports/person";
import type { SessionView } from "../core/state";
import { askAnswer, askQuestion, askText } from "./askAnswer";
import { sessionCommandId, type SessionCommandId } from "./commandIds";
import { answersFor, type AnswerVerb } from "./questionModel";
import { givenDecision, givenQuestion, givenText } from "./sessionTargets";

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
        const question = await pick(session, verb, first);
        if (question === undefined) continue;
        const answer = { kind: "decision", decision: verb, guidance: undefined } as const;
        await deps.actions.answer(session.sessionId, question.questionId, answer);
      }
    };
  return {
    [sessionCommandId("approve")]: decide("approve"),
    [sessionCommandId("approveForSession")]: decide("approveForSession"),
    [sessionCommandId("deny")]: decide("deny"),
    [sessionCommandId("answer")]: async (first, second) => {
      const [session] = await deps.resolve("answer", first, second);
      const question = session && (await pick(session, "answer", first));
      if (session === undefined || question === undefined) return;
      const answer = givenAnswer(question, first) ?? (await askAnswer(question));
      if (answer !== undefined) await deps.actions.answer(session.sessionId, question.questionId, answer);
    },
    [sessionCommandId("resume")]: async (first, second) => {
      const [session] = await deps.resolve("resume", first, second);
      if (session === undefined) return;
      const title = vscode.l10n.t("Input for “{0}”", session.title);
      const text = givenText(first) ?? (await askText(title, false));
      if (text === undefined || text.trim() === "") return;
      await deps.actions.answer(session.sessionId, undefined, { kind: "input", text });
    },
  };
}

async function pick(
  session: SessionView,
  verb: AnswerVerb,
  first: unknown,
): Promise<OpenQuestion | undefined> {
  const fitting = session.questions.filter((one) => answersFor(one).includes(verb));
  const wanted = givenQuestion(first);
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
