import type { PanelHeader } from "../ui/panel/protocol";
import { el, icon, setAttribute, setText } from "./dom";
import type { Host } from "./host";
import type { Words } from "./words";

/** Characters; more is not taken by the extension. */
const mostWords = 10_000;

/** The box for words to the session. A text stays until it is known to have arrived, also over a reload of the window. */
export class Composer {
  readonly node: HTMLElement;
  readonly #words: Words;
  readonly #host: Host;
  readonly #box = el("vscode-textarea", { class: "box", rows: "2", maxlength: String(mostWords) });
  readonly #button = el("vscode-button", { class: "send" });
  readonly #label = el("span");
  readonly #hint = el("span", { class: "hint" });
  readonly #error = el("p", { class: "error", role: "alert" });
  #input: PanelHeader["input"];
  /** What is on its way. */
  #sending: string | undefined;

  constructor(words: Words, host: Host) {
    this.#words = words;
    this.#host = host;
    const mark = icon("send");
    mark.slot = "content-before";
    this.#button.append(mark, this.#label);
    const row = el("div", { class: "below" }, this.#button, this.#hint, this.#error);
    this.node = el("footer", { class: "composer", hidden: "" }, this.#box, row);
    this.#box.value = host.state.draft;
    // The element leaves its text at its edge, and lets no style in.
    void this.#box.updateComplete.then(() => (this.#box.wrappedElement.style.padding = "5px 8px"));
    this.#box.addEventListener("input", () => this.#typed());
    this.#box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.#send();
    });
    this.#button.addEventListener("click", () => this.#send());
    this.retell();
  }

  show(input: PanelHeader["input"]): void {
    this.#input = input;
    this.node.hidden = input === undefined;
    if (input === undefined) return;
    // The element draws itself anew for each word it is given.
    if (this.#box.placeholder !== input.placeholder) this.#box.placeholder = input.placeholder;
  }

  /** What was sent has arrived, or why not. */
  sent(error: string | undefined): void {
    const sent = this.#sending;
    this.#sending = undefined;
    if (error === undefined && this.#box.value === sent) {
      this.#box.value = "";
      this.#host.keep({ draft: "" });
    }
    this.#sayError(error);
    this.retell();
  }

  retell(): void {
    const keys = navigator.platform.startsWith("Mac") ? "⌘⏎" : "Ctrl+Enter";
    this.#box.label = this.#words.say("Your words to the session");
    setText(this.#label, this.#words.say(this.#sending === undefined ? "Send" : "Sending…"));
    setText(this.#hint, this.#words.say("{0} to send", keys));
    const idle = this.#sending !== undefined || this.#box.value.trim() === "";
    this.#button.disabled = idle;
    setAttribute(this.#button, "aria-disabled", idle ? "true" : undefined);
  }

  #typed(): void {
    this.#host.keep({ draft: this.#box.value });
    this.#sayError(undefined);
    this.retell();
  }

  #send(): void {
    const text = this.#box.value;
    if (this.#input === undefined || this.#sending !== undefined || text.trim() === "") return;
    this.#sending = text;
    this.#sayError(undefined);
    this.#host.send({ kind: "send", questionId: this.#input.questionId, text });
    this.retell();
  }

  #sayError(error: string | undefined): void {
    this.#error.replaceChildren(...(error === undefined ? [] : [icon("error"), error]));
    this.#box.invalid = error !== undefined;
    setAttribute(this.node, "class", error === undefined ? "composer" : "composer failed");
  }
}
