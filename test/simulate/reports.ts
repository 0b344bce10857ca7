import type { OutboxEntry } from "../../src/core/outbox";
import type { Life } from "./life";
import type { SimPlatform } from "./simPlatform";
import type { Weather } from "./weather";

interface Said {
  readonly life: Life;
  readonly sessionId: string;
  /** The claim under which it has to be told. */
  claimId: string;
  /** It stands in the journal. */
  noted: boolean;
}

const tokens = /<\d+>/g;

const lastTypes: Readonly<Record<string, string>> = {
  complete: "completion",
  fail: "failure",
  release: "release",
};

/** Every line that the tool said carries a token: where it turns up tells whether it was told once, and in order. */
export class Reports {
  readonly #platform: SimPlatform;
  readonly #weather: Weather;
  readonly #fail: (message: string) => void;
  readonly #said = new Map<string, Said>();

  constructor(platform: SimPlatform, weather: Weather, fail: (message: string) => void) {
    this.#platform = platform;
    this.#weather = weather;
    this.#fail = fail;
  }

  said(life: Life, sessionId: string, claimId: string, token: string): void {
    this.#said.set(token, { life, sessionId, claimId, noted: false });
  }

  noted(sessionId: string, claimId: string, entry: OutboxEntry): void {
    if (entry.kind === "said") this.#mark(entry.said.text, sessionId, claimId);
    if (entry.kind !== "carried") return;
    for (const { text } of entry.from.waiting) this.#mark(text, sessionId, claimId);
    if (entry.from.sending !== undefined) this.#mark(entry.from.sending.message, sessionId, claimId);
  }

  #mark(text: string, sessionId: string, claimId: string): void {
    for (const [token] of text.matchAll(tokens)) {
      const said = this.#said.get(token);
      if (said?.sessionId !== sessionId) continue;
      said.noted = true;
      said.claimId = claimId;
    }
  }

  /** The claim's end was accepted: all that was said under it by this process, or noted by an earlier one, is told. */
  finished(life: Life, operation: string, sessionId: string, claimId: string): void {
    // One that was stored under a claim before is not told again.
    const last = this.#platform.session(sessionId).activities.at(-1)?.type;
    const expected = lastTypes[operation];
    // An end that is refused for good gives way to a plainer one.
    const gaveWay =
      this.#weather.oddRefusals > 0 && last !== undefined && Object.values(lastTypes).includes(last);
    if (last !== expected && !gaveWay) {
      this.#fail(`${operation} of ${sessionId} comes after ${String(last)}, not ${String(expected)}`);
    }
    const told = new Set(this.told(sessionId));
    for (const [token, said] of this.#said) {
      if (said.claimId !== claimId || told.has(token)) continue;
      if (said.noted || said.life === life) this.#fail(`${token} of ${sessionId} was never told`);
    }
  }

  told(sessionId: string): readonly string[] {
    const { activities } = this.#platform.session(sessionId);
    return activities.flatMap(({ message }) => [...message.matchAll(tokens)].map(([token]) => token));
  }

  /** At the end: each line once, in the order in which it was said. */
  checkOrder(sessionId: string): void {
    let last = 0;
    for (const token of this.told(sessionId)) {
      const number = Number(token.slice(1, -1));
      if (number <= last) this.#fail(`${token} of ${sessionId} was told twice or too late`);
      last = Math.max(last, number);
    }
  }
}
