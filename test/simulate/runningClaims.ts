import type { Life } from "./life";
import type { ClaimLife, SimPlatform } from "./simPlatform";
import type { Timeline } from "./timeline";
import type { ToolProcess } from "./tool";
import type { Weather } from "./weather";

/** From a claim's end to the end of its execution, milliseconds of awake time. */
const allowed = {
  /** Interrupted, then killed. */
  kill: 6000,
  /** A cancelled session is read every 5 s. */
  cancelled: 10_000,
  /** After a sleep every claim is verified or given up. */
  doubt: 32_000,
};

/** How long after the trouble a claim may still run out for it, beyond a lease, milliseconds. */
const settlingMs = 60_000;

/** How long the row may still say so after the process ended, milliseconds of awake time. */
const endingMs = 1000;

interface Running {
  readonly process: ToolProcess;
  readonly claimId: string;
  /** When its claim was first seen dead, by awake time. */
  dead: { readonly awake: number; readonly troubles: number; readonly sleeps: number } | undefined;
}

export interface RunningDeps {
  readonly timeline: Timeline;
  readonly platform: SimPlatform;
  readonly weather: Weather;
  readonly leaseSeconds: number;
  readonly notesLost: () => boolean;
  /** The platform extends claims. */
  readonly renews: boolean;
  /** No clock is set: the worker can tell by itself when a claim ends. */
  readonly clockHolds: boolean;
}

/** Which processes of the tool live under which claim, and for how long without one. */
export class RunningClaims {
  readonly #deps: RunningDeps;
  readonly #fail: (message: string) => void;
  readonly #running = new Map<ToolProcess, Running>();
  readonly #endedAt = new Map<string, number>();
  /** True time since which nothing is in trouble. */
  #calmSince = Infinity;

  constructor(deps: RunningDeps, fail: (message: string) => void) {
    this.#deps = deps;
    this.#fail = fail;
  }

  runs(life: Life, sessionId: string): boolean {
    return [...this.#running.keys()].some(
      (one) => one.alive && one.life === life && one.sessionId === sessionId,
    );
  }

  /** Its process lives, or has just ended. */
  ranLately(life: Life, sessionId: string): boolean {
    if (this.runs(life, sessionId)) return true;
    const endedAt = this.#endedAt.get(`${life.name} ${sessionId}`);
    return endedAt !== undefined && this.#deps.timeline.awakeFor - endedAt < endingMs;
  }

  ended({ life, sessionId }: ToolProcess): void {
    this.#endedAt.set(`${life.name} ${sessionId}`, this.#deps.timeline.awakeFor);
  }

  claimOf(process: ToolProcess): string | undefined {
    return this.#running.get(process)?.claimId;
  }

  /** Which of the session's rounds through the queue the claim belongs to. */
  roundOf(claimId: string): number | undefined {
    return this.#deps.platform.claims.get(claimId)?.round;
  }

  /** @returns the round of its claim. */
  started(process: ToolProcess, claimId: string): number | undefined {
    const { sessionId, number } = process;
    for (const other of this.#running.keys()) {
      // Who was to end it died too, and the note of its marker is lost: nobody can know of it.
      if (other.orphaned && this.#deps.notesLost()) continue;
      if (other.alive && other.sessionId === sessionId) {
        this.#fail(`tool ${number} is started for ${sessionId} beside tool ${other.number}`);
      }
    }
    this.#running.set(process, { process, claimId, dead: undefined });
    return this.roundOf(claimId);
  }

  look(): void {
    this.#lookForLapsed();
    for (const running of this.#running.values()) {
      if (!running.process.alive) this.#running.delete(running.process);
      else if (!running.process.orphaned) this.#check(running);
    }
  }

  /** Once all is calm no claim of ours runs out, however long a person lets it wait. */
  #lookForLapsed(): void {
    const { platform, weather, timeline, leaseSeconds, renews } = this.#deps;
    if (!weather.calm || !renews) return;
    this.#calmSince = Math.min(this.#calmSince, timeline.now);
    const from = this.#calmSince + leaseSeconds * 1000 + settlingMs;
    for (const { claimId, workerId, diedAt, endedAs } of platform.claims.values()) {
      if (workerId !== platform.us.workerId || diedAt === undefined || diedAt < from) continue;
      if (endedAs === "stale") this.#fail(`${claimId} runs out while all is calm`);
    }
  }

  #check(running: Running): void {
    const { timeline, platform, weather } = this.#deps;
    const claim = platform.claims.get(running.claimId);
    if (claim?.diedAt === undefined) return;
    const { sleeps } = timeline;
    running.dead ??= { awake: timeline.awakeFor, troubles: weather.troubles, sleeps };
    const sinceMs = timeline.awakeFor - running.dead.awake;
    if (sinceMs <= this.#allowedMs(claim, running.dead)) return;
    const { number, sessionId } = running.process;
    this.#fail(
      `tool ${number} runs for ${sessionId} ${sinceMs} ms after its claim ended (${claim.endedAs ?? ""})`,
    );
  }

  #allowedMs(claim: ClaimLife, dead: NonNullable<Running["dead"]>): number {
    const { timeline, weather, leaseSeconds } = this.#deps;
    // A sleep shortly before counts too: it is noticed afterwards.
    const doubt = timeline.sleeps > 0 && timeline.awakeFor - timeline.wokeAt < allowed.doubt + allowed.kill;
    const slept = timeline.sleeps !== dead.sleeps || doubt ? allowed.doubt : 0;
    if (claim.endedAs === "stale" && !claim.offline && this.#deps.clockHolds) return allowed.kill + slept;
    const hidden =
      weather.troubles !== dead.troubles || this.#deps.platform.downUntil >= timeline.now - 15_000;
    return allowed.cancelled + allowed.kill + slept + (hidden || claim.offline ? leaseSeconds * 1000 : 0);
  }
}
