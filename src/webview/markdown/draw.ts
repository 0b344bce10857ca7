import { el } from "../dom";
import type { MarkdownElement, MarkdownNode } from "./tree";

/** A message's nodes as elements. Links do nothing by themselves: they have no address to go to, only one to ask for. */
export function drawMarkdown(nodes: readonly MarkdownNode[], openLink: (url: string) => void): Node[] {
  return nodes.map((node) => {
    switch (node.kind) {
      case "text":
        return document.createTextNode(node.text);
      case "link":
        return drawLink(node, openLink);
      case "element":
        return drawElement(node, drawMarkdown(node.children, openLink));
    }
  });
}

function drawElement({ tag, align, start }: MarkdownElement, children: readonly Node[]): HTMLElement {
  switch (tag) {
    case "h1":
    case "h2":
    case "h3":
    case "h4":
    case "h5":
    case "h6":
      // The panel has an outline of its own, in which the model's headings would stand at random.
      return el("p", { class: `heading ${tag}` }, ...children);
    case "table":
      return scrolls(el("table", {}, ...children));
    case "pre":
      return scrolls(el("pre", {}, ...children));
    case "ol":
      return el("ol", start === undefined ? {} : { start: String(start) }, ...children);
    case "td":
    case "th":
      return el(tag, align === undefined ? {} : { class: align }, ...children);
    default:
      return el(tag, {}, ...children);
  }
}

/** What may be wider than the panel scrolls by itself, also by keyboard. */
function scrolls(content: HTMLElement): HTMLElement {
  return el("div", { class: "wide ctl", tabindex: "-1" }, content);
}

function drawLink(
  { url, host, children }: Extract<MarkdownNode, { kind: "link" }>,
  openLink: (url: string) => void,
): HTMLElement {
  const words = el("span", { class: "words" }, ...drawMarkdown(children, openLink));
  const where = host === undefined ? undefined : el("span", { class: "host" }, ` (${host})`);
  const link = el("span", { class: "link ctl", role: "link", tabindex: "-1", title: url }, words, where);
  const open = (event: Event): void => {
    event.preventDefault();
    event.stopPropagation();
    openLink(url);
  };
  link.addEventListener("click", open);
  link.addEventListener("keydown", (event) => {
    if (event.key === "Enter") open(event);
  });
  return link;
}
