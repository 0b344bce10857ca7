type Child = Node | string | undefined;
type Attributes = Readonly<Record<string, string | undefined>>;

/** An element with attributes and children. Texts become text, whatever they say; `undefined` is left out. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

const svgNamespace = "http://www.w3.org/2000/svg";

export function svg(tag: string, attributes: Attributes, ...children: Node[]): SVGElement {
  const made = document.createElementNS(svgNamespace, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** A codicon; it says nothing to a screen reader. Names that are none draw nothing. */
export function icon(name: string, ...classes: string[]): HTMLSpanElement {
  const safe = /^[a-z0-9-]+$/u.test(name) ? [`codicon-${name}`] : [];
  return el("span", { class: ["codicon", ...safe, ...classes].join(" "), "aria-hidden": "true" });
}

/** A theme colour's variable: `charts.blue` is `--vscode-charts-blue`. Undefined for what is no id of one. */
export function colorVariable(id: string | undefined): string | undefined {
  if (id === undefined || !/^[A-Za-z0-9.]+$/u.test(id)) return undefined;
  return `var(--vscode-${id.replaceAll(".", "-")})`;
}

/** Sets a text only where it changed, so that a selection in it stays. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** Sets an attribute only where it changed; `undefined` takes it away. */
export function setAttribute(node: Element, name: string, value: string | undefined): void {
  if (value === undefined) node.removeAttribute(name);
  else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** Makes `nodes` the children of `parent`, in order, moving as few of those that stay as is easy: focus and scrolling survive. */
export function place(parent: Element, nodes: readonly Element[]): void {
  const wanted = new Set<Element>(nodes);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const node of nodes) {
    if (node === next) next = next.nextElementSibling;
    else parent.insertBefore(node, next);
  }
}

/** Elements for things that have a key: made once, updated where the thing changed, thrown away with it. */
export class Keyed<T> {
  readonly #parent: Element;
  readonly #make: (thing: T) => Element;
  #known = new Map<string, { readonly said: string; readonly node: Element }>();

  /** @param make a new element; an element is made anew when anything about its thing changed. */
  constructor(parent: Element, make: (thing: T) => Element) {
    this.#parent = parent;
    this.#make = make;
  }

  show(things: readonly (readonly [key: string, thing: T])[]): void {
    const next = new Map<string, { readonly said: string; readonly node: Element }>();
    for (const [key, thing] of things) {
      const said = JSON.stringify(thing);
      const before = this.#known.get(key);
      next.set(key, before?.said === said ? before : { said, node: this.#make(thing) });
    }
    this.#known = next;
    place(
      this.#parent,
      [...next.values()].map(({ node }) => node),
    );
  }
}
