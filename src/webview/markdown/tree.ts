import MarkdownIt, { type Token } from "markdown-it";
import { tame, tameLine } from "../text/tame";

/** A piece of a message, ready to be drawn. Of the message's own only texts and the addresses of links are in it. */
export type MarkdownNode =
  | { readonly kind: "text"; readonly text: string }
  | MarkdownElement
  | {
      readonly kind: "link";
      /** http or https, as the browser reads it. */
      readonly url: string;
      /** Where it leads, where its words do not say so themselves. */
      readonly host: string | undefined;
      readonly children: readonly MarkdownNode[];
    };

export interface MarkdownElement {
  readonly kind: "element";
  readonly tag: MarkdownTag;
  /** Of a cell. */
  readonly align: "left" | "center" | "right" | undefined;
  /** The first number of an ordered list that does not begin with 1. */
  readonly start: number | undefined;
  readonly children: readonly MarkdownNode[];
}

const blocks = [
  "p",
  "h1",
  "h2",
  "h3",
  "h4",
  "h5",
  "h6",
  "ul",
  "ol",
  "li",
  "blockquote",
  "pre",
  "hr",
] as const;
const cells = ["table", "thead", "tbody", "tr", "th", "td"] as const;
const inlines = ["em", "strong", "s", "code", "br"] as const;
/** Everything that a message can become. */
export const markdownTags = [...blocks, ...cells, ...inlines] as const;
type MarkdownTag = (typeof markdownTags)[number];

const parser = new MarkdownIt({
  html: false,
  linkify: true,
  breaks: true,
  typographer: false,
  maxNesting: 20,
});
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
for (const schema of ["mailto:", "ftp:", "//"]) parser.linkify.add(schema, null);
// Files are named too, as `[writer.ts](src/writer.ts)`; what has another scheme stays the text that it is.
parser.validateLink = (url) => webAddress(url) !== undefined || !/^[a-z][a-z0-9+.-]*:/iu.test(url);

/** What a message says, as a tree. Never throws; what is no Markdown is text. */
export function markdownTree(text: string): readonly MarkdownNode[] {
  return nodesOf(parser.parse(tame(text), {}));
}

/** The same read aloud: its words without its marks, on one line. */
export function markdownWords(text: string): string {
  return tameLine(spoken(markdownTree(text)));
}

function spoken(nodes: readonly MarkdownNode[]): string {
  const inline: readonly string[] = inlines.filter((tag) => tag !== "br");
  return nodes
    .map((node) => {
      if (node.kind === "text") return node.text;
      const words = spoken(node.children);
      return node.kind === "link" || inline.includes(node.tag) ? words : ` ${words} `;
    })
    .join("");
}

/** The address as a browser would open it; undefined for what is not http(s). */
export function webAddress(url: string): URL | undefined {
  if (!URL.canParse(url)) return undefined;
  const parsed = new URL(url);
  return parsed.protocol === "https:" || parsed.protocol === "http:" ? parsed : undefined;
}

/** Opening tokens begin a list of children that their closing tokens end. */
function nodesOf(tokens: readonly Token[]): MarkdownNode[] {
  const top: MarkdownNode[] = [];
  const open: { readonly token: Token | undefined; readonly children: MarkdownNode[] }[] = [
    { token: undefined, children: top },
  ];
  for (const token of tokens) {
    const children = open.at(-1)?.children ?? top;
    if (token.nesting === 1) open.push({ token, children: [] });
    else if (token.nesting === 0) children.push(...leaf(token));
    else {
      const closed = open.length > 1 ? open.pop() : undefined;
      if (closed?.token === undefined) continue;
      (open.at(-1)?.children ?? top).push(...branch(closed.token, closed.children));
    }
  }
  return top;
}

function branch(token: Token, children: readonly MarkdownNode[]): readonly MarkdownNode[] {
  // Paragraphs of tight lists are there in name only.
  if (token.hidden) return children;
  if (token.type === "link_open") return link(attribute(token, "href"), children);
  const tag = markdownTags.find((one) => one === token.tag);
  if (tag === undefined) return children;
  const start = Number(attribute(token, "start"));
  return [{ ...element(tag, children), align: alignOf(token), start: start > 1 ? start : undefined }];
}

function leaf(token: Token): readonly MarkdownNode[] {
  switch (token.type) {
    case "inline":
      return nodesOf(token.children ?? []);
    case "softbreak":
    case "hardbreak":
      return [element("br", [])];
    case "code_inline":
      return [element("code", [textNode(token.content)])];
    case "fence":
    case "code_block":
      return [element("pre", [element("code", [textNode(token.content.replace(/\n$/u, ""))])])];
    case "hr":
      return [element("hr", [])];
    case "image":
      // Nothing is loaded: what the picture shows in words, as a link to it.
      return link(attribute(token, "src"), [textNode(token.content)]);
    default:
      return token.content === "" ? [] : [textNode(token.content)];
  }
}

/** Only what leads to the web is one; of another the words are left, and the path that they stand for. */
function link(address: string, children: readonly MarkdownNode[]): readonly MarkdownNode[] {
  const url = webAddress(address);
  const words = tameLine(textOf(children));
  if (url === undefined) {
    const path = tameLine(address);
    return words === path || path === "" ? children : [...children, textNode(` (${path})`)];
  }
  const label = words === "" ? [textNode(url.href)] : children;
  return [{ kind: "link", url: url.href, host: says(words, url) ? undefined : url.host, children: label }];
}

/** Do the words of a link name where it leads? */
function says(words: string, url: URL): boolean {
  if (words === "" || words === url.href || `${words}/` === url.href) return true;
  return webAddress(words)?.href === url.href;
}

function textOf(nodes: readonly MarkdownNode[]): string {
  return nodes.map((node) => (node.kind === "text" ? node.text : textOf(node.children))).join("");
}

function element(tag: MarkdownTag, children: readonly MarkdownNode[]): MarkdownElement {
  return { kind: "element", tag, align: undefined, start: undefined, children };
}

function textNode(text: string): MarkdownNode {
  return { kind: "text", text: tame(text) };
}

function attribute(token: Token, name: string): string {
  return String(token.attrs?.find(([key]) => key === name)?.[1] ?? "");
}

function alignOf(token: Token): MarkdownElement["align"] {
  const [, found] = /text-align:\s*(left|center|right)/u.exec(attribute(token, "style")) ?? [];
  return found === "left" || found === "center" || found === "right" ? found : undefined;
}
