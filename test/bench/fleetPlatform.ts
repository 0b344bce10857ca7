import type { Clock } from "../../src/base/clock";
import type { Platform, WorkerPath } from "../../src/core/ports/platform";
import type { Session, WorkerIdentity } from "../../src/core/session";
import { addActivity } from "../../src/sandbox/rules/activities";
import { activeClaim, claim, renew } from "../../src/sandbox/rules/claims";
import { isOffered } from "../../src/sandbox/rules/eligibility";
import { finish, type Finish } from "../../src/sandbox/rules/finish";
import { applyPatch } from "../../src/sandbox/rules/patch";
import { addSession } from "../../src/sandbox/rules/sessions";
import { notFound } from "../../src/sandbox/refusal";
import type { Platform as SandboxPlatform } from "../../src/sandbox/state/platform";
import type { Session as Stored, Worker } from "../../src/sandbox/state/schema";
import { seedState } from "../../src/sandbox/state/seed";
import { aSession } from "../fakes/builders";
import { errorOf } from "../simulate/errors";

const user = { userId: "user_sandbox", workspaceId: "ws_sandbox", agentId: "agent_sandbox" };
/** As the sandbox answers a poll. */
const polledAtMost = 50;
const networkMs = 40;

/** One sandbox platform by its own rules, on a virtual clock, that counts what each worker asks of it. */
export class FleetPlatform {
  /** How often each session was claimed with success. */
  readonly claims = new Map<string, number>();
  complete = 0;
  /** Claims that another worker had won. */
  lost = 0;
  /** Calls since the beginning, by operation. */
  readonly calls = new Map<string, number>();
  readonly #now: () => number;
  readonly #platform: SandboxPlatform;
  readonly #sessions = new Map<string, Stored>();
  /** What still has to be done: the rules look at these alone. */
  readonly #open = new Set<Stored>();
  readonly #workers = new Map<string, Worker>();

