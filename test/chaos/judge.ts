// Reads from what is left of a run whether every promise was kept. Pure: everything it judges is given.
import type { SandboxSession, SandboxState } from "../host/harness/harness.mjs";
import type { ThreadSeen } from "../../src/sandbox/model/threadBook";
import { linesOf } from "./platform";

/** One promise that was broken, for one session. */
export interface Fault {
  readonly kind:
    "lost" | "executed twice" | "reported twice" | "report missing" | "worker doubled" | "commit missing";
  readonly sessionId: string;
  readonly detail: string;
}

/** Everything that can be read when all is calm. */
export interface Evidence {
  readonly state: Pick<SandboxState, "sessions" | "workers">;
  readonly threads: readonly ThreadSeen[];
  /** Commits beyond the base, on the branch of each session. */
  readonly commits: ReadonlyMap<string, number>;
}

export function judge({ state, threads, commits }: Evidence): readonly Fault[] {
  const faults = state.sessions.flatMap((session) => [
    ...lost(session),
    ...executedTwice(session, threads),
    ...reports(session, threads),
    ...(session.status === "complete" && (commits.get(session.sessionId) ?? 0) === 0
      ? [fault("commit missing", session, "complete without a commit on its branch")]
      : []),
  ]);
  const [, ...others] = state.workers;
  return [
    ...faults,
    ...others.map((one) => ({ kind: "worker doubled" as const, sessionId: "", detail: one.workerId })),
  ];
}

const fault = (kind: Fault["kind"], { sessionId }: SandboxSession, detail: string): Fault => ({
  kind,
  sessionId,
  detail,
});

/** Nobody cancels, releases or fails anything in a run: there is one way for a session. */
function lost(session: SandboxSession): readonly Fault[] {
  const way = session.history.map((one) => one.status).join(" → ");
  const why = session.errorMessage ?? session.releaseReason ?? "";
  const faults = way === "queued → active → complete" ? [] : [fault("lost", session, `${way} ${why}`.trim())];
  const breaches = session.remarks.map((remark) => fault("lost", session, remark));
  return [...faults, ...breaches];
}

function executedTwice(session: SandboxSession, threads: readonly ThreadSeen[]): readonly Fault[] {
  const { claims, activities, metadata } = session;
  const again = claims.length > 1 ? [fault("executed twice", session, `claimed ${claims.length} times`)] : [];
  const doneAt = activities.find((one) => one.type === "completion")?.receivedAt ?? Infinity;
  const own = threads.find((one) => one.threadId === metadata.providerThreadId);
  const late = (own?.turns ?? []).filter((one) => one.startedAt > doneAt);
  return [
    ...again,
    ...late.map((one) => fault("executed twice", session, `turn ${one.turn} began after the end was told`)),
  ];
}

/** Numbers without a gap in each claim, no activity twice, one end and that last, every line of every turn at most once. */
function reports(session: SandboxSession, threads: readonly ThreadSeen[]): readonly Fault[] {
  const { activities, claims, metadata } = session;
  const own = threads.find((one) => one.threadId === metadata.providerThreadId);
  const text = activities.map((one) => one.message).join("\n");
  const count = (line: string): number => text.split(line).length - 1;
  const twice = (own?.turns ?? []).flatMap((one) =>
    linesOf(one.turn)
      .filter((line) => count(line) > 1)
      .map((line) => fault("reported twice", session, `${count(line)} times: ${line}`)),
  );
  const ids = new Set(activities.map((one) => one.activityId));
  const ends = activities.filter((one) => one.type === "completion").length;
  const gaps = claims.flatMap(({ claimId }) => {
    const numbers = activities.filter((one) => one.claimId === claimId).map((one) => one.sequence);
    const whole = numbers.every((number, index) => number === index + 1);
    return whole ? [] : [fault("report missing", session, `numbers ${numbers.join(", ")}`)];
  });
  return [
    ...twice,
    ...gaps,
    ...(ids.size < activities.length ? [fault("reported twice", session, "an activity id twice")] : []),
    ...(ends > 1 ? [fault("reported twice", session, `${ends} completion activities`)] : []),
    ...(session.status === "complete" ? missing(session, own, count, ends) : []),
  ];
}

/** What the worker says of a turn that completed while no worker lived: its last words may be missing. */
const takenOver = "nothing was run again";

/** The turn that completed a session has been reported as a whole, or the report says that it may not be. */
function missing(
  session: SandboxSession,
  own: ThreadSeen | undefined,
  count: (line: string) => number,
  ends: number,
): readonly Fault[] {
  const turn = own?.turns.findLast((one) => one.endedAt !== null);
  if (turn === undefined) {
    return [fault("report missing", session, "complete, but the model never came to its end")];
  }
  const unsaid = linesOf(turn.turn).filter((line) => count(line) === 0);
  const excused = count(takenOver) > 0 ? linesOf(turn.turn).slice(-2) : [];
  const left = unsaid.filter((line) => !excused.includes(line));
  return [
    ...left.map((line) => fault("report missing", session, line)),
    ...(ends === 0 ? [fault("report missing", session, "no completion activity")] : []),
  ];
}
