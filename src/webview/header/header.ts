import type { PanelButton, PanelFact, PanelHeader } from "../../ui/panel/protocol";
import { colorVariable, el, icon, Keyed, setAttribute, setText } from "../dom";
import type { Host } from "../host";
import { tame, tameLine } from "../text/tame";
import type { Words } from "../words";
import { MoreActions } from "./more";

/** State, title, what can be done, and the facts in one line. */
export class Header {
  readonly node: HTMLElement;
  readonly #words: Words;
  readonly #host: Host;
  readonly #icon = el("span", { class: "state-icon" });
  readonly #title = el("h1", { class: "title" });
  readonly #state = el("span", { class: "state" });
  readonly #detail = el("p", { class: "detail", hidden: "" });
  readonly #actions = el("div", { class: "actions", role: "group" });
  readonly #best = el("div", { class: "best" });
  readonly #facts = el("ul", { class: "facts" });
  readonly #shownButtons: Keyed<PanelButton>;
  readonly #shownFacts: Keyed<FactLook>;
  readonly #factValues = new Map<string, HTMLElement>();
  readonly #more: MoreActions;
  #look = "";

  constructor(words: Words, host: Host) {
    this.#words = words;
    this.#host = host;
    this.#more = new MoreActions(words, (verb) => host.send({ kind: "verb", verb }));
    this.#actions.append(this.#best, this.#more.node);
    this.#shownButtons = new Keyed<PanelButton>(this.#best, (button) => this.#button(button));
    this.#shownFacts = new Keyed<FactLook>(this.#facts, (fact) => this.#fact(fact));
    const name = el("div", { class: "name" }, this.#icon, this.#title);
    this.node = el(
      "header",
      { class: "header" },
      el("div", { class: "bar" }, name, this.#actions),
      el("div", { class: "line" }, this.#state, this.#facts),
      this.#detail,
    );
    this.retell();
  }

  show({ title, state, facts, detail, buttons, more }: PanelHeader): void {
    setText(this.#title, tameLine(title));
    setText(this.#state, state.text);
    this.#showIcon(state);
    setText(this.#detail, tame(detail ?? ""));
    this.#detail.hidden = detail === undefined;
    this.#shownButtons.show(buttons.map((button) => [button.verb, button]));
    this.#more.show(more);
    this.#actions.hidden = buttons.length + more.length === 0;
    // The value changes each second; its look, and with it a focus on it, stays.
    this.#shownFacts.show(facts.map((fact) => [fact.label, lookOf(fact)]));
    for (const fact of facts) this.#retellFact(fact);
  }

  retell(): void {
    setAttribute(this.#actions, "aria-label", this.#words.say("Actions"));
    this.#more.retell();
  }

  #showIcon({ icon: name, color, spins }: PanelHeader["state"]): void {
    const look = JSON.stringify([name, color, spins]);
    if (look === this.#look) return;
    this.#look = look;
    const drawn = icon(name, ...(spins ? ["spin"] : []));
    drawn.style.color = colorVariable(color) ?? "";
    this.#icon.replaceChildren(drawn);
  }

  #button({ verb, label, icon: name, primary }: PanelButton): Element {
    const mark = icon(name);
    mark.slot = "content-before";
    const button = el("vscode-button", { "data-verb": verb }, mark, label);
    button.secondary = !primary;
    button.addEventListener("click", () => this.#host.send({ kind: "verb", verb }));
    return button;
  }

  #fact({ label, icon: name, copies }: FactLook): Element {
    const value = el("span", { class: "value" });
    this.#factValues.set(label, value);
    const inside = [icon(name), el("span", { class: "unseen" }, `${label}: `), value];
    if (copies === undefined) return el("li", {}, el("span", { class: "fact" }, ...inside));
    const button = el("button", { class: "fact copies", type: "button" }, ...inside);
    button.addEventListener("click", () => this.#host.send({ kind: "copy", text: copies }));
    return el("li", {}, button);
  }

  #retellFact({ label, value, tooltip }: PanelFact): void {
    const node = this.#factValues.get(label);
    if (node === undefined) return;
    setText(node, tameLine(value));
    const said = tooltip === "" ? label : `${label}: ${tooltip}`;
    if (node.parentElement !== null) setAttribute(node.parentElement, "title", tameLine(said));
  }
}

type FactLook = Pick<PanelFact, "label" | "icon" | "copies">;

function lookOf({ label, icon: name, copies }: PanelFact): FactLook {
  return { label, icon: name, copies };
}
