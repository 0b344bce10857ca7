import type { PlanStep } from "../core/ports/runtime";
import { el, icon, Keyed } from "./dom";
import { Foldable } from "./foldable";
import { tameLine } from "./text/tame";
import type { Words } from "./words";

const icons = {
  completed: "check",
  inProgress: "circle-filled",
  pending: "circle-large-outline",
} as const;

/** The steps that the model set itself. */
export class Plan {
  readonly #part = new Foldable("plan");
  readonly #list = el("ol", { class: "steps" });
  readonly #words: Words;
  readonly #shown: Keyed<PlanStep>;
  #steps: readonly PlanStep[] = [];

  constructor(words: Words) {
    this.#words = words;
    this.#shown = new Keyed<PlanStep>(this.#list, (step) => this.#draw(step));
    this.#part.content.append(this.#list);
    this.show([]);
  }

  get node(): HTMLElement {
    return this.#part.node;
  }

  show(steps: readonly PlanStep[]): void {
    this.#steps = steps;
    this.node.hidden = steps.length === 0;
    const done = steps.filter(({ status }) => status === "completed").length;
    const spoken = this.#words.say("{0} of {1} steps done", done, steps.length);
    this.#part.tell(this.#words.say("Plan"), this.#words.say("{0} / {1}", done, steps.length), spoken);
    this.#shown.show(steps.map((step, index) => [String(index), step]));
  }

  /** After a change of language. */
  retell(): void {
    const steps = this.#steps;
    this.show([]);
    this.show(steps);
  }

  #draw({ text, status }: PlanStep): Element {
    const word = { completed: "done", inProgress: "in progress", pending: "to do" } as const;
    const mark = icon(icons[status]);
    const state = el("span", { class: "unseen" }, `${this.#words.say(word[status])}: `);
    return el("li", { class: `step ${status}` }, mark, el("span", {}, state, tameLine(text)));
  }
}
