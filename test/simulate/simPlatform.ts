import { addActivity } from "../../src/sandbox/rules/activities";
import { activeClaim, claim, renew } from "../../src/sandbox/rules/claims";
import { isOffered } from "../../src/sandbox/rules/eligibility";
import { finish, type Finish } from "../../src/sandbox/rules/finish";
import { applyPatch } from "../../src/sandbox/rules/patch";
import {
  addSession,
  answerSession,
  cancelSession,
  requeueSession,
  signalWorker,
} from "../../src/sandbox/rules/sessions";
import { settle } from "../../src/sandbox/rules/time";
import { conflict, notFound } from "../../src/sandbox/refusal";
import type { Platform as SandboxPlatform } from "../../src/sandbox/state/platform";
import type { Session as Stored, SignalType, Worker } from "../../src/sandbox/state/schema";
import { seedState } from "../../src/sandbox/state/seed";
import type { Answer, Question } from "../../src/core/ports/person";
import type {
  Activity,
  DelegatedWork,
  NewDocument,
  SessionMetadata,
  WorkerRecord,
} from "../../src/core/ports/platform";
import type { Claim, Session } from "../../src/core/session";
import type { Dice } from "./dice";
import { RunBooks, type BooksDeps } from "./runBooks";
import type { Timeline } from "./timeline";

const userId = "user_sandbox";
const workspaceId = "ws_sandbox";
const agentId = "agent_sandbox";

/** Who the worker is on this platform. */
export const simIdentity = { userId, workspaceId, agentId, workerId: "worker_1" } as const;

/** What people write on the platform, whatever is asked. */
const said = "The left one.";

/** What that answers: an approval it can only deny. */
export function platformsAnswer(about: Question["about"]): Answer {
  return about === "question"
    ? { kind: "texts", texts: [said] }
    : { kind: "decision", decision: "deny", guidance: said };
}

/** A claim's life, by the platform's own clock. */
export interface ClaimLife {
  readonly claimId: string;
  readonly sessionId: string;
  readonly workerId: string;
  readonly bornAt: number;
  /** Which time through the queue. */
  readonly round: number;
  /** It ended because the worker did not beat. */
  offline: boolean;
  diedAt: number | undefined;
  /** The session's status after its death. */
  endedAs: Stored["status"] | undefined;
}

/** How the sessions of workflow runs come to be. */
export type RunsOfWorld = Pick<BooksDeps, "dice" | "git" | "fail" | "mayStraggle" | "notesLost"> & {
  /** How many sessions are steps of runs. */
  readonly share: number;
};

/** The sandbox platform's own rules on the virtual clock. Throws Refusal where it refuses. */
export class SimPlatform {
  readonly #timeline: Timeline;
  readonly #platform: SandboxPlatform;
  readonly claims = new Map<string, ClaimLife>();
  /** How often a session came back to the queue: each time it is new work. */
  readonly rounds = new Map<string, number>();
  /** Until then nothing is answered. */
  downUntil = 0;
  readonly us: Worker;
  readonly others: Worker;
  readonly #runsShare: number;
  readonly #runDice: Dice;
  readonly books: RunBooks;

