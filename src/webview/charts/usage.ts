import type { TimeSpent } from "../../core/timeline";
import { elapsedWord, tokensWord } from "../../ui/time";
import { el, setAttribute, setText, svg } from "../dom";
import { Foldable } from "../foldable";
import type { UsageEntry } from "../timeline/model";
import type { Words } from "../words";
import { Sparkline } from "./sparkline";
import { timeShares, usageFigures, type TimeKind, type TimeShare, type UsageFigures } from "./figures";

const kindWords = { model: "Model", commands: "Commands", waiting: "Waiting", worker: "Worker" } as const;

/** Tokens, the context window and where the time went. */
export class Usage {
  readonly #part = new Foldable("usage");
  readonly #words: Words;
  readonly #tokens = new Sparkline("tokens");
  readonly #context = new Sparkline("context");
  readonly #bar = svg("svg", {
    class: "bar",
    viewBox: "0 0 100 8",
    preserveAspectRatio: "none",
    role: "img",
  });
  readonly #legend = el("ul", { class: "legend" });
  readonly #timeLabel = el("span", { class: "label" });
  readonly #timeChart: HTMLElement;
  #figures: UsageFigures | undefined;
  #time: TimeSpent | undefined;
  #shown = "";

  constructor(words: Words) {
    this.#words = words;
    this.#timeChart = el("div", { class: "chart time" }, this.#timeLabel, this.#bar, this.#legend);
    this.#part.content.append(this.#tokens.node, this.#context.node, this.#timeChart);
    this.#draw();
  }

  get node(): HTMLElement {
    return this.#part.node;
  }

  showUsage(entries: readonly UsageEntry[]): void {
    this.#figures = usageFigures(entries);
    this.#draw();
  }

  showTime(time: TimeSpent | undefined): void {
    this.#time = time;
    this.#draw();
  }

  retell(): void {
    this.#shown = "";
    this.#draw();
  }

  #draw(): void {
    const shares = this.#time === undefined ? [] : timeShares(this.#time);
    const rounded = shares.map(({ kind, ms, percent }) => [kind, percent, elapsedWord(ms, this.#words)]);
    const shown = JSON.stringify([this.#figures, rounded]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.node.hidden = this.#figures === undefined && shares.length === 0;
    this.#part.tell(this.#words.say("Usage"), this.#short(), this.#short());
    this.#drawTokens();
    this.#drawTime(shares);
  }

  /** What a folded part says: `84k tokens` would need a plural, so the charts' own words. */
  #short(): string {
    if (this.#figures === undefined) return "";
    const { totalTokens, contextTokens, contextWindow } = this.#figures;
    const tokens = `${this.#words.say("Tokens")} ${tokensWord(totalTokens)}`;
    if (contextWindow === 0) return tokens;
    return `${tokens} · ${this.#words.say("Context")} ${this.#words.percent(contextTokens / contextWindow)}`;
  }

  #drawTokens(): void {
    const figures = this.#figures;
    this.#tokens.node.hidden = figures === undefined;
    this.#context.node.hidden = figures === undefined || figures.context.length === 0;
    if (figures === undefined) return;
    const { totalTokens, contextTokens, contextWindow } = figures;
    const total = tokensWord(totalTokens);
    this.#tokens.show({
      label: this.#words.say("Tokens"),
      value: total,
      spoken: this.#words.say("Tokens over time, {0} in all", total),
      points: figures.tokens,
      top: Math.max(...figures.tokens.map(({ value }) => value)),
    });
    const [used, window] = [tokensWord(contextTokens), tokensWord(contextWindow)];
    this.#context.show({
      label: this.#words.say("Context"),
      value: contextWindow === 0 ? "" : this.#words.percent(contextTokens / contextWindow),
      spoken: this.#words.say("Context window over time, {0} of {1} tokens in use", used, window),
      points: figures.context,
      top: 1,
    });
  }

  #drawTime(shares: readonly TimeShare[]): void {
    this.#timeChart.hidden = shares.length === 0;
    setText(this.#timeLabel, this.#words.say("Time"));
    let x = 0;
    const pieces = shares.map(({ kind, percent }) => {
      const piece = svg("rect", { class: kind, x: String(x), y: "0", width: String(percent), height: "8" });
      x += percent;
      return piece;
    });
    this.#bar.replaceChildren(...pieces);
    const lines = shares.map((share) => this.#line(share));
    this.#legend.replaceChildren(...lines);
    const spoken = shares.map(
      ({ kind, percent }) => `${this.#kind(kind)} ${this.#words.percent(percent / 100)}`,
    );
    setAttribute(this.#bar, "aria-label", this.#words.say("Where the time went: {0}", spoken.join(", ")));
  }

  #line({ kind, ms, percent }: TimeShare): Element {
    return el(
      "li",
      {},
      el("span", { class: `swatch ${kind}`, "aria-hidden": "true" }),
      el("span", { class: "kind" }, this.#kind(kind)),
      el("span", { class: "spent" }, elapsedWord(ms, this.#words)),
      el("span", { class: "share" }, this.#words.percent(percent / 100)),
    );
  }

  #kind(kind: TimeKind): string {
    return this.#words.say(kindWords[kind]);
  }
}
