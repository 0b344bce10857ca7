import { Automaton } from "./automaton";
import { formats } from "./formats";
import type { Literal } from "./matcher";
import { RedactionStream } from "./redactionStream";

/** Shorter values are words that stand everywhere: hiding them would hide nothing and make texts unreadable. */
export const shortestSecret = 8;

/** How many values are known at most; past that the ones that were named longest ago are forgotten. */
const mostValues = 2000;

/** Hides secrets in texts that leave this process. */
export interface TextRedactor {
  /** The text with each secret replaced; the same text when it holds none. */
  redact(text: string): string;
  /** For a text that comes in pieces and leaves before its end. Later secrets are not known to it. */
  stream(): RedactionStream;
}

const starts = formats.flatMap((format) =>
  format.starts.map((text) => ({
    text,
    value: { kind: "start", length: text.length, format } satisfies Literal,
  })),
);

/** Knows the secrets of this process, and what keys in general look like. */
export class Redactor implements TextRedactor {
  readonly #labels = new Map<string, string>();
  #automaton: Automaton<Literal> | undefined;
  #whole: RedactionStream | undefined;

  /**
   * From now on the value is hidden, also as it stands in JSON, URLs and base64.
   * @param label names the kind of secret in its place, for example "platform token".
   */
  add(value: string, label: string): void {
    const secret = value.trim();
    if (secret.length < shortestSecret || this.#labels.has(secret)) return;
    this.#labels.set(secret, label);
    const [oldest] = this.#labels.keys();
    if (this.#labels.size > mostValues && oldest !== undefined) this.#labels.delete(oldest);
    this.#automaton = undefined;
    this.#whole = undefined;
  }

  redact(text: string): string {
    this.#whole ??= this.stream();
    return this.#whole.push(text) + this.#whole.end();
  }

  stream(): RedactionStream {
    this.#automaton ??= new Automaton(this.#literals());
    return new RedactionStream(this.#automaton);
  }

  #literals(): { readonly text: string; readonly value: Literal }[] {
    const values = [...this.#labels].flatMap(([secret, label]) =>
      [...literalsOf(secret)].map((text) => ({
        text,
        value: { kind: "value", length: text.length, label } satisfies Literal,
      })),
    );
    return [...starts, ...values];
  }
}

/**
 * The spellings of a secret that no reading undoes: its bytes, a form's plus for a space, and those of a second level of
 * JSON or URL.
 */
function literalsOf(secret: string): ReadonlySet<string> {
  const inUrl = encodeURIComponent(secret.replace(/\p{Cs}/gu, "\uFFFD"));
  return new Set([
    secret,
    JSON.stringify(secret).slice(1, -1),
    inUrl,
    inUrl.replace(/%20/gu, "+"),
    secret.replace(/ /gu, "+"),
    bytesOf(inUrl),
  ]);
}

/** One character per byte of UTF-8, as base64 and percent signs decode to. */
function bytesOf(inUrl: string): string {
  return inUrl.replace(/%([0-9A-F]{2})/gu, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
