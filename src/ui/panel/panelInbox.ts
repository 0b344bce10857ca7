import type { Log } from "../../base/log";
import { UserError, type WorkerActions } from "../../core/actions";
import type { OpenQuestion } from "../../core/ports/person";
import type { SessionView } from "../../core/state";
import type { SessionVerb } from "../commandIds";
import { errorText } from "../errorText";
import type { L10n } from "../l10n";
import { answersFor } from "../questionModel";
import { isPossible } from "../sessionAbilities";
import type { StateSource } from "../stateSource";
import { isPanelVerb } from "./panelButtons";
import { takesWords } from "./panelQuestions";
import { isWebLink } from "./panelText";
import type { FromPanel, PanelAnswer, ToPanel } from "./protocol";
import { parseFromPanel } from "./webviewDoor";

export interface InboxDeps {
  readonly source: StateSource;
  readonly actions: Pick<WorkerActions, "answer">;
  readonly log: Log;
  readonly l10n: L10n;
  /** Runs a session's command, which tells the person itself what it could not do. */
  readonly run: (verb: SessionVerb, given: Readonly<Record<string, string>>) => Promise<void>;
  /** Opens the diff of a file that the session changed; rejects where it changed no such file. */
  readonly openFile: (session: SessionView, path: string) => Promise<void>;
  readonly openLink: (url: string) => Promise<unknown>;
  readonly copy: (text: string) => Promise<unknown>;
  readonly reply: (message: ToPanel) => void;
  readonly onReady: () => void;
}

/**
 * What the page of one session's panel asks for. The page shows what strangers wrote, so nothing is done that is not
 * possible with this very session now, and no address or file is opened that is not one of its own.
 */
export class PanelInbox {
  readonly #deps: InboxDeps;
  readonly #sessionId: string;

  constructor(deps: InboxDeps, sessionId: string) {
    this.#deps = deps;
    this.#sessionId = sessionId;
  }

  /** Rejects with UserError where the person should know that it was not done. */
  async take(value: unknown): Promise<void> {
    const message = parseFromPanel(value);
    if (message === undefined) {
      this.#drop("a message that is not understood");
      return;
    }
    await this.#act(message);
  }

  async #act(message: FromPanel): Promise<void> {
    const { onReady, openLink, openFile, copy } = this.#deps;
    switch (message.kind) {
      case "ready":
        onReady();
        return;
      case "copy":
        await copy(message.text);
        return;
      case "openLink":
        if (isWebLink(message.url)) await openLink(message.url);
        else this.#drop("an address that is none of the web");
        return;
      case "openFile":
        await openFile(this.#session(), message.path);
        return;
      case "verb":
        await this.#run(message.verb);
        return;
      case "answer":
        await this.#answer(message.questionId, message.answer);
        return;
      case "send":
        await this.#send(message.questionId, message.text);
    }
  }

  async #run(verb: SessionVerb): Promise<void> {
    const { source, run } = this.#deps;
    const session = this.#session();
    if (!isPanelVerb(verb) || !isPossible(verb, session, source.state)) {
      this.#drop(`the verb ${verb}, which is not possible`);
      return;
    }
    await run(verb, { sessionId: session.sessionId });
  }

  async #answer(questionId: string, answer: PanelAnswer): Promise<void> {
    const { sessionId } = this.#session();
    const question = this.#question(questionId);
    if (answer.kind === "verb") {
      if (answersFor(question).includes(answer.verb)) {
        await this.#deps.run(answer.verb, { sessionId, questionId });
      } else {
        this.#drop(`the answer ${answer.verb}, which the question does not take`);
      }
      return;
    }
    const offered = question.parts.flatMap((part) => part.options);
    if (takesWords(question) && offered.includes(answer.text)) {
      await this.#deps.run("answer", { sessionId, questionId, text: answer.text });
    } else {
      this.#drop("an answer that the question does not offer");
    }
  }

  /** The page keeps the text until it hears that it has arrived. */
  async #send(questionId: string, text: string): Promise<void> {
    const { actions, reply, l10n } = this.#deps;
    try {
      if (text.trim() === "") throw new UserError(l10n.t("Write an answer."));
      const question = this.#question(questionId);
      if (question.about === "question" && !takesWords(question)) {
        throw new UserError(l10n.t("Answer this question with its button. Nothing was sent."));
      }
      await actions.answer(this.#sessionId, questionId, { kind: "input", text: text.trim() });
      reply({ kind: "sent", error: undefined });
    } catch (error) {
      reply({ kind: "sent", error: errorText(error, l10n).message });
    }
  }

  #session(): SessionView {
    const session = this.#deps.source.state.sessions.get(this.#sessionId);
    if (session !== undefined) return session;
    throw new UserError(this.#deps.l10n.t("This session is not in the list any more."));
  }

  #question(questionId: string): OpenQuestion {
    const found = this.#session().questions.find((one) => one.questionId === questionId);
    if (found !== undefined) return found;
    throw new UserError(
      this.#deps.l10n.t("This was answered already, or it is not asked any more. Nothing was changed."),
    );
  }

  #drop(what: string): void {
    this.#deps.log.warn("a panel asked for something that was not done", {
      sessionId: this.#sessionId,
      what,
    });
  }
}
