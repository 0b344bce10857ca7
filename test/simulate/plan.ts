import { Dice } from "./dice";

/** How often each kind of network trouble hits one call, as shares. */
interface NetworkTrouble {
  /** Cut off before, or after, the platform heard of it. */
  readonly lost: number;
  readonly answerLost: number;
  /** Cut off for the caller; the platform hears of it later all the same. */
  readonly straggling: number;
  /** Takes seconds, or longer than anybody waits. */
  readonly slow: number;
  /** Arrives twice. */
  readonly doubled: number;
  /** 5xx, after or before it was carried out. */
  readonly serverError: number;
  readonly rateLimited: number;
  /** 403 or 404 on a path of a session, without any change of the session. */
  readonly oddRefusal: number;
  /** 400 for what is said. */
  readonly badContent: number;
}

export interface Plan {
  readonly sessions: number;
  readonly windows: number;
  readonly leaseSeconds: number;
  readonly maxActive: number;
  readonly maxRetries: number;
  readonly renewal: "supported" | "405" | "409";
  readonly monotonicRuns: boolean;
  /** True time until the trouble ends, milliseconds. */
  readonly troubleMs: number;
  readonly network: NetworkTrouble;
  /** How many of each happen while there is trouble. */
  readonly crashes: number;
  readonly sleeps: number;
  readonly wallSteps: number;
  readonly outages: number;
  readonly signals: number;
  readonly commands: number;
  readonly cancellations: number;
  readonly requeues: number;
  readonly thefts: number;
  readonly diskTroubles: number;
  readonly bitRot: number;
  readonly newSessions: number;
  readonly reloads: number;
  /** Sessions that wait for a person's answer from the beginning. */
  readonly awaiting: number;
  readonly answers: number;
  /** How often, for each of its steps, the coding tool asks a person. */
  readonly asks: number;
  /** How often somebody answers in the editor, and how likely somebody does once the trouble is over, every 5 s. */
  readonly editorAnswers: number;
  readonly patience: number;
  /** How often the coding tool ends otherwise than well. */
  readonly toolFailures: number;
  readonly gitFailures: number;
  /** How often a session is a step of a workflow run. */
  readonly runs: number;
  /** The real loop of beats, or one that only keeps its times. */
  readonly realBeats: boolean;
  /** The journal's own lines and segments, also where no trouble of the disk asks for them. */
  readonly realJournal: boolean;
}

/** Most kinds of trouble are absent from a schedule, so that those that are there meet in every combination. */
export function planOf(seed: number): Plan {
  const dice = new Dice(seed, "plan");
  // Now and then everything comes at once.
  const storm = dice.chance(0.1);
  const share = (most: number): number =>
    dice.chance(storm ? 0.1 : 0.5) ? 0 : most * dice.random.next() ** (storm ? 1 : 2);
  const some = (present: number, most: number): number =>
    dice.chance(storm ? (1 + 2 * present) / 3 : present) ? dice.between(1, most) : 0;
  return {
    sessions: dice.pick([1, 1, 1, 2, 2, 3]),
    windows: dice.pick([1, 1, 1, 1, 2, 3]),
    leaseSeconds: dice.pick([60, 60, 90, 120, 300]),
    maxActive: dice.pick([1, 2, 2, 3]),
    maxRetries: dice.pick([0, 0, 1, 2]),
    renewal: dice.pick(["supported", "supported", "supported", "supported", "405", "409"]),
    monotonicRuns: dice.chance(0.3),
    troubleMs: dice.between(10, 90) * 1000,
    network: {
      lost: share(0.3),
      answerLost: share(0.3),
      straggling: share(0.15),
      slow: share(0.2),
      doubled: share(0.2),
      serverError: share(0.3),
      rateLimited: share(0.15),
      oddRefusal: dice.chance(0.1) ? share(0.05) : 0,
      badContent: dice.chance(0.1) ? share(0.2) : 0,
    },
    crashes: some(0.5, 4),
    sleeps: some(0.2, 2),
    wallSteps: some(0.15, 3),
    outages: some(0.2, 2),
    signals: some(0.25, 4),
    commands: some(0.3, 5),
    cancellations: some(0.2, 2),
    requeues: some(0.2, 2),
    thefts: some(0.1, 2),
    diskTroubles: some(0.2, 3),
    bitRot: some(0.03, 1),
    newSessions: some(0.2, 2),
    reloads: some(0.2, 2),
    awaiting: some(0.1, 1),
    answers: some(0.5, 2),
    toolFailures: dice.pick([0, 0.15, 0.3, 0.6]),
    gitFailures: dice.pick([0, 0, 0, 0.2]),
    realBeats: dice.chance(0.2),
    realJournal: dice.chance(0.3),
    asks: dice.pick([0, 0, 0.1, 0.3, 0.8]),
    editorAnswers: some(0.6, 10),
    patience: dice.pick([0.05, 0.3, 1]),
    runs: dice.pick([0, 0, 0.5, 1]),
  };
}
