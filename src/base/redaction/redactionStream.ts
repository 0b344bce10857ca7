import type { Automaton } from "./automaton";
import { Base64Reading } from "./base64Reading";
import { Cover } from "./cover";
import type { Mark } from "./mark";
import { Matcher, type Literal } from "./matcher";
import { JsonReading, PercentReading } from "./readings";

const [percentSign, backslash] = [37, 92];

/** How often it is looked whether the readings of escapes can rest, characters. */
const restEvery = 64;

/**
 * Hides secrets in a text that comes in pieces. The text is read as it stands, as the inside of a JSON string, as a part of
 * a URL, and as base64, all at once and once. How it is cut into pieces changes nothing about what comes out, and no more is
 * held back than what may still become a secret.
 */
export class RedactionStream {
  readonly #cover = new Cover();
  readonly #plain: Matcher;
  readonly #inJson: Matcher;
  readonly #inUrl: Matcher;
  readonly #lanes: readonly Matcher[];
  readonly #json: JsonReading;
  readonly #percent: PercentReading;
  readonly #base64: Base64Reading;
  #length = 0;
  /** The last escape sign after which escapes are read; undefined while they would read what the plain reading does. */
  #escapedAt: number | undefined;

  constructor(automaton: Automaton<Literal>) {
    const onMark = (mark: Mark): void => this.#cover.add(mark);
    const matcher = (): Matcher => new Matcher(automaton, onMark);
    this.#plain = matcher();
    const inJson = (this.#inJson = matcher());
    const inUrl = (this.#inUrl = matcher());
    this.#lanes = [matcher(), matcher(), matcher(), matcher()];
    const base64 = new Base64Reading(
      this.#lanes.map((lane) => ({
        feed: (code, start, end) => lane.feed(code, start, end),
        reset: () => lane.reset(),
      })),
    );
    // Each reading takes what the one before has decoded, so that base64 is found inside a URL inside JSON.
    const percent = new PercentReading((code, start, end) => {
      inUrl.feed(code, start, end);
      base64.feed(code, start, end);
    });
    this.#json = new JsonReading((code, start, end) => {
      inJson.feed(code, start, end);
      percent.feed(code, start, end);
    });
    this.#base64 = base64;
    this.#percent = percent;
  }

  /** What can be told of the text so far. */
  push(text: string): string {
    for (let at = 0; at < text.length; at += 1) this.#read(text.charCodeAt(at));
    return this.#cover.take(text, this.#pendingFrom());
  }

  /** The rest. The stream begins anew. */
  end(): string {
    this.#json.end();
    this.#percent.end();
    const rest = this.#cover.take("", this.#length);
    this.#cover.reset();
    this.#base64.reset();
    for (const matcher of [this.#plain, this.#inJson, this.#inUrl, ...this.#lanes]) matcher.reset();
    this.#length = 0;
    this.#escapedAt = undefined;
    return rest;
  }

  /** How many characters are held back now. */
  get heldBack(): number {
    return this.#cover.held;
  }

  #read(code: number): void {
    const start = this.#length;
    const end = start + 1;
    this.#length = end;
    if (code === percentSign || code === backslash) this.#wake(start);
    this.#plain.feed(code, start, end);
    if (this.#escapedAt === undefined) {
      this.#base64.feed(code, start, end);
      return;
    }
    this.#json.feed(code, start, end);
    if (end % restEvery === 0 && this.#arePast(this.#escapedAt)) this.#escapedAt = undefined;
  }

  #arePast(escapedAt: number): boolean {
    if (this.#json.pendingFrom !== undefined || this.#percent.pendingFrom !== undefined) return false;
    return this.#inJson.isPast(escapedAt) && this.#inUrl.isPast(escapedAt);
  }

  #wake(at: number): void {
    if (this.#escapedAt === undefined) {
      this.#inJson.follow(this.#plain);
      this.#inUrl.follow(this.#plain);
    }
    this.#escapedAt = at;
  }

  #escapesPendingFrom(next: number): number {
    const readings = Math.min(this.#json.pendingFrom ?? next, this.#percent.pendingFrom ?? next);
    return Math.min(readings, this.#inJson.pendingFrom(next), this.#inUrl.pendingFrom(next));
  }

  #pendingFrom(): number {
    const next = this.#length;
    const escapes = this.#escapedAt === undefined ? next : this.#escapesPendingFrom(next);
    const first = Math.min(escapes, this.#plain.pendingFrom(next), this.#base64.pendingFrom ?? next);
    return this.#lanes.reduce((least, lane) => Math.min(least, lane.pendingFrom(next)), first);
  }
}
