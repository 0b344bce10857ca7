import { el, setAttribute } from "../dom";
import type { RowDoor } from "./door";
import { drawEntry } from "./entry";
import type { TimelineRow } from "./model";
import { folds, spokenEntry } from "./summary";

/** One row on screen. It stays the same element while its content changes. */
export class RowView {
  readonly node: HTMLElement;
  readonly #door: RowDoor;
  #row: TimelineRow;
  #clock: ((now: number) => void) | undefined;

  constructor(row: TimelineRow, door: RowDoor) {
    this.#row = row;
    this.#door = door;
    this.node = el("article", { class: `row ${row.kind}`, tabindex: "-1" });
    this.#draw();
  }

  /** Draws anew where the row is another one than before. */
  show(row: TimelineRow): void {
    const before = this.#row;
    this.#row = row;
    const same =
      before.kind === "entry" && row.kind === "entry"
        ? before.entry === row.entry && before.newMinute === row.newMinute
        : JSON.stringify(before) === JSON.stringify(row);
    if (!same) this.redraw();
  }

  /** Keeps the focus on the control that had it. */
  redraw(): void {
    const focused = document.activeElement;
    const name = focused !== null && this.node.contains(focused) ? focused.getAttribute("data-name") : null;
    this.#draw();
    if (name !== null) this.node.querySelector<HTMLElement>(`[data-name="${name}"]`)?.focus();
  }

  /** Says its place among all rows. */
  number(index: number, count: number): void {
    setAttribute(this.node, "data-index", String(index));
    setAttribute(this.node, "aria-posinset", String(index + 1));
    setAttribute(this.node, "aria-setsize", String(count));
  }

  /** The row that the Tab key finds; controls of the others are skipped. */
  setActive(active: boolean): void {
    const index = active ? "0" : "-1";
    setAttribute(this.node, "tabindex", index);
    for (const control of this.node.querySelectorAll(".ctl")) setAttribute(control, "tabindex", index);
  }

  /** Where something runs: how long by now. */
  tick(now: number): boolean {
    this.#clock?.(now);
    return this.#clock !== undefined;
  }

  /** @param unfolded undefined for the other way round */
  fold(unfolded?: boolean): boolean {
    const { entry } = this.#row.kind === "entry" ? this.#row : { entry: undefined };
    if (entry === undefined || !folds(entry)) return false;
    this.#door.setUnfolded(entry.id, unfolded ?? !this.#door.isUnfolded(entry.id));
    this.redraw();
    return true;
  }

  #draw(): void {
    const row = this.#row;
    const { words } = this.#door;
    this.#clock = undefined;
    switch (row.kind) {
      case "dropped": {
        const one = row.count === 1;
        const text = one
          ? words.say("1 earlier entry is not kept.")
          : words.say("{0} earlier entries are not kept.", words.number(row.count));
        this.#fill(text, el("p", { class: "between" }, text));
        return;
      }
      case "day": {
        const text = words.day(row.at);
        this.#fill(text, el("p", { class: "between" }, text));
        return;
      }
      case "entry": {
        const { entry } = row;
        const time = el("time", { class: "time", title: words.moment(entry.at) }, words.time(entry.at));
        if (!row.newMinute) time.classList.add("same");
        const drawn = drawEntry(entry, this.#door, () => this.fold());
        this.#clock = drawn.clock;
        this.node.className = `row entry ${entry.kind} ${drawn.look}`;
        this.#fill(spokenEntry(entry, words), time, el("div", { class: "content" }, ...drawn.nodes));
      }
    }
  }

  #fill(spoken: string, ...nodes: Node[]): void {
    setAttribute(this.node, "aria-label", spoken);
    this.node.replaceChildren(...nodes);
    if (this.node.tabIndex === 0) this.setActive(true);
  }
}
