/**
 * Finds all of many literals in one pass (Aho and Corasick): a trie with, per node, the longest suffix that is in the trie
 * too. Node 0 is the root. Memory grows with the literals' total length, time with the text's.
 */
export class Automaton<T> {
  readonly longest: number;
  readonly #code: Uint16Array;
  readonly #firstChild: Int32Array;
  readonly #nextSibling: Int32Array;
  readonly #suffix: Int32Array;
  readonly #depth: Int32Array;
  /** The depth of the nearest node, itself or a suffix, after which a literal goes on. */
  readonly #openDepth: Int32Array;
  /** The nearest node, itself or a suffix, at which a literal ends; 0 for none. */
  readonly #ending: Int32Array;
  readonly #found: (readonly T[] | undefined)[] = [];
  /** The root's children by code unit: most steps of most texts begin and end there. */
  readonly #roots = new Int32Array(65_536);

  constructor(literals: readonly { readonly text: string; readonly value: T }[]) {
    const size = literals.reduce((sum, one) => sum + one.text.length, 1);
    this.#code = new Uint16Array(size);
    this.#firstChild = new Int32Array(size);
    this.#nextSibling = new Int32Array(size);
    this.#suffix = new Int32Array(size);
    this.#depth = new Int32Array(size);
    this.#openDepth = new Int32Array(size);
    this.#ending = new Int32Array(size);
    this.longest = literals.reduce((most, one) => Math.max(most, one.text.length), 0);
    let nodes = 1;
    for (const { text, value } of literals) {
      let node = 0;
      for (let at = 0; at < text.length; at += 1) {
        const code = text.charCodeAt(at);
        let child = this.#child(node, code);
        if (child === 0) {
          child = nodes;
          nodes += 1;
          this.#add(node, child, code);
        }
        node = child;
      }
      this.#found[node] = [...(this.#found[node] ?? []), value];
    }
    this.#link();
  }

  /** The node after one more code unit. */
  step(from: number, code: number): number {
    let node = from;
    while (node !== 0) {
      const child = this.#child(node, code);
      if (child !== 0) return child;
      node = this.#suffix[node] ?? 0;
    }
    return this.#roots[code] ?? 0;
  }

  /** How many of the last code units may be the start of a literal that goes on. */
  depth(node: number): number {
    return this.#openDepth[node] ?? 0;
  }

  ends(node: number): boolean {
    return this.#ending[node] !== 0;
  }

  /** Tells each literal that ends at the node, longest first. */
  each(node: number, tell: (value: T) => void): void {
    for (let at = this.#ending[node] ?? 0; at !== 0; at = this.#ending[this.#suffix[at] ?? 0] ?? 0) {
      this.#found[at]?.forEach(tell);
    }
  }

  #child(node: number, code: number): number {
    if (node === 0) return this.#roots[code] ?? 0;
    let child = this.#firstChild[node] ?? 0;
    while (child !== 0 && this.#code[child] !== code) child = this.#nextSibling[child] ?? 0;
    return child;
  }

  #add(parent: number, child: number, code: number): void {
    this.#code[child] = code;
    this.#depth[child] = (this.#depth[parent] ?? 0) + 1;
    this.#nextSibling[child] = this.#firstChild[parent] ?? 0;
    this.#firstChild[parent] = child;
    if (parent === 0) this.#roots[code] = child;
  }

  /** Breadth first, so that a node's suffix is known before its children need it. */
  #link(): void {
    const queue = [0];
    for (const node of queue) {
      const suffix = this.#suffix[node] ?? 0;
      this.#ending[node] = this.#found[node] === undefined ? (this.#ending[suffix] ?? 0) : node;
      const goesOn = this.#firstChild[node] !== 0;
      this.#openDepth[node] = (goesOn ? this.#depth[node] : this.#openDepth[suffix]) ?? 0;
      for (let child = this.#firstChild[node] ?? 0; child !== 0; child = this.#nextSibling[child] ?? 0) {
        this.#suffix[child] = node === 0 ? 0 : this.step(suffix, this.#code[child] ?? 0);
        queue.push(child);
      }
    }
  }
}
