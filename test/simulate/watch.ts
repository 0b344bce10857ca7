import { messageOf } from "../../src/base/log";
import { isRenewalUnsupported } from "../../src/core/lease";
import { PlatformError } from "../../src/core/platformError";
import type { AttemptRecord, Journal } from "../../src/core/ports/journal";
import type { RunRequest } from "../../src/core/ports/runtime";
import type { Session } from "../../src/core/session";
import { RunningClaims } from "./runningClaims";
import type { HeartWatch } from "./heart";
import type { Life } from "./life";
import type { Call, LineWatch } from "./line";
import { Questions } from "./questions";
import { Reports } from "./reports";
import type { SimPlatform } from "./simPlatform";
import type { Timeline } from "./timeline";
import type { ToolProcess, ToolWatch } from "./tool";
import type { Trace } from "./trace";
import type { Weather } from "./weather";

/** Beats may be so far apart while the machine is awake, milliseconds. */
const longestGapMs = 12_000;

export interface WatchDeps {
  readonly timeline: Timeline;
  readonly platform: SimPlatform;
  readonly weather: Weather;
  readonly trace: Trace;
  readonly leaseSeconds: number;
  readonly clockHolds: boolean;
  readonly holdsSlot: (life: Life, sessionId: string) => boolean;
  /** The platform extends claims. */
  readonly renews: boolean;
  /** True when notes were lost at no fault of the worker: then it may know less than it should. */
  readonly notesLost: () => boolean;
}

/** What one process knows of claims, by what the platform answered to it. */
interface Knowledge {
  readonly proven: Map<string, { readonly claimId: string; readonly at: number }>;
  /** True time of the last answer about a session, by the platform itself. */
  readonly asked: Map<string, number>;
  /** Claims whose end was sent. */
  readonly finishing: Set<string>;
  /** True time at which it was seen lost, by claim. */
  readonly lost: Map<string, number>;
}

/** Sees everything that crosses a border of the core, and holds it against the promises. */
export class Watch implements LineWatch, ToolWatch, HeartWatch {
  readonly #deps: WatchDeps;
  readonly #known = new Map<Life, Knowledge>();
  readonly #sentAt = new WeakMap<Call, number>();
  readonly #executed = new Map<string, number>();
  readonly beating = new Set<Life>();
  /** Sessions that a person gave back: only a person brings them here again. With the one process that knows of it. */
  readonly givenBack = new Map<string, Life | undefined>();
  readonly reports: Reports;
  readonly running: RunningClaims;
  readonly questions: Questions;
  #failure: string | undefined;
  #beat: { readonly awake: number; readonly troubles: number } | undefined;

  constructor(deps: WatchDeps) {
    this.#deps = deps;
    this.reports = new Reports(deps.platform, deps.weather, (message) => this.fail(message));
    this.running = new RunningClaims(deps, (message) => this.fail(message));
    const { timeline, holdsSlot, notesLost } = deps;
    const fail = (message: string): void => this.fail(message);
    this.questions = new Questions({ awake: () => timeline.awakeFor, holdsSlot, notesLost }, fail);
  }

  /** The first promise that was broken. */
  get failure(): string | undefined {
    return this.#failure;
  }

  fail(message: string): void {
    this.note(`BROKEN ${message}`);
    this.#failure ??= message;
  }

  note(what: string): void {
    this.#deps.trace.add(this.#deps.timeline.elapsed, what);
  }

  hasProven(life: Life, sessionId: string): boolean {
    return this.#of(life).proven.has(sessionId);
  }

  /** Another worker runs in this process from now on. */
  forgetGivenBack(life: Life): void {
    for (const [sessionId, known] of this.givenBack) if (known === life) this.givenBack.delete(sessionId);
  }

  // The network.

