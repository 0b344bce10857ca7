import { RecentMap } from "./recentMap";

/** Texts that were recognised lately; views ask for the same few again and again. */
const keptTexts = 500;
/** How deep values are looked into: a sentence in a sentence in a sentence. */
const deepest = 3;

/** A text with places for values, cut at them. */
interface Phrase {
  readonly template: string;
  /** What stands before, between and after the places: one more than there are places. */
  readonly pieces: readonly string[];
  /** Which value stands at each place. */
  readonly places: readonly number[];
}

/**
 * Recognises texts whose values are filled in already, and gives them their translation. What is told to the platform, and noted for
 * a later process, is written in one language; so a person may read it in their own all the same.
 */
export class Phrasebook {
  readonly #whole = new Set<string>();
  /** Those with most text of their own first: they are the surest. */
  readonly #phrases: readonly Phrase[];
  readonly #translate: (template: string, ...values: string[]) => string;
  readonly #known = new RecentMap<string, string>(keptTexts);

  constructor(templates: readonly string[], translate: (template: string, ...values: string[]) => string) {
    const phrases: Phrase[] = [];
    for (const template of templates) {
      const phrase = phraseOf(template);
      if (phrase.places.length === 0) this.#whole.add(template);
      else if (isTelling(phrase)) phrases.push(phrase);
    }
    this.#phrases = phrases.sort((a, b) => ownLength(b) - ownLength(a));
    this.#translate = translate;
  }

  /** What is not recognised stays as it is. */
  translated(text: string): string {
    const known = this.#known.get(text) ?? this.#read(text, 0) ?? text;
    this.#known.set(text, known);
    return known;
  }

  /** Undefined where nothing of it is recognised. */
  #read(text: string, depth: number): string | undefined {
    return this.#readWhole(text, depth) ?? this.#readSentences(text, depth) ?? this.#readClauses(text, depth);
  }

  #readWhole(text: string, depth: number): string | undefined {
    // A single word among the values is more likely a name than a word of ours.
    if (this.#whole.has(text) && (depth === 0 || text.includes(" "))) return this.#translate(text);
    for (const phrase of this.#phrases) {
      const values = valuesIn(text, phrase);
      if (values === undefined) continue;
      const inside = depth >= deepest ? values : values.map((one) => this.#read(one, depth + 1) ?? one);
      return this.#translate(phrase.template, ...inside);
    }
    return undefined;
  }

  /** Sentences after each other, each read with as many of the next ones as belong to it. */
  #readSentences(text: string, depth: number): string | undefined {
    const sentences = text.split(/(?<=[.!?…]) /u);
    if (sentences.length === 1) return undefined;
    const result: string[] = [];
    let isKnown = false;
    for (let at = 0; at < sentences.length;) {
      let end = sentences.length - (at === 0 ? 1 : 0);
      let found: string | undefined;
      for (; end > at; end -= 1) {
        const part = sentences.slice(at, end).join(" ");
        found = this.#readWhole(part, depth) ?? (end === at + 1 ? this.#readClauses(part, depth) : undefined);
        if (found !== undefined) break;
      }
      isKnown ||= found !== undefined;
      result.push(found ?? sentences[at] ?? "");
      at = found === undefined ? at + 1 : end;
    }
    return isKnown ? result.join(" ") : undefined;
  }

  /** A clause that became a sentence, or "What happened: why.", where each half is a text of its own. */
  #readClauses(text: string, depth: number): string | undefined {
    const stop = text.endsWith(".") ? "." : "";
    const clause = stop === "" ? undefined : this.#readWhole(text.slice(0, -1), depth);
    if (clause !== undefined) return `${clause}${stop}`;
    const colon = text.indexOf(": ");
    if (colon === -1) return undefined;
    const halves = [text.slice(0, colon), text.slice(colon + 2, text.length - stop.length)];
    const read = halves.map((half) => this.#readWhole(half, depth));
    if (read.every((half) => half === undefined)) return undefined;
    return `${halves.map((half, at) => read[at] ?? half).join(": ")}${stop}`;
  }
}

function phraseOf(template: string): Phrase {
  const parts = template.split(/\{(\d+)\}/u);
  return {
    template,
    pieces: parts.filter((_one, at) => at % 2 === 0),
    places: parts.filter((_one, at) => at % 2 === 1).map(Number),
  };
}

function ownLength({ pieces }: Phrase): number {
  return pieces.join("").length;
}

/** A place beside a place, or hardly a word of its own, would take in any text. */
function isTelling({ pieces }: Phrase): boolean {
  const own = pieces.join(" ");
  return pieces.slice(1, -1).every((one) => one !== "") && /\p{L}{4,}|\p{L}{2,} .*\p{L}{2,}/u.test(own);
}

/** The values by their number, where the text is this phrase; undefined otherwise. Looks at each character once for each place. */
function valuesIn(text: string, { pieces, places }: Phrase): readonly string[] | undefined {
  const [first = "", ...rest] = pieces;
  const last = rest.at(-1) ?? "";
  if (!text.startsWith(first) || !text.endsWith(last)) return undefined;
  const end = text.length - last.length;
  const values: string[] = [];
  let at = first.length;
  for (const [index, place] of places.entries()) {
    const piece = rest[index] ?? "";
    const next = index === places.length - 1 ? end : text.indexOf(piece, at);
    if (next < at || next > end) return undefined;
    const value = text.slice(at, next);
    if (values[place] !== undefined && values[place] !== value) return undefined;
    values[place] = value;
    at = next + piece.length;
  }
  return values;
}
