import type { Journal } from "../../src/core/ports/journal";
import { PlatformError } from "../../src/core/platformError";
import { cancelled, type Answer, type Ask, type Question } from "../../src/core/ports/person";
import type { Runtime } from "../../src/core/ports/runtime";
import { changed, overPlatform } from "./mutate";
import type { Mutant } from "./mutant";
import { runMutants } from "./runMutants";

function overJournal(change: (inner: Journal) => Partial<Journal>): Mutant {
  // Below whoever watches: what the journal vouches for is not so.
  return (ports) => ({ ...ports, journal: (inner) => ports.journal(changed(inner, change(inner))) });
}

function overAsking(change: (ask: () => Promise<Answer>, question: Question) => Promise<Answer>): Mutant {
  return (ports) => {
    const { runtime } = ports;
    const run: Runtime["run"] = (request, onEvent, signal) => {
      const ask: Ask = (question, inner) => change(() => request.ask(question, inner), question);
      return runtime.run({ ...request, ask }, onEvent, signal);
    };
    return { ...ports, runtime: changed(runtime, { run }) };
  };
}

const approved = Promise.resolve<Answer>({ kind: "decision", decision: "approve", guidance: undefined });

/** Workers with one wrong thing each. The simulation is worth what it finds in them. */
export const mutants: ReadonlyMap<string, Mutant> = new Map<string, Mutant>([
  // Two windows run the same worker.
  [
    "shares the lock",
    (ports) => ({
      ...ports,
      lock: { ...ports.lock, tryHold: () => Promise.resolve({ dispose: () => undefined }) },
    }),
  ],
  // What was said is not noted: a crash loses it or tells it twice.
  ["forgets what it said", overJournal(() => ({ append: () => Promise.resolve() }))],
  // What is being sent has no note: after a crash it is sent under another id.
  [
    "notes no sending",
    overJournal((inner) => ({
      append: (sessionId, claimId, entry) =>
        entry.kind === "sending" ? Promise.resolve() : inner.append(sessionId, claimId, entry),
    })),
  ],
  // That the work was done is not noted: after a crash it is done again.
  [
    "forgets that it ran",
    overJournal((inner) => ({
      save: async (record) => {
        await inner.save({ ...record, ran: undefined, ending: undefined });
      },
    })),
  ],
  // It goes on with a claim that the platform has called dead.
  [
    "does not hear that a claim is dead",
    overPlatform((inner) => ({
      createActivity: (path, sessionId, claimId, activity, signal) =>
        deaf(inner.createActivity(path, sessionId, claimId, activity, signal), "stored" as const),
      patchSession: (path, sessionId, claimId, metadata, signal) =>
        deaf(inner.patchSession(path, sessionId, claimId, metadata, signal), undefined),
      claimSession: (path, sessionId, options, signal) =>
        options.claimId === undefined
          ? inner.claimSession(path, sessionId, options, signal)
          : inner.claimSession(path, sessionId, options, signal).catch(async (error: unknown) => {
              if (!isDead(error)) throw error;
              const claim = {
                claimId: options.claimId ?? "",
                expiresAt: undefined,
                leaseSeconds: options.leaseSeconds,
              };
              return { claim, session: await inner.getSession(path, sessionId, signal) };
            }),
      getSession: async (path, sessionId, signal) => {
        const session = await inner.getSession(path, sessionId, signal);
        return session.status === "stale" ? { ...session, status: "active" } : session;
      },
    })),
  ],
  // It does not wait for the answer to its claim.
  [
    "works before the claim is answered",
    overPlatform((inner) => ({
      claimSession: (path, sessionId, options, signal) => {
        if (options.claimId !== undefined) return inner.claimSession(path, sessionId, options, signal);
        const answer = inner.claimSession(path, sessionId, options, signal);
        answer.catch(() => undefined);
        return inner.getSession(path, sessionId, signal).then((session) => ({
          claim: session.claim ?? { claimId: "claim_unknown", expiresAt: undefined, leaseSeconds: 60 },
          session,
        }));
      },
    })),
  ],
  // A cancelled session looks active to it.
  [
    "does not see cancellations",
    overPlatform((inner) => ({
      getSession: async (path, sessionId, signal) => {
        const session = await inner.getSession(path, sessionId, signal);
        return session.status === "cancelled" ? { ...session, status: "active" } : session;
      },
    })),
  ],
  // It notices no sleep of the machine.
  [
    "sleeps through the night",
    (ports) => ({
      ...ports,
      clock: { ...ports.clock, now: () => ports.clock.monotonic() + Date.UTC(2030, 0, 1) },
    }),
  ],
  // A slot is not given back.
  [
    "keeps its slots",
    (ports) => ({
      ...ports,
      slots: {
        tryAcquire: async (limit, holder) => {
          const slot = await ports.slots.tryAcquire(limit, holder);
          return slot && { dispose: () => undefined };
        },
      },
    }),
  ],
  // It beats every 13 s.
  ["beats too slowly", (ports) => ({ ...ports, beatEveryMs: 13_000 })],
  // What an earlier process left running is left running.
  [
    "leaves old processes alone",
    (ports) => ({ ...ports, runtime: changed(ports.runtime, { endLeftovers: () => Promise.resolve(0) }) }),
  ],
  // What the tool asks is allowed by nobody.
  ["approves by itself", overAsking((ask, question) => (question.about === "question" ? ask() : approved))],
  // A person's answer does not reach the tool.
  [
    "loses answers",
    overAsking(async (ask) => {
      await ask();
      return cancelled;
    }),
  ],
  // A lost answer to a finish is taken for a success.
  [
    "believes that it has finished",
    overPlatform((inner) => ({
      completeSession: (path, sessionId, claimId, summary, signal) =>
        inner.completeSession(path, sessionId, claimId, summary, signal).catch((error: unknown) => {
          if (signal.aborted || !PlatformError.is(error)) throw error;
        }),
    })),
  ],
  ...runMutants,
]);

function isDead(error: unknown): boolean {
  return PlatformError.is(error, "conflict") && error.conflictReason === "claim_inactive";
}

async function deaf<T>(answer: Promise<T>, instead: T): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!isDead(error)) throw error;
    return instead;
  }
}