  sent(life: Life, call: Call, again: boolean): void {
    const { operation, sessionId, claimId } = call;
    this.#sentAt.set(call, this.#deps.timeline.now);
    this.note(`${life.name} sends ${named(call)}`);
    if (claimId === undefined || sessionId === undefined) return;
    const lostAt = this.#of(life).lost.get(claimId);
    // A renewal asks; what became of an end that was refused is found out.
    const asks = operation === "renew" && this.#of(life).finishing.has(claimId);
    if (!asks && lostAt !== undefined && lostAt < this.#deps.timeline.now) {
      this.fail(`${life.name} sends ${named(call)} although it has seen that claim end`);
    }
    if (operation !== "renew" && !again) this.#requireVerified(life, sessionId, named(call));
    if (operation === "complete" || operation === "fail" || operation === "release") {
      this.#of(life).finishing.add(claimId);
      if (this.running.runs(life, sessionId)) {
        this.fail(`${life.name} sends ${named(call)} while the tool still runs`);
      }
    }
  }

  acted(life: Life, call: Call, outcome: string): void {
    const { operation, sessionId, claimId } = call;
    this.note(`platform: ${named(call)} ${outcome}`);
    if (operation === "beat" && outcome === "done") this.#beatArrived();
    if (outcome !== "done" || sessionId === undefined || claimId === undefined) return;
    if (operation === "complete" || operation === "fail" || operation === "release") {
      if (!this.#excused) this.reports.finished(life, call.operation, sessionId, claimId);
    }
  }

  answered(life: Life, call: Call, answer: unknown, error: unknown): void {
    const { operation, sessionId, claimId } = call;
    this.note(`${life.name} hears ${named(call)}: ${error === undefined ? "ok" : messageOf(error)}`);
    if (sessionId === undefined) return;
    const known = this.#of(life);
    const { now } = this.#deps.timeline;
    if (
      claimId !== undefined &&
      PlatformError.is(error, "conflict") &&
      error.conflictReason === "claim_inactive"
    ) {
      known.lost.set(claimId, known.lost.get(claimId) ?? now);
    }
    // A platform without renewal: the claim that the poll showed is lived out.
    if (operation === "renew" && claimId !== undefined && isRenewalUnsupported(error)) {
      known.proven.set(sessionId, { claimId, at: now });
    }
    if (error !== undefined) return;
    if (operation === "claim" || operation === "renew") {
      const taken = this.#deps.platform.session(sessionId);
      const id = claimId ?? claimOf(answer) ?? taken.claim?.claimId ?? "";
      known.proven.set(sessionId, { claimId: id, at: now });
    }
    if (
      claimId !== undefined &&
      (operation === "complete" || operation === "fail" || operation === "release")
    ) {
      known.lost.set(claimId, now);
    }
    if (["get", "claim", "renew"].includes(operation)) known.asked.set(sessionId, now);
    if (operation === "get") this.#read(known, call, sessionId, answer);
  }

  /** After a sleep the claim is verified before anything is done with it. */
  #requireVerified(life: Life, sessionId: string, what: string): void {
    const { longSleepEndedAt } = this.#deps.timeline;
    if (longSleepEndedAt === undefined || life.bornAt > longSleepEndedAt) return;
    const { proven, asked } = this.#of(life);
    const at = Math.max(proven.get(sessionId)?.at ?? 0, asked.get(sessionId) ?? 0);
    if (at < longSleepEndedAt) {
      this.fail(`${life.name}: ${what} after a sleep, and the claim was not verified`);
    }
  }

