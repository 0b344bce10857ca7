/** Something that happens at an instant, unless it is cancelled before. */
export class Timed {
  readonly at: number;
  readonly order: number;
  readonly #act: () => void;
  #cancelled = false;

  constructor(at: number, order: number, act: () => void) {
    this.at = at;
    this.order = order;
    this.#act = act;
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  act(): void {
    this.#act();
  }

  cancel(): void {
    this.#cancelled = true;
  }
}

/** The next event first; of several at one instant the one that was planned first. */
export class EventHeap {
  readonly #items: Timed[] = [];
  #planned = 0;

  add(at: number, act: () => void): Timed {
    this.#planned += 1;
    const item = new Timed(at, this.#planned, act);
    // What never comes takes no place.
    if (at === Infinity) return item;
    let index = this.#items.length;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = this.#items[parent];
      if (above === undefined || !isBefore(item, above)) break;
      this.#items[index] = above;
      index = parent;
    }
    this.#items[index] = item;
    return item;
  }

  peek(): Timed | undefined {
    while (this.#items[0]?.cancelled === true) this.#pop();
    return this.#items[0];
  }

  take(): Timed | undefined {
    const next = this.peek();
    if (next !== undefined) this.#pop();
    return next;
  }

  #pop(): void {
    const last = this.#items.pop();
    const length = this.#items.length;
    if (last === undefined || length === 0) return;
    let index = 0;
    for (;;) {
      const child = this.#smallerChild(index, length);
      if (child === undefined || !isBefore(child.item, last)) break;
      this.#items[index] = child.item;
      index = child.index;
    }
    this.#items[index] = last;
  }

  #smallerChild(index: number, length: number): { readonly item: Timed; readonly index: number } | undefined {
    const left = 2 * index + 1;
    const item = left < length ? this.#items[left] : undefined;
    if (item === undefined) return undefined;
    const other = left + 1 < length ? this.#items[left + 1] : undefined;
    return other !== undefined && isBefore(other, item)
      ? { item: other, index: left + 1 }
      : { item, index: left };
  }
}

function isBefore(one: Timed, other: Timed): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
