import { el, icon, setAttribute, setText } from "./dom";

const narrow = "(max-width: 640px)";

/** A part of the side: always open where there is room, folded under its heading in a narrow panel. */
export class Foldable {
  readonly node: HTMLElement;
  readonly content: HTMLElement;
  readonly #title = el("span", { class: "label" });
  readonly #short = el("span", { class: "short" });
  readonly #toggle: HTMLButtonElement;
  readonly #media = matchMedia(narrow);
  #open = false;

  constructor(name: string) {
    this.content = el("div", { class: "content", id: `${name}-content` });
    this.#toggle = el("button", { class: "toggle", type: "button", "aria-controls": `${name}-content` });
    this.#toggle.append(icon("chevron-right", "chevron"), this.#title, this.#short);
    const heading = el("h2", { class: "heading", id: `${name}-title` }, this.#toggle);
    this.node = el(
      "section",
      { class: `part ${name}`, "aria-labelledby": `${name}-title` },
      heading,
      this.content,
    );
    this.#toggle.addEventListener("click", () => {
      if (!this.#media.matches) return;
      this.#open = !this.#open;
      this.#apply();
    });
    // The panel lives as long as its page.
    this.#media.addEventListener("change", () => this.#apply());
    this.#apply();
  }

  /**
   * @param short what the heading says beside its title.
   * @param spoken the same in words.
   */
  tell(title: string, short: string, spoken: string): void {
    setAttribute(this.#toggle, "title", spoken);
    setText(this.#title, title);
    setText(this.#short, short);
  }

  #apply(): void {
    const open = !this.#media.matches || this.#open;
    this.content.hidden = !open;
    setAttribute(this.#toggle, "aria-expanded", String(open));
    setAttribute(this.#toggle, "aria-disabled", this.#media.matches ? undefined : "true");
    setAttribute(this.#toggle, "tabindex", this.#media.matches ? undefined : "-1");
  }
}
