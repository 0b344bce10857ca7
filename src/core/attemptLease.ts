import type { Clock } from "../base/clock";
import type { Log } from "../base/log";
import type { Random } from "../base/random";
import { asWritten } from "../base/words";
import type { AbortCause } from "./attemptEnd";
import type { ClaimGate } from "./claimGate";
import type { SessionChange } from "./events";
import { keepLease, type Lease } from "./lease";
import type { Reporter } from "./reporter";
import type { SessionCalls } from "./sessionCalls";

export interface AttemptLeaseDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly sessionId: string;
  readonly gate: ClaimGate;
  readonly calls: Pick<SessionCalls, "renew" | "read">;
  readonly reporter: Pick<Reporter, "tell">;
  readonly dispatch: (change: SessionChange) => void;
  readonly abort: (cause: AbortCause) => void;
}

/** Keeps an attempt's lease, and says what it means for the attempt. Throws LeaseLost. */
export function keepAttemptLease(deps: AttemptLeaseDeps, lease: Lease, signal: AbortSignal): Promise<never> {
  const { clock, random, calls, log, gate, reporter, sessionId, dispatch } = deps;
  return keepLease(
    {
      clock,
      random,
      gate,
      renew: (claimId, inner) => calls.renew(claimId, Math.round(lease.grantedMs / 1000), inner),
      read: (inner) => calls.read(inner),
      onRenewed: (renewed) => {
        const leaseEndsAt = clock.now() + renewed.endsAtMonotonic - clock.monotonic();
        dispatch({ kind: "leaseRenewed", leaseEndsAt });
      },
      onBounded: (bounded) => {
        const minutes = Math.max(0, Math.floor((bounded.endsAtMonotonic - clock.monotonic()) / 60_000));
        log.warn("the platform does not renew claims", { sessionId, minutes });
        reporter.tell(
          "progress",
          asWritten("The platform does not extend claims, so this attempt must end within {0} min.", minutes),
        );
      },
      onEndsSoon: () =>
        deps.abort({
          kind: "outOfTime",
          message: asWritten(
            "The claim ran out before the work was done, and the platform does not extend claims. What was done is kept in the worktree. Set claim.leaseSeconds in WORKFLOW.md higher for work this long.",
          ),
        }),
    },
    lease,
    signal,
  );
}
