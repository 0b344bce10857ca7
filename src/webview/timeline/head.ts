import { el, icon } from "../dom";

interface Head {
  readonly symbol: Node;
  /** One line; what does not fit is cut at the end. */
  readonly body: Node;
  /** At the right end. */
  readonly meta: readonly Node[];
  /** Undefined where there is nothing to unfold. */
  readonly unfolded: boolean | undefined;
  readonly toggle: () => void;
}

/** The line of an entry that may hold more: a button where it does. */
export function head({ symbol, body, meta, unfolded, toggle }: Head): HTMLElement {
  const mark = el("span", { class: "symbol" }, symbol);
  const side = el("span", { class: "meta" }, ...meta);
  if (unfolded === undefined) return el("div", { class: "head" }, mark, body, side);
  const chevron = icon(unfolded ? "chevron-down" : "chevron-right", "chevron");
  const button = el("button", {
    class: "head ctl",
    type: "button",
    tabindex: "-1",
    "aria-expanded": String(unfolded),
    "data-name": "head",
  });
  button.append(mark, body, side, chevron);
  button.addEventListener("click", toggle);
  return button;
}