  constructor(now: () => number) {
    this.#now = now;
    const state = seedState();
    this.#platform = {
      state,
      clock: { now, advance: () => undefined, aheadMs: () => 0 },
      version: () => 1,
      settle: () => undefined,
      changed: () => undefined,
      nextId: (prefix) => `${prefix}_${state.nextNumber++}`,
      nextChange: () => Promise.resolve(1),
    };
  }

  get requests(): number {
    return [...this.calls.values()].reduce((sum, count) => sum + count, 0);
  }

  addWork(title: string): void {
    const { userId: ownerUserId, ...agent } = user;
    const session = addSession(this.#platform, { ...agent, ownerUserId, title, prompt: `Do ${title}` });
    this.#sessions.set(session.sessionId, session);
    this.#open.add(session);
  }

  /** Registers one more worker. */
  join(workerId: string): WorkerIdentity {
    this.#workers.set(workerId, {
      ...{ workerId, agentId: user.agentId, workspaceId: user.workspaceId, ownerUserId: user.userId },
      idempotencyKey: workerId,
      facts: {
        name: workerId,
        runtime: { provider: "codex" },
        worktreeMode: "task",
        maxConcurrentSessions: 6,
      },
      ...{ registeredAt: this.#now(), lastBeatAt: null, beats: 0, lastBeat: null, signal: null },
      ...{ acknowledged: [], rejected: null },
    });
    return { ...user, workerId };
  }

  beat(workerId: string): void {
    this.#count("heartbeat");
    const worker = this.#worker(workerId);
    worker.lastBeatAt = this.#now();
    worker.beats += 1;
  }

  /** The platform as a worker reaches it, over a network that takes its time. */
  for(clock: Clock): Platform {
    const over = async <T>(operation: string, signal: AbortSignal, act: () => T): Promise<T> => {
      this.#count(operation);
      await clock.sleep(networkMs / 2, signal);
      let answer: T;
      try {
        answer = act();
      } catch (error) {
        throw errorOf(operation, error);
      }
      await clock.sleep(networkMs / 2, signal);
      return answer;
    };
    const none = (): Promise<never> => Promise.reject(new Error("no worker of this bench asks for that"));
    return {
      getCurrentUser: none,
      listWorkspaces: none,
      listAgents: none,
      registerWorker: none,
      listWorkers: none,
      createDocument: none,
      createSession: none,
      uploadFile: none,
      saveComment: none,
      acknowledgeControlSignal: none,
      getWorker: ({ workerId }, signal) =>
        over("getWorker", signal, () => ({
          ...{
            workerId,
            name: workerId,
            ownerUserId: user.userId,
            status: "online",
            controlSignal: undefined,
          },
        })),
      pollSessions: (path, signal) => over("poll", signal, () => this.#poll(path)),
      getSession: (path, sessionId, signal) =>
        over("getSession", signal, () => this.#view(this.#session(sessionId), path)),
      claimSession: (path, sessionId, options, signal) =>
        over("claim", signal, () => this.#claim(path, sessionId, options)),
      patchSession: (path, sessionId, claimId, { usage: _usage, ...metadata }, signal) =>
        over("patch", signal, () => {
          const session = this.#held(path, sessionId, claimId);
          applyPatch(this.#platform.state, session, { claimId, ...metadata }, this.#now());
        }),
      createActivity: (path, sessionId, claimId, activity, signal) =>
        over("activity", signal, () => {
          const session = this.#held(path, sessionId, claimId);
          const held = activeClaim(session, this.#worker(path.workerId), claimId);
          const occurredAt = new Date(activity.occurredAt).toISOString();
          const isNew = addActivity(session, held, { ...activity, claimId, occurredAt }, this.#now());
          return isNew ? "stored" : "known";
        }),
      completeSession: (path, sessionId, claimId, summary, signal) =>
        over("complete", signal, () => this.#finish(path, sessionId, claimId, { kind: "complete", summary })),
      failSession: (path, sessionId, claimId, error, signal) =>
        over("fail", signal, () => this.#finish(path, sessionId, claimId, { kind: "fail", ...error })),
      releaseSession: (path, sessionId, claimId, reason, signal) =>
        over("release", signal, () => this.#finish(path, sessionId, claimId, { kind: "release", reason })),
    };
  }

  #count(operation: string): void {
    this.calls.set(operation, (this.calls.get(operation) ?? 0) + 1);
  }

  #poll(path: WorkerPath): readonly Session[] {
    const worker = this.#worker(path.workerId);
    const offered: Session[] = [];
    // Added in the order of their making: the oldest first.
    for (const session of this.#open) {
      if (offered.length === polledAtMost) break;
      if (isOffered(session, worker)) offered.push(this.#view(session, path));
    }
    return offered;
  }

  #claim(
    path: WorkerPath,
    sessionId: string,
    { claimId, leaseSeconds }: { readonly claimId?: string; readonly leaseSeconds: number },
  ): Awaited<ReturnType<Platform["claimSession"]>> {
    const session = this.#session(sessionId);
    const worker = this.#worker(path.workerId);
    try {
      if (claimId === undefined) {
        claim(session, worker, leaseSeconds, this.#now());
        this.claims.set(sessionId, (this.claims.get(sessionId) ?? 0) + 1);
      } else renew(session, worker, claimId, leaseSeconds, "supported", this.#now());
    } catch (error) {
      this.lost += 1;
      throw error;
    }
    const view = this.#view(session, path);
    if (view.claim === undefined) throw notFound("claim");
    return { claim: view.claim, session: view };
  }

  #finish(path: WorkerPath, sessionId: string, claimId: string, how: Finish): void {
    const session = this.#held(path, sessionId, claimId);
    finish(session, claimId, how, false, this.#now());
    if (how.kind === "release") return;
    this.complete += how.kind === "complete" ? 1 : 0;
    this.#open.delete(session);
  }

  #held(path: WorkerPath, sessionId: string, claimId: string): Stored {
    const session = this.#session(sessionId);
    activeClaim(session, this.#worker(path.workerId), claimId);
    return session;
  }

  #session(sessionId: string): Stored {
    const found = this.#sessions.get(sessionId);
    if (found === undefined) throw notFound("session");
    return found;
  }

  #worker(workerId: string): Worker {
    const found = this.#workers.get(workerId);
    if (found === undefined) throw notFound("worker");
    return found;
  }

  #view({ sessionId, title, prompt, status, createdAt, claim: held }: Stored, path: WorkerPath): Session {
    const mine = held?.workerId === path.workerId ? held : undefined;
    return aSession({
      ...{ sessionId, title, prompt, status, createdAt, workerId: held?.workerId },
      ...{ workspaceId: user.workspaceId, agentId: user.agentId, ownerUserId: user.userId },
      claim: mine && { claimId: mine.claimId, expiresAt: mine.expiresAt, leaseSeconds: mine.leaseSeconds },
    });
  }
}
