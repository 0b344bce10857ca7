import { el, setAttribute, setText, svg } from "../dom";
import { chartPaths, type Point } from "./figures";

const box = { width: 100, height: 24 };

/** A line over time with its name on the left and where it stands now on the right. */
export class Sparkline {
  readonly node: HTMLElement;
  readonly #label = el("span", { class: "label" });
  readonly #value = el("span", { class: "value" });
  readonly #line = svg("path", { class: "line" });
  readonly #area = svg("path", { class: "area" });
  readonly #picture: SVGElement;

  /** @param name a class for its colour. */
  constructor(name: string) {
    const view = { viewBox: `0 0 ${box.width} ${box.height}`, preserveAspectRatio: "none", role: "img" };
    this.#picture = svg("svg", { class: "picture", ...view }, this.#area, this.#line);
    this.node = el("div", { class: `chart ${name}` }, this.#label, this.#value, this.#picture);
  }

  show(chart: {
    readonly label: string;
    readonly value: string;
    readonly spoken: string;
    readonly points: readonly Point[];
    readonly top: number;
  }): void {
    setText(this.#label, chart.label);
    setText(this.#value, chart.value);
    setAttribute(this.#picture, "aria-label", chart.spoken);
    // One point is no line yet.
    setAttribute(this.#picture, "hidden", chart.points.length < 2 ? "" : undefined);
    const { line, area } = chartPaths(chart.points, chart.top, box);
    setAttribute(this.#line, "d", line);
    setAttribute(this.#area, "d", area);
  }
}
