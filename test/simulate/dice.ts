import type { Random } from "../../src/base/random";
import { seededRandom } from "../fakes/seededRandom";

/** Every choice of a schedule, from one seed. Each part of the world throws its own dice, so that they do not shift each other. */
export class Dice {
  readonly random: Random;

  constructor(seed: number, part: string) {
    let mixed = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
    for (const letter of part) {
      mixed = Math.imul(mixed ^ (letter.codePointAt(0) ?? 0), 0xc2b2ae35) ^ (mixed >>> 15);
    }
    const seeded = seededRandom(mixed >>> 0);
    const own = (mixed >>> 0).toString(16).padStart(8, "0");
    let made = 0;
    // No two processes of one world may ever make the same id.
    const uuid = (): string => {
      made += 1;
      return `${own}-0000-4000-8000-${made.toString(16).padStart(12, "0")}`;
    };
    this.random = { next: () => seeded.next(), uuid };
  }

  chance(share: number): boolean {
    return this.random.next() < share;
  }

  /** A whole number, both ends included. */
  between(lowest: number, highest: number): number {
    return lowest + Math.floor(this.random.next() * (highest - lowest + 1));
  }

  pick<const T>(choices: readonly [T, ...T[]]): T {
    return choices[this.between(0, choices.length - 1)] ?? choices[0];
  }

  /** Undefined when there is nothing to choose from. */
  oneOf<T>(choices: readonly T[]): T | undefined {
    return choices[this.between(0, choices.length - 1)];
  }
}
