import type { Decision } from "../core/ports/person";
import type { DelegateTarget } from "./delegateModel";

/**
 * The sessions a command was given: the rows of a selection (second argument), else a row or `{sessionId}` (first).
 * Empty when it was given none, as from the palette. Rows that belong to no session are left out.
 */
export function givenSessions(first: unknown, second: unknown): readonly string[] {
  const many = Array.isArray(second) ? second.map(sessionIdOf) : [];
  const ids = many.length > 0 ? many : [sessionIdOf(first)];
  return [...new Set(ids.filter((id) => id !== undefined))];
}

/** Do the keys ask, which mean the selected rows: `{selection: true}`? */
export function isForSelection(first: unknown): first is object {
  return typeof first === "object" && first !== null && "selection" in first && first.selection === true;
}

/** A reason handed over by a script: `{sessionId, reason}`. */
export function givenReason(first: unknown): string | undefined {
  return typeof first === "object" && first !== null && "reason" in first && typeof first.reason === "string"
    ? first.reason
    : undefined;
}

/** A file of a session, as its row hands it over: `{sessionId, artifactId}`. */
export function givenArtifact(
  first: unknown,
): { readonly sessionId: string; readonly artifactId: string } | undefined {
  const sessionId = sessionIdOf(first);
  if (sessionId === undefined || typeof first !== "object" || first === null) return undefined;
  if (!("artifactId" in first) || typeof first.artifactId !== "string") return undefined;
  return { sessionId, artifactId: first.artifactId };
}

/** A changed file of a session, as its row hands it over: `{sessionId, path}`. */
export function givenFile(first: unknown): { readonly sessionId: string; readonly path: string } | undefined {
  const sessionId = sessionIdOf(first);
  const path = textOf(first, "path");
  return sessionId === undefined || path === undefined ? undefined : { sessionId, path };
}

/** Changed files, as a selection of rows or a script hands them over; rows that are no files are left out. */
export function givenFiles(
  first: unknown,
  second: unknown,
): readonly { readonly sessionId: string; readonly path: string }[] {
  const many = Array.isArray(second) ? second.map(givenFile) : [];
  const given = many.some((one) => one !== undefined) ? many : [givenFile(first)];
  return given.filter((one) => one !== undefined);
}

/** How it is to be done, as a script says it: `{sessionId, way}`. */
export function givenWay(first: unknown): string | undefined {
  return textOf(first, "way");
}

/** The questions that rows, a button or a script name, by their session: `{sessionId, questionId}`, or a selection of rows. */
export function givenQuestions(first: unknown, second: unknown): ReadonlyMap<string, readonly string[]> {
  const all: readonly unknown[] = Array.isArray(second) && second.length > 0 ? second : [first];
  const named = new Map<string, string[]>();
  for (const one of all) {
    const sessionId = sessionIdOf(one);
    const questionId = textOf(one, "questionId");
    if (sessionId === undefined || questionId === undefined) continue;
    named.set(sessionId, [...(named.get(sessionId) ?? []), questionId]);
  }
  return named;
}

/** An answer in words, handed over by a script: `{sessionId, text}`. */
export function givenText(first: unknown): string | undefined {
  return textOf(first, "text");
}

/** A decision, handed over by a script or a button: `{sessionId, decision}`. */
export function givenDecision(first: unknown): Decision | undefined {
  const given = textOf(first, "decision");
  return decisions.find((one) => one === given);
}

/** Where work is to be handed to, as a script says it; undefined where it names neither a worker nor a group. */
export function givenTarget(first: unknown): DelegateTarget | "both" | undefined {
  const targetWorkerId = textOf(first, "targetWorkerId");
  const targetGroupId = textOf(first, "targetGroupId");
  if (targetWorkerId !== undefined && targetGroupId !== undefined) return "both";
  if (targetWorkerId !== undefined) return { targetWorkerId, targetGroupId: undefined };
  return targetGroupId === undefined ? undefined : { targetWorkerId: undefined, targetGroupId };
}

/** What is to be done, as a script says it: `{sessionId, prompt}`. */
export function givenPrompt(first: unknown): string | undefined {
  return textOf(first, "prompt");
}

const decisions: readonly Decision[] = ["approve", "approveForSession", "deny", "cancel"];

function textOf(first: unknown, name: string): string | undefined {
  if (typeof first !== "object" || first === null) return undefined;
  const value: unknown = Object.entries(first).find(([key]) => key === name)?.[1];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function sessionIdOf(target: unknown): string | undefined {
  if (typeof target !== "object" || target === null || !("sessionId" in target)) return undefined;
  return typeof target.sessionId === "string" && target.sessionId !== "" ? target.sessionId : undefined;
}
