import { say } from "../base/words";
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

/** What each end means for the time that follows. */
const ends: Readonly<Record<EndPhase, { readonly level: WorkerFact["level"]; readonly step: WorkerStep }>> = {
  complete: { level: "info", step: "ended" },
  failed: { level: "error", step: "ended" },
  cancelled: { level: "warning", step: "ended" },
  released: { level: "warning", step: "ended" },
  claimLost: { level: "error", step: "lost" },
  interrupted: { level: "warning", step: "interrupted" },
  elsewhere: { level: "warning", step: "ended" },
  listed: { level: "warning", step: "ended" },
};

export function endFact({ phase, detail }: Extract<SessionChange, { kind: "ended" }>): WorkerFact {
  const { level, step } = ends[phase];
  return workerFact(detail ?? endText(phase), level, step);
}

/** How an end reads where nobody says more. */
function endText(phase: EndPhase): string {
  switch (phase) {
    case "complete":
      return say("Completed.");
    case "failed":
      return say("Failed.");
    case "cancelled":
      return say("Cancelled.");
    case "released":
      return say("Released.");
    case "claimLost":
      return say("The claim was lost.");
    case "interrupted":
      return say("Interrupted.");
    case "elsewhere":
      return say("Another worker has this session now.");
    case "listed":
      return say("Back in the queue.");
  }
}

/** The process that recorded the attempt did not live to say how it ended. */
export function cutShort(): WorkerFact {
  return workerFact(say("Interrupted: the worker ended in the middle of it."), "warning", "interrupted");
}

export function claimedFact(attempt: number): WorkerFact {
  return workerFact(say("Claimed: attempt {0}.", attempt), "info", "preparing", attempt);
}

export function goesOn(): WorkerFact {
  return workerFact(say("Goes on where it was interrupted."), "info", "preparing");
}

export function worksFact(model: string | undefined): WorkerFact {
  const text =
    model === undefined ? say("The coding tool works.") : say("The coding tool works with {0}.", model);
  return workerFact(text, "info", "working");
}

/** @param detail what the worker does from here on. */
export function finishingFact(before: WorkerStep | undefined, detail: string): WorkerFact {
  const text = before === "working" ? say("The coding tool has ended.") : sentence(detail);
  return workerFact(text, "info", "finishing");
}

export function worktreeText({ worktree }: Extract<SessionChange, { kind: "worktreeReady" }>): string {
  const { branch, detached, reused } = worktree;
  if (detached === true) return say("The worktree is ready to read, at the tip of {0}.", branch);
  return reused
    ? say("The worktree is ready on {0}, as an earlier attempt left it.", branch)
    : say("The worktree is ready on {0}.", branch);
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
