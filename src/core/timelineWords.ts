import type { EndPhase, SessionChange } from "./events";
import type { OpenQuestion } from "./ports/person";
import type { TimelineFact, WorkerStep } from "./timeline";

export type WorkerFact = Extract<TimelineFact, { kind: "worker" }>;

/** A line of the worker's own. */
export function workerFact(
  text: string,
  level: WorkerFact["level"] = "info",
  step?: WorkerStep,
  attempt?: number,
): WorkerFact {
  return { kind: "worker", text, level, step, attempt };
}

/** What each end means for the time that follows, and how it reads where nobody says more. */
const ends: Readonly<
  Record<EndPhase, { readonly level: WorkerFact["level"]; readonly step: WorkerStep; readonly text: string }>
> = {
  complete: { level: "info", step: "ended", text: "Completed." },
  failed: { level: "error", step: "ended", text: "Failed." },
  cancelled: { level: "warning", step: "ended", text: "Cancelled." },
  released: { level: "warning", step: "ended", text: "Released." },
  claimLost: { level: "error", step: "lost", text: "The claim was lost." },
  interrupted: { level: "warning", step: "interrupted", text: "Interrupted." },
  elsewhere: { level: "warning", step: "ended", text: "Another worker has this session now." },
  listed: { level: "warning", step: "ended", text: "Back in the queue." },
};

export function endFact({ phase, detail }: Extract<SessionChange, { kind: "ended" }>): WorkerFact {
  const { level, step, text } = ends[phase];
  return workerFact(detail ?? text, level, step);
}

/** The process that recorded the attempt did not live to say how it ended. */
export const cutShort = workerFact(
  "Interrupted: the worker ended in the middle of it.",
  "warning",
  "interrupted",
);

export function worktreeText({ worktree }: Extract<SessionChange, { kind: "worktreeReady" }>): string {
  const { branch, detached, reused } = worktree;
  const place = detached === true ? `to read, at the tip of ${branch}` : `on ${branch}`;
  return `The worktree is ready ${place}${reused ? ", as an earlier attempt left it" : ""}.`;
}

/** What is asked, with what a person must know of it. */
export function questionText({ about, what, where, why, parts }: OpenQuestion): string {
  if (about === "question") {
    const texts = parts.map((part) => part.text);
    return texts.length === 0 ? what : texts.join("\n");
  }
  return [what, ...(where === undefined ? [] : [where]), ...(why === undefined ? [] : [why])].join("\n");
}

/** A detail such as "retrying in 10 s" as a sentence of its own. */
export function sentence(detail: string): string {
  return `${detail.slice(0, 1).toUpperCase()}${detail.slice(1)}${/[.!?…]$/u.test(detail) ? "" : "."}`;
}
