import type { Clock } from "../../src/base/clock";
import type { Activity, SessionMetadata } from "../../src/core/ports/platform";
import type { Claim, Session } from "../../src/core/session";
import { us } from "./builders";
import { claimInactive, conflict, refused } from "./platformErrors";

interface Held {
  session: Session;
  claim:
    { claimId: string; holder: string; endsAt: number; leaseSeconds: number; sequence: number } | undefined;
  lastHolder: string | undefined;
  readonly activities: { readonly claimId: string; readonly activity: Activity }[];
  readonly patches: { readonly claimId: string; readonly metadata: SessionMetadata }[];
  readonly finishes: {
    readonly claimId: string;
    readonly kind: "complete" | "fail" | "release";
    readonly text: string;
  }[];
  /** Breaches of the contract that no refusal answers. */
  readonly remarks: string[];
}

type OfTask = Pick<Session["untrusted"], "comments" | "documents">;

/** The contract's rules in small, in memory: queue, claims with leases by the clock, conflict reasons. */
export class FakeSessions {
  /** How far the platform's wall clock is ahead of this machine's, milliseconds. */
  skew = 0;
  renewal: "yes" | "405" | "409" = "yes";
  readonly #clock: Clock;
  readonly #held = new Map<string, Held>();
  #claims = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(...sessions: readonly Session[]): void {
    for (const session of sessions) {
      this.#held.set(session.sessionId, {
        session,
        claim: undefined,
        lastHolder: undefined,
        activities: [],
        patches: [],
        finishes: [],
        remarks: [],
      });
    }
  }

  get ids(): readonly string[] {
    return [...this.#held.keys()];
  }

  of(sessionId: string): Held {
    const held = this.#held.get(sessionId);
    if (held === undefined) throw new Error(`no session ${sessionId}`);
    this.#expire(held);
    return held;
  }

  status(sessionId: string): Session["status"] {
    return this.of(sessionId).session.status;
  }

  set(sessionId: string, facts: Partial<Session>): void {
    const held = this.of(sessionId);
    held.session = { ...held.session, ...facts };
  }

  /** The person cancels on the platform; the claim is dead from here on. */
  cancel(sessionId: string): void {
    this.of(sessionId).claim = undefined;
    this.set(sessionId, { status: "cancelled" });
  }

  /** The claim dies as if the lease had run out. */
  expire(sessionId: string): void {
    this.of(sessionId).claim = undefined;
    this.set(sessionId, { status: "stale" });
  }

  /** A claim that this or another worker holds. */
  giveClaim(
    sessionId: string,
    facts: { claimId?: string; holder?: string; leaseSeconds?: number; sequence?: number } = {},
  ): void {
    const held = this.of(sessionId);
    const leaseSeconds = facts.leaseSeconds ?? 900;
    const holder = facts.holder ?? us.workerId;
    held.claim = {
      claimId: facts.claimId ?? `claim-${sessionId}`,
      holder,
      leaseSeconds,
      endsAt: this.#now() + leaseSeconds * 1000,
      sequence: facts.sequence ?? 0,
    };
    held.lastHolder = holder;
    held.session = { ...held.session, status: "active" };
  }

  /** What a poll shows to this worker. */
  protected offered(): readonly Session[] {
    const all = this.ids.map((sessionId) => this.of(sessionId));
    return all.filter((held) => this.#offers(held)).map((held) => this.view(held));
  }

  /** What people and agents leave at a task is in each of its sessions. */
  protected addToTask(taskId: string | undefined, add: (before: OfTask) => OfTask): void {
    for (const held of this.#held.values()) {
      if (held.session.taskId !== taskId) continue;
      const { untrusted } = held.session;
      held.session = { ...held.session, untrusted: { ...untrusted, ...add(untrusted) } };
    }
  }

  #now(): number {
    return this.#clock.now() + this.skew;
  }

  #offers(held: Held): boolean {
    const { status } = held.session;
    if (status === "queued") return true;
    if (status === "stale") return held.lastHolder === us.workerId;
    return held.claim?.holder === us.workerId;
  }

  protected view(held: Held): Session {
    const claim = held.claim?.holder === us.workerId ? claimOf(held.claim) : undefined;
    return { ...held.session, claim };
  }

  protected claimed(sessionId: string, claimId: string): Held {
    const held = this.of(sessionId);
    if (held.claim?.claimId !== claimId) throw claimInactive();
    return held;
  }

  protected newClaim(held: Held, holder: string, leaseSeconds: number): Claim {
    const { status } = held.session;
    if (status === "cancelled") throw conflict("cancelled");
    if (status === "active" || status === "awaiting_input") throw conflict("already_claimed");
    if (status !== "queued" && status !== "stale") throw conflict("not_claimable");
    this.#claims += 1;
    held.claim = {
      claimId: `claim-${held.session.sessionId}-${this.#claims}`,
      holder,
      leaseSeconds,
      endsAt: this.#now() + leaseSeconds * 1000,
      sequence: 0,
    };
    held.lastHolder = holder;
    held.session = { ...held.session, status: "active" };
    return claimOf(held.claim);
  }

  protected renew(held: Held, claimId: string, leaseSeconds: number): Claim {
    if (this.renewal === "405") throw refused("unsupported");
    const { claim } = held;
    if (claim?.claimId !== claimId) throw claimInactive();
    if (this.renewal === "409") throw conflict("renewal_unsupported");
    claim.leaseSeconds = leaseSeconds;
    claim.endsAt = this.#now() + leaseSeconds * 1000;
    return claimOf(claim);
  }

  #expire(held: Held): void {
    if (held.claim === undefined || held.claim.endsAt > this.#now()) return;
    held.claim = undefined;
    held.session = { ...held.session, status: "stale" };
  }
}

function claimOf(claim: { claimId: string; endsAt: number; leaseSeconds: number }): Claim {
  return { claimId: claim.claimId, expiresAt: claim.endsAt, leaseSeconds: claim.leaseSeconds };
}
