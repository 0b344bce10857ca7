import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualizerOptions,
} from "@tanstack/virtual-core";
import { el, place } from "../dom";
import type { RowDoor } from "./door";
import type { TimelineRow } from "./model";
import { RowView } from "./row";

/** Height of a usual row, pixels, until it was measured. */
const usualHeight = 26;
/** Rows that are drawn above and below what is seen. */
const overscan = 8;
/** Room below the last row, pixels. */
const paddingEnd = 8;
/** As far from the end as still counts as being there, pixels. */
const nearEnd = 24;

type Options = VirtualizerOptions<HTMLElement, HTMLElement>;

/** Draws of many rows those that are seen. Follows the end while the reader is there, and keeps the place otherwise. */
export class VirtualList {
  readonly scroller: HTMLElement;
  readonly #feed: HTMLElement;
  readonly #door: RowDoor;
  readonly #moved: () => void;
  readonly #views = new Map<string, RowView>();
  readonly #virtualizer: Virtualizer<HTMLElement, HTMLElement>;
  #rows: readonly TimelineRow[] = [];
  #places = new Map<string, number>();
  /** Key of the row that the Tab key finds; undefined for the last one. */
  #active: string | undefined;

  /** @param moved is called whenever the list was scrolled or drawn. */
  constructor(feed: HTMLElement, door: RowDoor, moved: () => void) {
    this.#feed = feed;
    this.#door = door;
    this.#moved = moved;
    this.scroller = el("div", { class: "scroller" }, feed);
    this.#virtualizer = new Virtualizer(this.#options());
    this.#feed.addEventListener("focusin", ({ target }) => this.#focused(target));
  }

  /** To be called once it stands in the document. */
  start(): void {
    this.#virtualizer._didMount();
    this.#virtualizer._willUpdate();
    this.#draw();
  }

  get scrolls(): boolean {
    return this.#virtualizer.isScrolling;
  }

  get atEnd(): boolean {
    return this.#virtualizer.isAtEnd(nearEnd);
  }

  /** Key of the first row that is seen whole. */
  get firstSeen(): string | undefined {
    const top = this.scroller.scrollTop;
    const first = this.#virtualizer.getVirtualItems().find(({ start }) => start >= top);
    return first === undefined ? undefined : this.#rows[first.index]?.key;
  }

  show(rows: readonly TimelineRow[]): void {
    const follows = this.atEnd;
    this.#rows = rows;
    this.#places = new Map(rows.map(({ key }, index) => [key, index]));
    this.#virtualizer.setOptions(this.#options());
    this.#draw();
    this.#virtualizer._willUpdate();
    this.#draw();
    // Not left to the library: rows that are dropped at the start while others come at the end look to it like no append.
    if (follows) this.toEnd();
  }

  toEnd(): void {
    this.#virtualizer.scrollToEnd();
  }

  /** @returns false where there is no such row any more. */
  toRow(key: string): boolean {
    const index = this.#places.get(key);
    if (index !== undefined) this.#virtualizer.scrollToIndex(index, { align: "start" });
    return index !== undefined;
  }

  /** Draws all rows anew, as after a change of language. */
  redraw(): void {
    for (const view of this.#views.values()) view.redraw();
  }

  /** @returns whether anything on screen runs. */
  tick(now: number): boolean {
    return [...this.#views.values()].filter((view) => view.tick(now)).length > 0;
  }

  /** Moves the focus to a row by its place; those beyond the ends are the ends. */
  focusRow(index: number): void {
    const wanted = Math.max(0, Math.min(index, this.#rows.length - 1));
    const key = this.#rows[wanted]?.key;
    if (key === undefined) return;
    this.#activate(key);
    this.#views.get(key)?.node.focus({ preventScroll: true });
    if (wanted === this.#rows.length - 1) this.toEnd();
    else this.#virtualizer.scrollToIndex(wanted, { align: "auto" });
  }

  /** The row that an element belongs to. */
  rowOf(target: EventTarget | null): { readonly index: number; readonly view: RowView } | undefined {
    const node = target instanceof Element ? target.closest(".row") : null;
    for (const [key, view] of this.#views) {
      const index = this.#places.get(key);
      if (view.node === node && index !== undefined) return { index, view };
    }
    return undefined;
  }

  #options(): Options {
    return {
      count: this.#rows.length,
      getScrollElement: () => this.scroller,
      estimateSize: () => usualHeight,
      getItemKey: (index) => this.#rows[index]?.key ?? index,
      observeElementRect,
      observeElementOffset,
      scrollToFn: elementScroll,
      onChange: () => this.#draw(),
      overscan,
      paddingEnd,
      anchorTo: "end",
      scrollEndThreshold: nearEnd,
      rangeExtractor: (range) => this.#withActive(defaultRangeExtractor(range)),
    };
  }

  /** The row that the Tab key finds is always there, however far away: the focus would be lost with it. */
  #withActive(range: readonly number[]): number[] {
    const index = this.#active === undefined ? undefined : this.#places.get(this.#active);
    if (index === undefined || range.includes(index)) return [...range];
    return [...range, index].sort((a, b) => a - b);
  }

  #focused(target: EventTarget | null): void {
    const found = this.rowOf(target);
    const key = found === undefined ? undefined : this.#rows[found.index]?.key;
    if (key === undefined || key === this.#active) return;
    this.#activate(key);
  }

  #activate(key: string): void {
    this.#active = key;
    // The library asks for its range again only when it has another function for it.
    this.#virtualizer.setOptions(this.#options());
    this.#draw();
  }

  #draw(): void {
    const items = this.#virtualizer.getVirtualItems();
    const seen = new Set<string>();
    const nodes: HTMLElement[] = [];
    const active = this.#activeKey();
    for (const { index, start } of items) {
      const row = this.#rows[index];
      if (row === undefined) continue;
      const view = this.#views.get(row.key) ?? new RowView(row, this.#door);
      this.#views.set(row.key, view);
      view.show(row);
      view.number(index, this.#rows.length);
      view.setActive(row.key === active);
      view.node.style.transform = `translateY(${start}px)`;
      seen.add(row.key);
      nodes.push(view.node);
    }
    for (const key of [...this.#views.keys()]) if (!seen.has(key)) this.#views.delete(key);
    this.#feed.style.height = `${this.#virtualizer.getTotalSize()}px`;
    place(this.#feed, nodes);
    this.#virtualizer.measureElement(null);
    for (const node of nodes) this.#virtualizer.measureElement(node);
    this.#moved();
  }

  #activeKey(): string | undefined {
    const known = this.#active !== undefined && this.#places.has(this.#active);
    return known ? this.#active : this.#rows.at(-1)?.key;
  }
}
