import type { PlatformError } from "../../src/core/platformError";
import { Refusal } from "../../src/sandbox/refusal";
import type { Dice } from "./dice";
import type { Plan } from "./plan";
import { cutOff, neverSent } from "./errors";

/** What becomes of one try of a call. Milliseconds from its start. */
export interface Fate {
  /** When the platform hears of it; undefined: never. */
  readonly arrivesAt: number | undefined;
  /** When it arrives once more. */
  readonly againAt: number | undefined;
  /** The platform's way to answer without acting. */
  readonly refusal: Refusal | undefined;
  /** It acts, and what it then says is this. */
  readonly saysInstead: Refusal | undefined;
  /** From there to the answer. */
  readonly backMs: number;
  /** The caller sees this instead of an answer, at that time. */
  readonly cut: { readonly at: number; readonly error: PlatformError } | undefined;
}

/** The network between the machine and the platform. */
export class Weather {
  readonly #dice: Dice;
  readonly #plan: Plan;
  calm = false;
  /** How many calls met trouble so far. */
  troubles = 0;
  /** Of them, those of beats. */
  beatTroubles = 0;
  /** Content was refused for no reason: reports may be missing. */
  contentRefused = 0;
  /** Calls that were refused although the session would have allowed them. */
  oddRefusals = 0;

  constructor(dice: Dice, plan: Plan) {
    this.#dice = dice;
    this.#plan = plan;
  }

  /** @param content a report, which a platform may refuse for what it says. */
  fate(operation: string, content: boolean, ofSession: boolean): Fate {
    const dice = this.#dice;
    const usual: Fate = {
      arrivesAt: dice.between(5, 60),
      againAt: undefined,
      refusal: undefined,
      saysInstead: undefined,
      backMs: dice.between(5, 60),
      cut: undefined,
    };
    if (this.calm) return usual;
    const troubled = this.#troubled(operation, content, ofSession, usual);
    if (troubled !== undefined) {
      this.troubles += 1;
      if (operation === "beat") this.beatTroubles += 1;
    }
    return troubled ?? usual;
  }

  #troubled(operation: string, content: boolean, ofSession: boolean, usual: Fate): Fate | undefined {
    const dice = this.#dice;
    const rates = this.#plan.network;
    let left = dice.random.next();
    const hit = (share: number): boolean => {
      left -= share;
      return left < 0;
    };
    const soon = dice.between(10, 3000);
    if (hit(rates.lost)) {
      const error = dice.chance(0.3) ? neverSent(operation) : cutOff(operation);
      return { ...usual, arrivesAt: undefined, cut: { at: soon, error } };
    }
    if (hit(rates.answerLost)) return { ...usual, cut: { at: 200 + soon, error: cutOff(operation) } };
    if (hit(rates.straggling)) {
      return { ...usual, arrivesAt: dice.between(500, 40_000), cut: { at: soon, error: cutOff(operation) } };
    }
    if (hit(rates.slow)) {
      return { ...usual, arrivesAt: dice.between(50, 12_000), backMs: dice.between(50, 8_000) };
    }
    if (hit(rates.doubled)) return { ...usual, againAt: dice.between(60, 20_000) };
    if (hit(rates.serverError)) {
      const refusal = new Refusal(dice.pick([500, 502, 503]), "the server failed");
      return dice.chance(0.5) ? { ...usual, refusal } : { ...usual, saysInstead: refusal };
    }
    if (hit(rates.rateLimited)) {
      const seconds = String(dice.pick([1, 2, 5, 20]));
      return { ...usual, refusal: new Refusal(429, "slow down", undefined, { "retry-after": seconds }) };
    }
    if (ofSession && hit(rates.oddRefusal)) {
      this.oddRefusals += 1;
      return { ...usual, refusal: new Refusal(dice.pick([403, 404]), "not now") };
    }
    if (content && hit(rates.badContent)) {
      this.contentRefused += 1;
      return { ...usual, refusal: new Refusal(dice.pick([400, 422]), "not this") };
    }
    return undefined;
  }
}