  /** A read that left after the claim was had says whether it lives. */
  #read(known: Knowledge, call: Call, sessionId: string, answer: unknown): void {
    const proven = known.proven.get(sessionId);
    if (proven === undefined || (this.#sentAt.get(call) ?? 0) <= proven.at) return;
    if (!isSession(answer) || (answer.status !== "cancelled" && answer.status !== "stale")) return;
    known.lost.set(proven.claimId, known.lost.get(proven.claimId) ?? this.#deps.timeline.now);
  }

  // The coding tool.

  started(process: ToolProcess, { sessionId, resumeThreadId }: RunRequest): void {
    const { life, number } = process;
    this.note(
      `${life.name} starts tool ${number} for ${sessionId}${resumeThreadId === undefined ? "" : " again"}`,
    );
    const proven = this.#of(life).proven.get(sessionId);
    if (proven === undefined) {
      this.fail(`tool ${number} is started for ${sessionId} without a proven claim`);
      return;
    }
    this.#requireVerified(life, sessionId, `tool ${number}`);
    const round = this.running.started(process, proven.claimId);
    const givenBack = this.givenBack.has(sessionId) && !this.#excused;
    if (givenBack && (this.givenBack.get(sessionId) ?? life) === life) {
      this.fail(`tool ${number} is started for ${sessionId}, which a person gave back`);
    }
    const executed = this.#executed.get(sessionId);
    if (executed !== undefined && executed === round && !this.#excused) {
      this.fail(`tool ${number} is started for ${sessionId}, whose work was done already`);
    }
  }

  said(process: ToolProcess, token: string): void {
    this.note(`tool ${process.number} says ${token}`);
    this.reports.said(process.life, process.sessionId, this.running.claimOf(process) ?? "", token);
  }

  ended(process: ToolProcess, outcome: { readonly kind: string } | undefined): void {
    this.note(`tool ${process.number} ends: ${outcome?.kind ?? "aborted"}`);
    this.running.ended(process);
    this.questions.ended(process);
  }

  // The heartbeat.

  beatStarted(life: Life): void {
    for (const other of this.beating) {
      if (!other.over && other !== life) this.fail(`${life.name} beats beside ${other.name}`);
    }
    this.beating.add(life);
    this.#markBeat();
  }

  beatStopped(life: Life): void {
    this.beating.delete(life);
    this.#beat = undefined;
  }

  #markBeat(): void {
    this.#beat = { awake: this.#deps.timeline.awakeFor, troubles: this.#deps.weather.beatTroubles };
  }

  #beatArrived(): void {
    this.#checkGap();
    if (this.#beat !== undefined) this.#markBeat();
  }

  #checkGap(): void {
    const { timeline, weather } = this.#deps;
    if (this.#beat === undefined || weather.beatTroubles !== this.#beat.troubles) return;
    const gap = timeline.awakeFor - this.#beat.awake;
    const down = this.#deps.platform.downUntil >= timeline.now - gap;
    if (gap > longestGapMs && !down) this.fail(`no beat for ${gap} ms awake`);
  }

  // The notes.

  /** The journal as the core has it; what it vouches for must hold from then on. */
  journal(life: Life, inner: Journal): Journal {
    return {
      list: () => inner.list(),
      outbox: (sessionId, claimId) => inner.outbox(sessionId, claimId),
      save: async (record) => {
        this.note(`${life.name} notes ${record.sessionId} ${record.step} ${record.outcome}`);
        await inner.save(record);
        this.#noted(record);
      },
      append: async (sessionId, claimId, entry) => {
        await inner.append(sessionId, claimId, entry);
        this.reports.noted(sessionId, claimId, entry);
      },
    };
  }

  #noted({ sessionId, claimId, ran }: AttemptRecord): void {
    if (ran?.kind !== "completed") return;
    const round = this.running.roundOf(claimId);
    if (round !== undefined) this.#executed.set(sessionId, round);
  }

  /** Held at every step. */
  look(): void {
    this.#deps.platform.settle();
    this.running.look();
    this.questions.lookAtAll();
    this.#checkGap();
    let beating = 0;
    for (const life of this.beating) {
      if (life.over) this.beating.delete(life);
      else beating += 1;
    }
    if (this.beating.size === 0) this.#beat = undefined;
    if (beating > 1) this.fail("two workers beat at once");
  }

  get #excused(): boolean {
    return this.#deps.notesLost();
  }

  #of(life: Life): Knowledge {
    const known = this.#known.get(life) ?? {
      proven: new Map(),
      asked: new Map(),
      finishing: new Set(),
      lost: new Map(),
    };
    this.#known.set(life, known);
    return known;
  }
}

function named({ operation, sessionId, claimId, sequence }: Call): string {
  return [operation, sessionId, claimId, sequence === undefined ? undefined : `#${sequence}`]
    .filter((part) => part !== undefined)
    .join(" ");
}

function isSession(answer: unknown): answer is Session {
  return typeof answer === "object" && answer !== null && "status" in answer;
}

function claimOf(answer: unknown): string | undefined {
  if (typeof answer !== "object" || answer === null || !("claim" in answer)) return undefined;
  const { claim } = answer;
  return typeof claim === "object" && claim !== null && "claimId" in claim
    ? String(claim.claimId)
    : undefined;
}