  constructor(timeline: Timeline, renewal: "supported" | "405" | "409", runs: RunsOfWorld) {
    this.#timeline = timeline;
    this.#runsShare = runs.share;
    this.#runDice = runs.dice;
    const state = seedState();
    state.settings.renewal = renewal;
    this.#platform = {
      state,
      clock: { now: () => timeline.now, advance: () => undefined, aheadMs: () => 0 },
      version: () => 1,
      settle: () => this.settle(),
      changed: () => undefined,
      nextId: (prefix) => `${prefix}_${state.nextNumber++}`,
      nextChange: () => Promise.resolve(1),
    };
    this.us = this.#makeWorker(simIdentity.workerId, "");
    this.others = this.#makeWorker("worker_other", "other");
    this.books = new RunBooks({
      ...runs,
      platform: this.#platform,
      owner: { userId },
      us: this.us.workerId,
      others: this.others.workerId,
      round: (sessionId) => this.rounds.get(sessionId) ?? 0,
    });
  }

  get sessions(): readonly Stored[] {
    return this.#platform.state.sessions;
  }

  session(sessionId: string): Stored {
    const found = this.sessions.find((one) => one.sessionId === sessionId);
    if (found === undefined) throw notFound("session");
    return found;
  }

  /** What time alone has changed, at the instant at which it did. */
  settle(): void {
    const { state } = this.#platform;
    const now = this.#timeline.now;
    const held = state.sessions.filter((one) => one.claim !== null);
    const endings = held.map((one) => ({ one, ...this.#endOf(one) }));
    this.others.lastBeatAt = now;
    settle(state, now);
    for (const { one, at, offline } of endings) if (one.claim === null) this.#died(one, at, offline);
  }

  /** Work, or now and then a step of a workflow run. */
  addWork(title: string): void {
    const session = this.add(title);
    if (this.#runDice.chance(this.#runsShare)) this.books.make(session);
  }

  add(title: string): Stored {
    return addSession(this.#platform, {
      workspaceId,
      agentId,
      ownerUserId: userId,
      title,
      prompt: `Do ${title}`,
    });
  }

  /** One that waits for a person's answer, under a claim of ours from an earlier process. */
  addAwaiting(title: string, leaseSeconds: number): void {
    const { sessionId } = this.add(title);
    const taken = this.claim(sessionId, { leaseSeconds }).claim.claimId;
    this.patch(sessionId, taken, { status: "awaiting_input", inputRequest: "Which one?" });
  }

  /** A person answers whatever waits for an answer. */
  answerAll(): void {
    this.settle();
    for (const session of this.sessions) {
      if (session.status === "awaiting_input" && session.input === null) {
        answerSession(this.#platform, session, said);
      }
    }
  }

  // What other people and machines do.

  cancel(sessionId: string): void {
    this.settle();
    this.#during(sessionId, (session) => cancelSession(session, this.#timeline.now));
  }

  requeue(sessionId: string): void {
    this.settle();
    this.#during(sessionId, (session) => requeueSession(session, this.#timeline.now));
  }

  signal(type: SignalType): string {
    return signalWorker(this.#platform, this.us, type);
  }

  /** Another worker takes the session, and ends it at once. */
  takeElsewhere(sessionId: string, how: Finish): void {
    this.settle();
    this.#during(sessionId, (session) => {
      const taken = claim(session, this.others, 900, this.#timeline.now);
      finish(session, taken.claimId, how, false, this.#timeline.now);
      // What another worker leaves out is not ours.
      session.remarks.length = 0;
    });
  }

  // The calls of our worker.

  register(): WorkerRecord {
    this.us.registeredAt = this.#timeline.now;
    return this.worker();
  }

  beat(): void {
    this.settle();
    this.us.lastBeatAt = this.#timeline.now;
    this.us.beats += 1;
  }

  worker(): WorkerRecord {
    const { signal } = this.us;
    return {
      workerId: this.us.workerId,
      name: this.us.facts.name,
      ownerUserId: userId,
      status: "online",
      controlSignal: signal === null ? undefined : { signalId: signal.signalId, type: signal.type },
    };
  }

  acknowledge(signalId: string): void {
    if (this.us.signal?.signalId === signalId) {
      this.us.signal = null;
      this.us.acknowledged.push(signalId);
    } else if (!this.us.acknowledged.includes(signalId)) {
      throw notFound("control signal");
    }
  }

  poll(): readonly Session[] {
    this.settle();
    return this.sessions.filter((one) => isOffered(one, this.us)).map((one) => this.#view(one));
  }

  read(sessionId: string): Session {
    this.settle();
    return this.#view(this.session(sessionId));
  }

  claim(
    sessionId: string,
    options: { readonly leaseSeconds: number; readonly claimId?: string },
  ): { readonly claim: Claim; readonly session: Session } {
    this.settle();
    const { claimId, leaseSeconds } = options;
    const now = this.#timeline.now;
    const session = this.session(sessionId);
    const { renewal } = this.#platform.state.settings;
    if (claimId !== undefined) renew(session, this.us, claimId, leaseSeconds, renewal, now);
    else this.#during(sessionId, () => claim(session, this.us, leaseSeconds, now));
    const view = this.#view(session);
    if (view.claim === undefined) throw conflict("claim_inactive", "no claim");
    return { claim: view.claim, session: view };
  }

  patch(sessionId: string, claimId: string, metadata: SessionMetadata): void {
    const session = this.#claimed(sessionId, claimId);
    const { usage, ...rest } = metadata;
    const counted =
      usage === undefined ? {} : { usage: { ...usage, contextWindow: usage.contextWindow ?? 0 } };
    applyPatch(this.#platform.state, session, { claimId, ...rest, ...counted }, this.#timeline.now);
    this.books.patched(session, metadata.workflowPushConfirmed === true);
  }

  /** True when it was stored now. */
  activity(sessionId: string, claimId: string, activity: Activity): boolean {
    const session = this.#claimed(sessionId, claimId);
    const body = { ...activity, claimId, occurredAt: new Date(activity.occurredAt).toISOString() };
    return addActivity(session, activeClaim(session, this.us, claimId), body, this.#timeline.now);
  }

  finish(sessionId: string, claimId: string, how: Finish): void {
    this.#claimed(sessionId, claimId);
    this.#during(sessionId, (session) => finish(session, claimId, how, false, this.#timeline.now));
    if (how.kind === "complete") this.books.completed(this.session(sessionId));
  }

  delegate(work: DelegatedWork): string {
    this.settle();
    const child = this.books.delegate(agentId, work);
    const { sessionId } = child;
    // Who else gets it is done with it at once.
    if (child.targetWorkerId !== this.us.workerId) {
      this.takeElsewhere(sessionId, { kind: "complete", summary: undefined });
    }
    return sessionId;
  }

  document(document: NewDocument): void {
    this.books.document(workspaceId, document);
  }

  #claimed(sessionId: string, claimId: string): Stored {
    this.settle();
    const session = this.session(sessionId);
    activeClaim(session, this.us, claimId);
    return session;
  }

  /** When the session's claim ends by time alone. */
  #endOf(session: Stored): { readonly at: number; readonly offline: boolean } {
    const worker = session.claim?.workerId === this.us.workerId ? this.us : this.others;
    const offlineAt = Math.max(worker.registeredAt, worker.lastBeatAt ?? 0) + 300_000;
    const expiresAt = session.claim?.expiresAt ?? Infinity;
    const offline = worker === this.us && offlineAt < expiresAt;
    return { at: offline ? offlineAt : expiresAt, offline };
  }

  /** Keeps the books of claims and rounds over a change. */
  #during(sessionId: string, change: (session: Stored) => void): void {
    const session = this.session(sessionId);
    const before = session.claim?.claimId;
    change(session);
    if (session.claim !== null && session.claim.claimId !== before) this.#born(session, session.claim);
    if (before !== undefined && session.claim?.claimId !== before) {
      this.#diedAs(before, session, this.#timeline.now);
    }
    if (session.status === "queued") this.rounds.set(sessionId, (this.rounds.get(sessionId) ?? 0) + 1);
  }

  #born(session: Stored, held: NonNullable<Stored["claim"]>): void {
    held.claimId = this.#platform.nextId("claim");
    const { sessionId } = session;
    const { claimId, workerId } = held;
    const bornAt = this.#timeline.now;
    const round = this.rounds.get(sessionId) ?? 0;
    const life = { claimId, sessionId, workerId, bornAt, round, offline: false };
    this.claims.set(claimId, { ...life, diedAt: undefined, endedAs: undefined });
  }

  #died(session: Stored, at: number, offline: boolean): void {
    for (const life of this.claims.values()) {
      if (life.sessionId === session.sessionId && life.diedAt === undefined) {
        life.offline = offline;
        this.#diedAs(life.claimId, session, at);
      }
    }
  }

  #diedAs(claimId: string, session: Stored, at: number): void {
    const life = this.claims.get(claimId);
    if (life === undefined) return;
    life.diedAt = at;
    life.endedAs = session.status;
  }

  #view(session: Stored): Session {
    const { claim: held, input } = session;
    const mine = held !== null && held.workerId === this.us.workerId ? held : undefined;
    return {
      sessionId: session.sessionId,
      workspaceId,
      agentId,
      workerId: held?.workerId,
      executionMode: session.executionMode,
      ownerUserId: session.ownerUserId ?? undefined,
      status: session.status,
      title: session.title,
      prompt: session.prompt,
      trusted: { policy: undefined, agent: undefined, worker: undefined },
      ...this.books.view(session),
      claim: mine && { claimId: mine.claimId, expiresAt: mine.expiresAt, leaseSeconds: mine.leaseSeconds },
      pendingResumeInput: mine && input !== null ? { inputId: input.inputId, text: input.text } : undefined,
      externalUrl: undefined,
      createdAt: session.createdAt,
    };
  }

  #makeWorker(workerId: string, key: string): Worker {
    const worker: Worker = {
      workerId,
      agentId,
      workspaceId,
      ownerUserId: userId,
      idempotencyKey: key,
      facts: {
        name: workerId,
        runtime: { provider: "codex" },
        worktreeMode: "task",
        maxConcurrentSessions: 6,
      },
      registeredAt: this.#timeline.now,
      lastBeatAt: null,
      beats: 0,
      lastBeat: null,
      signal: null,
      acknowledged: [],
      rejected: null,
    };
    this.#platform.state.workers.push(worker);
    return worker;
  }
}
