import { insist, type InsistDeps } from "./insist";
import { PlatformError } from "./platformError";
import { troubleWith } from "./platformWords";
import type { NewDocument } from "./ports/platform";
import type { Reporter } from "./reporter";
import type { RunLog } from "./runNotes";
import type { Session } from "./session";
import type { SessionCalls } from "./sessionCalls";
import { clip, firstLine, plainTitle, wholeMarkdown } from "./text";

/** Longest document of the worker's own, and longest part of the summary that stands for one. */
const contentLimit = 200_000;
const summaryLimit = 8000;

export interface DocumentContext {
  readonly session: Session;
  readonly calls: Pick<SessionCalls, "read" | "writeDocument">;
  readonly reporter: Pick<Reporter, "tell">;
  readonly run: RunLog;
}

const headings: ReadonlyMap<string, string> = new Map([
  ["plan", "Plan"],
  ["research", "Research"],
  ["review", "Review"],
]);

function documentTitle({ title, workflow }: Session): string {
  const heading = headings.get(workflow?.taskMode ?? "") ?? "Document";
  return firstLine(`${heading}: ${plainTitle(title)}`, 300);
}

function documentOf({ workflow }: Session, taskId: string, title: string, content: string): NewDocument {
  return { taskId, title, content, workflowRunId: workflow?.runId, workflowStepId: workflow?.stepId };
}

/**
 * Writes the worker's own document to the session's task, once over all processes. Resolves with what of it has to stand
 * in the session's summary: all of it where there is no task, or the platform refuses it.
 */
export async function writeRunDocument(
  deps: InsistDeps,
  context: DocumentContext,
  content: string,
  signal: AbortSignal,
): Promise<string> {
  const { run, session, calls, reporter } = context;
  const before = run.notes.document;
  if (before?.state === "written") return "";
  if (session.taskId === undefined || before?.state === "inSummary") {
    return wholeMarkdown(content, summaryLimit);
  }
  const reference = before?.reference ?? deps.random.uuid();
  const unsure = before !== undefined;
  if (!unsure) await run.note({ document: { reference, state: "writing" } });
  const title = documentTitle(session);
  try {
    const whole = `${wholeMarkdown(content, contentLimit)}\n\n<sub>${reference}</sub>`;
    const document = documentOf(session, session.taskId, title, whole);
    const isIt: IsIt = (one) => one.content?.includes(reference) === true;
    await writeOnce(deps, calls, { document, isIt, unsure }, signal);
    await run.note({ document: { reference, state: "written" } });
    reporter.tell("progress", `Wrote the document “${clip(title, 200)}”.`, `document ${reference}`);
    return "";
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    await run.note({ document: { reference, state: "inSummary" } });
    const why = `The document “${title}” was not taken by One Horizon (${troubleWith(error)}), so it stands here.`;
    return `${why}\n\n${wholeMarkdown(content, summaryLimit)}`;
  }
}

/**
 * Sees that the task has the document that the model was writing when nobody heard the answer, or the process died: the
 * model may not know that it has to write it again. One that the platform refuses is left out.
 */
export async function settleModelDocument(
  deps: InsistDeps,
  { run, session, calls, reporter }: DocumentContext,
  signal: AbortSignal,
): Promise<void> {
  const { writing } = run.notes;
  const { taskId } = session;
  if (writing === undefined || taskId === undefined) return;
  const { title, content } = writing;
  const document = documentOf(session, taskId, title, content);
  const isIt: IsIt = (one) => one.title === title && one.content === content;
  try {
    await writeOnce(deps, calls, { document, isIt, unsure: true }, signal);
    await run.note({ writing: undefined, modelWrote: true });
    reporter.tell("progress", `Wrote the document “${firstLine(title, 200)}”.`, "document settled");
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    await run.note({ writing: undefined });
  }
}

type IsIt = (one: Session["untrusted"]["documents"][number]) => boolean;

interface Writing {
  readonly document: NewDocument;
  /** Tells the document among those of the task. */
  readonly isIt: IsIt;
  /** It may be there already, by an earlier process or an answer that nobody heard. */
  readonly unsure: boolean;
}

/** Looks for the document wherever nobody knows whether it was written, and writes it where it is missing. */
async function writeOnce(
  deps: InsistDeps,
  calls: DocumentContext["calls"],
  { document, isIt, unsure }: Writing,
  signal: AbortSignal,
): Promise<void> {
  const find = async (inner: AbortSignal): Promise<true | undefined> =>
    (await calls.read(inner)).untrusted.documents.some(isIt) ? true : undefined;
  const send = async (inner: AbortSignal): Promise<true> => {
    if (!unsure || (await find(inner)) !== true) await calls.writeDocument(document, inner);
    return true;
  };
  await insist<true>(deps, { what: "write document", send, find, ofSession: false }, signal);
}
