/**
 * The sessions a command was given: the rows of a selection (second argument), else a row or `{sessionId}` (first).
 * Empty when it was given none, as from the palette. Rows that belong to no session are left out.
 */
export function givenSessions(first: unknown, second: unknown): readonly string[] {
  const many = Array.isArray(second) ? second.map(sessionIdOf) : [];
  const ids = many.length > 0 ? many : [sessionIdOf(first)];
  return [...new Set(ids.filter((id) => id !== undefined))];
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

function sessionIdOf(target: unknown): string | undefined {
  if (typeof target !== "object" || target === null || !("sessionId" in target)) return undefined;
  return typeof target.sessionId === "string" && target.sessionId !== "" ? target.sessionId : undefined;
}
