import type { PanelQuestion } from "../../ui/panel/protocol";
import { el, icon, Keyed, setText } from "../dom";
import type { Host } from "../host";
import type { Words } from "../words";

/** What waits for a person, above everything else. Texts are shown as they came: a person decides by them. */
export class Questions {
  readonly node: HTMLElement;
  readonly #words: Words;
  readonly #host: Host;
  readonly #title = el("h2", { class: "heading", id: "questions-title" });
  readonly #list = el("div", { class: "list" });
  readonly #shown: Keyed<PanelQuestion>;

  constructor(words: Words, host: Host) {
    this.#words = words;
    this.#host = host;
    this.node = el("section", { class: "questions", "aria-labelledby": "questions-title", hidden: "" });
    this.node.append(this.#title, this.#list);
    this.#shown = new Keyed<PanelQuestion>(this.#list, (question) => this.#draw(question));
    this.retell();
  }

  show(questions: readonly PanelQuestion[]): void {
    this.node.hidden = questions.length === 0;
    this.#shown.show(questions.map((question) => [question.questionId, question]));
  }

  retell(): void {
    setText(this.#title, this.#words.say("Waiting for you"));
  }

  #draw({ questionId, text, command, options }: PanelQuestion): Element {
    const words = el("p", { class: "text", id: `question-${CSS.escape(questionId)}` }, text);
    const shown =
      command === undefined
        ? undefined
        : el("pre", { class: "command", tabindex: "0", "aria-label": text }, command);
    shown?.setAttribute("role", "group");
    const buttons = options.map(({ label, answer }, index) => {
      const button = el("vscode-button", {}, label);
      button.secondary = index > 0;
      button.addEventListener("click", () => this.#host.send({ kind: "answer", questionId, answer }));
      return button;
    });
    const answers = el("div", { class: "answers", role: "group", "aria-labelledby": words.id }, ...buttons);
    const mark = icon(command === undefined ? "question" : "shield", "mark");
    const body = el("div", { class: "body" }, words, shown, options.length === 0 ? undefined : answers);
    return el("div", { class: "question" }, mark, body);
  }
}
