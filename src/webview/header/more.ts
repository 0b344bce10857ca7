import type { PanelButton } from "../../ui/panel/protocol";
import { el, icon, Keyed, setAttribute } from "../dom";
import type { Words } from "../words";

/** The rest of what can be done, behind a button that opens and closes it. */
export class MoreActions {
  readonly node = el("div", { class: "more" });
  readonly #words: Words;
  readonly #toggle = el("button", { class: "icon-button", type: "button", "aria-expanded": "false" });
  readonly #list = el("div", { class: "menu", role: "group", hidden: "" });
  readonly #items: Keyed<PanelButton>;

  constructor(words: Words, run: (verb: PanelButton["verb"]) => void) {
    this.#words = words;
    this.#toggle.append(icon("ellipsis"));
    this.node.append(this.#toggle, this.#list);
    this.#items = new Keyed<PanelButton>(this.#list, ({ verb, label, icon: name }) => {
      const item = el("button", { class: "item", type: "button", "data-verb": verb }, icon(name), label);
      item.addEventListener("click", () => {
        this.#open(false);
        run(verb);
      });
      return item;
    });
    this.#toggle.addEventListener("click", () => this.#open(this.#list.hidden !== false));
    this.node.addEventListener("keydown", (event) => this.#key(event));
    this.node.addEventListener("focusout", ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node) || !this.node.contains(relatedTarget)) this.#open(false);
    });
  }

  show(buttons: readonly PanelButton[]): void {
    this.node.hidden = buttons.length === 0;
    this.#items.show(buttons.map((button) => [button.verb, button]));
  }

  retell(): void {
    const name = this.#words.say("More actions");
    for (const node of [this.#toggle, this.#list]) setAttribute(node, "aria-label", name);
    setAttribute(this.#toggle, "title", name);
  }

  #open(open: boolean): void {
    this.#list.hidden = !open;
    setAttribute(this.#toggle, "aria-expanded", String(open));
  }

  #key(event: KeyboardEvent): void {
    if (event.key === "Escape" && !this.#list.hidden) {
      this.#open(false);
      this.#toggle.focus();
      return;
    }
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    this.#open(true);
    const items = [...this.#list.querySelectorAll<HTMLElement>(".item")];
    const at = items.findIndex((item) => item === document.activeElement);
    items.at((at + step + items.length) % items.length)?.focus();
  }
}
