import { asWritten, say } from "../base/words";
import { isWorkerFault } from "./attemptEnd";
import { summaryOf, type Kept } from "./keepWork";
import type { Worktree } from "./ports/worktrees";
import { settleModelDocument, writeRunDocument } from "./runDocument";
import { handOver, type HandedOver } from "./runHandOver";
import type { RunLog } from "./runNotes";
import { patchForSure, publishRunBranch } from "./runPublish";
import type { ReviewVerdict } from "./session";
import type { ModeRules } from "./taskMode";
import { code, wholeMarkdown } from "./text";
import type { Placed, RunWork, WorkContext, WorkDeps, WorkResult } from "./work";

type Failed = Extract<WorkResult, { kind: "failed" }>;

/** How a session that only looked came out of the coding tool. */
export interface Looked {
  readonly kind: "looked";
  readonly finalMessage: string | undefined;
  readonly notes: readonly string[];
}

/** The run's branch with what the tool left on it: published, told, handed over. */
export async function endOnBranch(
  deps: Placed,
  context: WorkContext,
  { log }: RunWork,
  worktree: Worktree,
  kept: Kept & { readonly finalMessage: string | undefined },
  signal: AbortSignal,
): Promise<WorkResult> {
  const { remote, commit, notes } = await publishRunBranch(deps, context, worktree, signal);
  const where = asWritten(
    "{0} is published to {1} at {2}.",
    code(worktree.branch),
    code(remote),
    code(commit.slice(0, 10)),
  );
  const all = [...kept.notes, where, ...notes];
  await context.record({ headCommit: commit });
  // Together: a later process has no checkout to ask any more.
  await log.note({
    pushed: { commit, remote },
    summary: summaryOf(kept.finalMessage, worktree, { ...kept, notes: all }),
  });
  return await confirmAndHandOver(deps, context, log, signal);
}

/** What follows a push, which a later process goes on with where no checkout is needed any more. */
export async function confirmAndHandOver(
  deps: WorkDeps,
  context: WorkContext,
  run: RunLog,
  signal: AbortSignal,
): Promise<WorkResult> {
  const { summary = "", branch, confirmed } = run.notes;
  if (!confirmed) {
    context.change({ kind: "finishing", detail: say("confirming the push") });
    const confirmation = {
      workflowPushConfirmed: true,
      ...(branch !== undefined && { workflowBranchName: branch }),
    };
    const refusal = await patchForSure(deps, context, confirmation, signal);
    if (refusal !== undefined) {
      return failed(
        asWritten(
          "The branch is published, but One Horizon did not take its confirmation: {0}. The work is kept on the branch.",
          refusal,
        ),
      );
    }
    await run.note({ confirmed: true });
  }
  return await goOn(deps, context, run, summary, signal);
}

/** The end of a session that only looked: its document, its verdict, the next step. */
export async function endLook(
  deps: WorkDeps,
  context: WorkContext,
  { mode, log }: RunWork,
  looked: Looked | Failed,
  signal: AbortSignal,
): Promise<WorkResult> {
  context.change({ kind: "finishing", detail: say("writing the document") });
  const judged = mode.judges ? await judgementOf(log, looked) : undefined;
  const content = documentOf(log, looked, judged);
  const documentContext = { ...context, run: log };
  await settleModelDocument(deps, documentContext, signal);
  const own = mode.judges || !log.notes.modelWrote;
  const rest = own ? await writeRunDocument(deps, documentContext, content, signal) : "";
  if (judged !== undefined && !judged.accepted) {
    const refusal = await patchForSure(deps, context, { reviewVerdict: judged.verdict }, signal);
    if (refusal !== undefined) {
      return failed(
        asWritten(
          "One Horizon did not take the verdict “{0}”: {1}. The document is kept.",
          judged.verdict,
          refusal,
        ),
      );
    }
    await log.note({ verdict: { ...judged, accepted: true } });
    const words = asWritten("Verdict of the review: {0}. {1}", judged.verdict, judged.reason);
    context.reporter.tell("progress", words, "verdict");
  }
  const said = rest === "" ? saidIn(looked) : rest;
  const kept = own ? undefined : log.notes.kept;
  const verdict = judged === undefined ? "" : `Verdict: **${judged.verdict}**. ${judged.reason}`;
  const parts = [verdict, wholeMarkdown(said, 8000), kept ?? "", ...notesOf(looked)];
  return await goOn(deps, context, log, parts.filter((part) => part !== "").join("\n\n"), signal);
}

/** Only what a review cannot be judged for is rejected; a fault of the worker itself gives the session back. */
export function endsByLooking(
  mode: ModeRules | undefined,
  worked: WorkResult | Looked,
): worked is Looked | Failed {
  if (worked.kind === "looked") return true;
  return (
    mode?.judges === true &&
    worked.kind === "failed" &&
    worked.reason !== "notExecutable" &&
    !isWorkerFault(worked.reason)
  );
}

interface Judgement {
  readonly verdict: ReviewVerdict;
  readonly reason: string;
  readonly accepted: boolean;
}

/** The model's verdict; without one, or where the tool failed, the branch is rejected, with the reason. */
async function judgementOf(run: RunLog, looked: Looked | Failed): Promise<Judgement> {
  const { verdict } = run.notes;
  if (verdict?.accepted === true) return verdict;
  const why =
    looked.kind === "failed"
      ? asWritten("The branch could not be judged: {0}", looked.message)
      : asWritten("The coding tool came to no verdict, so the branch is rejected to be safe.");
  const judged =
    looked.kind === "looked" && verdict !== undefined
      ? verdict
      : { verdict: "reject" as const, reason: why, accepted: false };
  // A later process has to come to the same one.
  if (judged !== verdict) await run.note({ verdict: judged });
  return judged;
}

function documentOf(run: RunLog, looked: Looked | Failed, judged: Judgement | undefined): string {
  const said = saidIn(looked);
  if (judged === undefined) return said === "" ? asWritten("The coding tool ended without a word.") : said;
  const { branch } = run.notes;
  const head = [`**Verdict:** ${judged.verdict}`, `**Reason:** ${judged.reason}`];
  if (branch !== undefined) head.push(`**Branch:** ${branch}`);
  return [...head, said].filter((part) => part !== "").join("\n\n");
}

function saidIn(looked: Looked | Failed): string {
  return looked.kind === "failed" ? "" : (looked.finalMessage?.trim() ?? "");
}

function notesOf(looked: Looked | Failed): readonly string[] {
  return looked.kind === "failed" ? [] : looked.notes;
}

async function goOn(
  deps: WorkDeps,
  context: WorkContext,
  run: RunLog,
  summary: string,
  signal: AbortSignal,
): Promise<WorkResult> {
  context.change({ kind: "finishing", detail: say("handing the run over") });
  const handed: HandedOver = await handOver(deps, { ...context, run }, summary, signal);
  if (handed.kind === "failed") return failed(handed.message);
  const told =
    handed.kind === "done" && handed.childId !== undefined
      ? asWritten("\n\nThe run goes on in session {0}.", handed.childId)
      : "";
  return { kind: "done", summary: `${summary}${told}`.trim() };
}

function failed(message: string): Failed {
  return { kind: "failed", reason: "run", message };
}
