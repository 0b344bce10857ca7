import { RecentMap } from "../base/recentMap";
import { whyNotOurs } from "./eligibility";
import { resumes } from "./recover";
import { latestAttempt } from "./latestAttempt";
import type { Session } from "./session";
import type { WorkerDeps } from "./workerDeps";

type OffersDeps = Pick<WorkerDeps, "journal" | "autoClaim" | "clock" | "identity" | "log" | "store">;

/** A run may last for months: what is older than this many ends nobody asks about any more. */
const rememberedEnds = 500;

/** Remembers what a person asked for and what ended here, and judges by it which polled sessions may be executed. */
export class Offers {
  readonly #deps: OffersDeps;
  /** Monotonic instant at which an attempt ended: an answer that left before it says nothing about the session now. */
  readonly #endedAt = new RecentMap<string, number>(rememberedEnds);
  /** The claim that ended here last, by session: it is not taken up again whatever a poll shows. */
  readonly #endedClaims = new RecentMap<string, string>(rememberedEnds);
  /** Sessions that a person asked for by hand: they pass over autoClaim and an earlier release. */
  readonly #wanted = new Set<string>();
  /** Sessions that were given back for what they are: only a person brings them here again. */
  readonly #keptAway = new RecentMap<string, true>(rememberedEnds);

  constructor(deps: OffersDeps) {
    this.#deps = deps;
  }

  want(sessionId: string): void {
    this.#wanted.add(sessionId);
    this.#keptAway.delete(sessionId);
  }

  /** A person waits for a session that is still offered. */
  get hasWish(): boolean {
    return this.#wanted.size > 0;
  }

  /** A person asked for this one. */
  isWanted(sessionId: string): boolean {
    return this.#wanted.has(sessionId);
  }

  /** It is begun: the wish is fulfilled, unless no claim comes of it. True when a person had asked for it. */
  began(sessionId: string): boolean {
    return this.#wanted.delete(sessionId);
  }

  ended(sessionId: string, facts: { readonly claimId?: string; readonly keepAway: boolean }): void {
    this.#endedAt.set(sessionId, this.#deps.clock.monotonic());
    if (facts.claimId !== undefined) this.#endedClaims.set(sessionId, facts.claimId);
    if (facts.keepAway) this.#keptAway.set(sessionId, true);
  }

  /** What the answer still tells: sessions that ended here after it left are out of it. Wishes for what is gone are dropped. */
  current(polled: {
    readonly sessions: readonly Session[];
    readonly requestedAt: number;
  }): readonly Session[] {
    const offered = new Set(polled.sessions.map((session) => session.sessionId));
    for (const sessionId of this.#wanted) if (!offered.has(sessionId)) this.#wanted.delete(sessionId);
    return polled.sessions.filter(
      (session) => (this.#endedAt.get(session.sessionId) ?? -Infinity) <= polled.requestedAt,
    );
  }

  /** An active session that carries its claim is ours from an earlier process, or from a claim whose answer was lost. */
  holdsClaim(session: Session): boolean {
    if (!this.keepsClaim(session)) return false;
    if (session.status === "active" || session.pendingResumeInput !== undefined) return true;
    // One that waits: an earlier process asked here, and died; the question is asked again.
    const record = latestAttempt(this.#deps.journal, session.sessionId);
    return record?.outcome === "running" && record.claimId === session.claim?.claimId;
  }

  /** As `holdsClaim`, and a session that waits for a person keeps its claim too. */
  keepsClaim(session: Session): boolean {
    const { journal, identity } = this.#deps;
    const { sessionId, claim, status } = session;
    if (claim === undefined || whyNotOurs(session, identity) !== undefined) return false;
    const live = status === "active" || status === "awaiting_input";
    if (!live || this.#endedClaims.get(sessionId) === claim.claimId) return false;
    const record = latestAttempt(journal, sessionId);
    return record?.claimId !== claim.claimId || record.outcome === "running";
  }

  /** A person gave it back, and none has asked for it since. */
  isGivenBack(sessionId: string): boolean {
    const { journal, store } = this.#deps;
    if (this.#wanted.has(sessionId)) return false;
    if (store.state.sessions.get(sessionId)?.releasedByPerson === true) return true;
    const record = latestAttempt(journal, sessionId);
    // A running one: the process that was to give it back died on the way.
    const asked = record?.outcome === "released" || record?.outcome === "running";
    return asked && record.releasedByPerson;
  }

  /** What may be claimed: first what a person asked for. */
  candidates(sessions: readonly Session[]): readonly Session[] {
    const all = sessions.filter((session) => this.#isCandidate(session));
    const wanted = all.filter((session) => this.#wanted.has(session.sessionId));
    return [...wanted, ...all.filter((session) => !wanted.includes(session))];
  }

  #isCandidate(session: Session): boolean {
    const { autoClaim, identity, journal, log } = this.#deps;
    const { sessionId, status } = session;
    if (status !== "queued" && status !== "stale") return false;
    const refusal = whyNotOurs(session, identity);
    if (refusal !== undefined) {
      log.warn("a polled session is not ours", { sessionId, refusal });
      return false;
    }
    if (this.#wanted.has(sessionId)) return true;
    const record = latestAttempt(journal, sessionId);
    // The end of our own work is told, whatever is to be claimed.
    if (resumes(record, session) && record.ending !== undefined) return true;
    return autoClaim() && !this.isGivenBack(sessionId) && !this.#keptAway.has(sessionId);
  }
}
