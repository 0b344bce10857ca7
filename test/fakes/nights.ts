import assert from "node:assert/strict";
import type { Random } from "../../src/base/random";
import type { Call } from "./fakePlatform";
import type { World } from "./world";

/** The worker compares its clocks every second, milliseconds. A sleep and a clock that is set back, both in one such second, look like nothing. */
const lookMs = 1000;

const sends = new Set<Call["operation"]>(["patch", "activity", "complete", "fail", "release"]);

/** The machine of a world sleeps now and then, and its wall clock is set; remembers when, to see what is sent after. */
export class Nights {
  readonly #world: World;
  readonly #random: Random;
  /** How many calls had left when the machine woke up. */
  readonly #wakes: number[] = [];
  /** When the clocks last parted, on the monotonic one. */
  #partedAt = -Infinity;

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  get count(): number {
    return this.#wakes.length;
  }

  /** Maybe a sleep of up to 20 minutes, maybe a clock that is set, mostly nothing. */
  pass(): void {
    const { clock, platform } = this.#world;
    const dice = this.#random.next();
    if (dice < 0.2 && clock.monotonic() - this.#partedAt <= lookMs) return;
    if (dice < 0.12) {
      clock.suspend(16_000 + this.#random.next() * 1_200_000, this.#random.next() < 0.5);
      this.#wakes.push(platform.calls.length);
      this.#partedAt = clock.monotonic();
    } else if (dice < 0.2) {
      const step = -this.#random.next() * 86_400_000;
      clock.jumpWall(step);
      platform.skew -= step;
      this.#partedAt = clock.monotonic();
    } else if (dice < 0.3) {
      const jitter = (this.#random.next() - 0.5) * 4000;
      clock.jumpWall(jitter);
      platform.skew -= jitter;
    }
  }

  /** After each wake-up nothing is sent with a claim of before until that claim was renewed. */
  assertProven(): void {
    const { calls } = this.#world.platform;
    for (const [night, woke] of this.#wakes.entries()) {
      const until = this.#wakes[night + 1] ?? calls.length;
      const known = new Set(calls.slice(0, woke).map((call) => call.claimId));
      const proven = new Set<string>();
      for (const { operation, claimId } of calls.slice(woke, until)) {
        if (claimId === undefined) continue;
        if (operation === "renew") proven.add(claimId);
        const fine = !sends.has(operation) || !known.has(claimId) || proven.has(claimId);
        assert.ok(fine, `${operation} with ${claimId} before it was proven`);
      }
    }
  }
}
