import * as z from "zod/mini";
import { badRequest } from "../refusal";
import type { Session, State } from "../state/schema";
import { runOf } from "./runs";
import { isCodeLike } from "./runSteps";
import { setStatus } from "./time";

const text = z.optional(z.string());
const count = z.optional(z.number());

/** The fields of a session patch, after the contract has judged them. */
export const patchBody = z.object({
  claimId: z.string(),
  providerThreadId: text,
  providerTurnId: text,
  providerProcessId: text,
  providerStatus: text,
  plan: text,
  externalUrl: text,
  model: text,
  modelProvider: text,
  workingDirectory: text,
  worktreePath: text,
  usage: z.optional(
    z.object({
      inputTokens: count,
      cachedInputTokens: count,
      outputTokens: count,
      reasoningOutputTokens: count,
      totalTokens: count,
      contextWindow: count,
    }),
  ),
  status: z.optional(z.enum(["active", "awaiting_input"])),
  inputRequest: text,
  consumedResumeInputId: text,
  reviewVerdict: z.optional(z.enum(["approve", "feedback", "reject"])),
  workflowPushConfirmed: z.optional(z.boolean()),
  workflowBranchName: text,
});

export type PatchBody = z.infer<typeof patchBody>;

/** Applies a patch as a whole, or throws 400 and changes nothing. */
export function applyPatch(state: State, session: Session, patch: PatchBody, now: number): void {
  checkInputRules(session, patch);
  checkBranch(state, session, patch);
  const { claimId: _claim, ...fields } = patch;
  applyInputRules(session, patch, now);
  session.plan = patch.plan ?? session.plan;
  session.externalUrl = patch.externalUrl ?? session.externalUrl;
  session.reviewVerdict = patch.reviewVerdict ?? session.reviewVerdict;
  session.workflow.branchName = patch.workflowBranchName ?? session.workflow.branchName;
  session.workflow.pushConfirmed = patch.workflowPushConfirmed ?? session.workflow.pushConfirmed;
  session.usage = { ...session.usage, ...patch.usage };
  session.metadata = { ...session.metadata, ...metadataOf(patch) };
  session.patches.push({ at: now, fields });
  session.updatedAt = now;
  if (session.workflow.pushConfirmed === true) openChildren(state, session, now);
}

function metadataOf(patch: PatchBody): Session["metadata"] {
  const { providerThreadId, providerTurnId, providerProcessId, providerStatus } = patch;
  const { model, modelProvider, workingDirectory, worktreePath } = patch;
  const all = {
    providerThreadId,
    providerTurnId,
    providerProcessId,
    providerStatus,
    model,
    modelProvider,
    workingDirectory,
    worktreePath,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** The branch of a run is the platform's: a worker may name it back, and no other. */
function checkBranch(state: State, session: Session, patch: PatchBody): void {
  const branch = runOf(state, session)?.branchName ?? null;
  if (branch !== null && patch.workflowBranchName !== undefined && patch.workflowBranchName !== branch) {
    throw badRequest(`The branch of this run is ${branch}.`);
  }
}

function checkInputRules(session: Session, patch: PatchBody): void {
  if (patch.inputRequest !== undefined && patch.status !== "awaiting_input") {
    throw badRequest("An inputRequest goes with status awaiting_input.");
  }
  if (patch.status === "awaiting_input") {
    if ((patch.inputRequest ?? "").trim() === "") {
      throw badRequest("Awaiting input needs an inputRequest, the question to the user.");
    }
    if (patch.consumedResumeInputId !== undefined) {
      throw badRequest("Input is consumed on the way back to active.");
    }
  }
  const consumed = patch.consumedResumeInputId;
  if (
    consumed !== undefined &&
    consumed !== session.input?.inputId &&
    consumed !== session.lastConsumedInputId
  ) {
    throw badRequest("There is no pending input with this inputId.");
  }
  if (
    session.status === "awaiting_input" &&
    patch.status === "active" &&
    session.input &&
    consumed !== session.input.inputId
  ) {
    throw badRequest("The user has answered: consumedResumeInputId has to name that input.");
  }
  if (
    session.status === "awaiting_input" &&
    consumed !== undefined &&
    session.input &&
    patch.status !== "active"
  ) {
    throw badRequest("Consuming the input leaves awaiting_input: status active belongs to it.");
  }
}

function applyInputRules(session: Session, patch: PatchBody, now: number): void {
  const consumed = patch.consumedResumeInputId;
  if (consumed !== undefined && consumed === session.input?.inputId) {
    session.input = null;
    session.lastConsumedInputId = consumed;
  }
  if (patch.status === "awaiting_input") session.inputRequest = patch.inputRequest ?? null;
  if (patch.status === "active") session.inputRequest = null;
  if (patch.status !== undefined) setStatus(session, patch.status, now);
}

/** Delegated sessions wait as pending until the branch they build on is published. */
function openChildren(state: State, parent: Session, now: number): void {
  for (const child of state.sessions) {
    if (child.delegatingSessionId !== parent.sessionId || child.status !== "pending") continue;
    if (!isCodeLike(child.workflow.taskMode)) child.workflow.pushConfirmed = true;
    setStatus(child, "queued", now);
  }
}
