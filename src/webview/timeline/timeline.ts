import { timelineLimit, type TimelineEntry } from "../../core/timeline";
import { el, icon, setAttribute, setText } from "../dom";
import type { Host } from "../host";
import type { Words } from "../words";
import type { RowDoor } from "./door";
import { VirtualList } from "./list";
import { TimelineModel, type UsageEntry } from "./model";

const second = 1_000;

/** What happened, with its list, its keys and the way back to the end. */
export class Timeline {
  readonly node: HTMLElement;
  readonly #words: Words;
  readonly #host: Host;
  readonly #model = new TimelineModel(timelineLimit);
  readonly #list: VirtualList;
  readonly #feed = el("div", { class: "feed" });
  readonly #title = el("h2", { class: "unseen", id: "timeline-title" });
  readonly #empty = el("p", { class: "empty" });
  readonly #toEnd = el("button", { class: "to-end", type: "button", hidden: "" });
  readonly #unfolded: Set<string>;
  #missed = 0;
  #ticking = false;
  #begun = false;

  constructor(words: Words, host: Host) {
    this.#words = words;
    this.#host = host;
    this.#unfolded = new Set(host.state.unfolded);
    this.#list = new VirtualList(this.#feed, this.#door(), () => this.#moved());
    this.node = el("main", { class: "timeline" }, this.#title, this.#list.scroller, this.#empty, this.#toEnd);
    this.#toEnd.addEventListener("click", () => this.#list.toEnd());
    this.#feed.addEventListener("keydown", (event) => this.#key(event));
    this.retell();
  }

  start(): void {
    this.#list.start();
  }

  usage(): readonly UsageEntry[] {
    return this.#model.usage();
  }

  /** The whole timeline: at the start, or after a gap. */
  replaceAll(entries: readonly TimelineEntry[], dropped: number): void {
    this.#model.replaceAll(entries, dropped);
    this.#show();
    if (!this.#begun) this.#goOnReading();
    this.#begun = true;
  }

  add(entries: readonly TimelineEntry[]): void {
    const wasAtEnd = this.#list.atEnd;
    const added = this.#model.add(entries);
    if (!wasAtEnd) this.#missed += added;
    this.#show();
  }

  /** After a change of language. */
  retell(): void {
    setText(this.#title, this.#words.say("Timeline"));
    setText(this.#empty, this.#words.say("Nothing has happened yet."));
    this.#list.redraw();
    this.#moved();
  }

  #show(): void {
    const rows = this.#model.rows((at) => this.#words.day(at));
    // A feed without an article is none.
    setAttribute(this.#feed, "role", rows.length === 0 ? undefined : "feed");
    setAttribute(this.#feed, "aria-labelledby", rows.length === 0 ? undefined : "timeline-title");
    this.#list.show(rows);
    this.#empty.hidden = rows.length > 0;
    this.#tick();
  }

  /** Where the reader was before the window was loaded anew. */
  #goOnReading(): void {
    const at = this.#host.state.readingAt;
    if (at === undefined || !this.#list.toRow(at)) this.#list.toEnd();
  }

  #moved(): void {
    // The list draws itself while it is built, before there is anything to say.
    if (!this.#begun) return;
    const { atEnd } = this.#list;
    if (atEnd) this.#missed = 0;
    const text =
      this.#missed === 0
        ? this.#words.say("New entries below")
        : this.#missed === 1
          ? this.#words.say("1 new entry")
          : this.#words.say("{0} new entries", this.#words.number(this.#missed));
    if (this.#toEnd.textContent !== text) this.#toEnd.replaceChildren(icon("arrow-down"), text);
    this.#toEnd.hidden = atEnd || this.#missed === 0;
    // Kept once the list stands still: the editor is told each time.
    if (this.#list.scrolls) return;
    const readingAt = atEnd ? undefined : this.#list.firstSeen;
    if (readingAt !== this.#host.state.readingAt) this.#host.keep({ readingAt });
  }

  /** Once a second while something runs on screen. */
  #tick(): void {
    if (this.#ticking || !this.#list.tick(Date.now())) return;
    this.#ticking = true;
    setTimeout(() => {
      this.#ticking = false;
      this.#tick();
    }, second);
  }

  #key(event: KeyboardEvent): void {
    const found = this.#list.rowOf(event.target);
    if (found === undefined) return;
    const onRow = event.target === found.view.node;
    const go = goal(event, found.index);
    if (go !== undefined && (onRow || event.key.startsWith("Page") || event.ctrlKey || event.metaKey)) {
      this.#list.focusRow(go);
    } else if (onRow && (event.key === "Enter" || event.key === " ")) {
      found.view.fold();
    } else if (onRow && event.key === "ArrowRight") {
      found.view.fold(true);
    } else if (event.key === "ArrowLeft" && onRow) {
      found.view.fold(false);
    } else return;
    event.preventDefault();
  }

  #door(): RowDoor {
    return {
      words: this.#words,
      openFile: (path) => this.#host.send({ kind: "openFile", path }),
      openLink: (url) => this.#host.send({ kind: "openLink", url }),
      copy: (text) => this.#host.send({ kind: "copy", text }),
      isUnfolded: (id) => this.#unfolded.has(id),
      setUnfolded: (id, unfolded) => {
        this.#unfolded.delete(id);
        if (unfolded) this.#unfolded.add(id);
        this.#host.keep({ unfolded: [...this.#unfolded] });
      },
    };
  }
}

/** The row that a key leads to; undefined for other keys. */
function goal({ key }: KeyboardEvent, index: number): number | undefined {
  switch (key) {
    case "ArrowDown":
    case "PageDown":
      return index + 1;
    case "ArrowUp":
    case "PageUp":
      return index - 1;
    case "Home":
      return 0;
    case "End":
      return Number.MAX_SAFE_INTEGER;
    default:
      return undefined;
  }
}
