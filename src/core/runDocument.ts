import { insist, type InsistDeps } from "./insist";
import { PlatformError } from "./platformError";
import { troubleWith } from "./platformWords";
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
  const { run, session, reporter } = context;
  const { document } = run.notes;
  if (document?.state === "written") return "";
  if (session.taskId === undefined || document?.state === "inSummary") {
    return wholeMarkdown(content, summaryLimit);
  }
  const reference = document?.reference ?? deps.random.uuid();
  const unsure = document !== undefined;
  if (!unsure) await run.note({ document: { reference, state: "writing" } });
  const title = documentTitle(session);
  try {
    await send(deps, context, { title, content, reference, taskId: session.taskId, unsure }, signal);
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
  const { taskId, workflow } = session;
  if (writing === undefined || taskId === undefined) return;
  const { title, content } = writing;
  const document = {
    taskId,
    title,
    content,
    workflowRunId: workflow?.runId,
    workflowStepId: workflow?.stepId,
  };
  const find = async (inner: AbortSignal): Promise<true | undefined> => {
    const { documents } = (await calls.read(inner)).untrusted;
    return documents.some((one) => one.title === title && one.content === content) ? true : undefined;
  };
  try {
    const send = async (inner: AbortSignal): Promise<true> => {
      if ((await find(inner)) !== true) await calls.writeDocument(document, inner);
      return true;
    };
    await insist<true>(deps, { what: "write document", send, find, ofSession: false }, signal);
    await run.note({ writing: undefined, modelWrote: true });
    reporter.tell("progress", `Wrote the document “${firstLine(title, 200)}”.`, "document settled");
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    await run.note({ writing: undefined });
  }
}

interface Writing {
  readonly taskId: string;
  readonly title: string;
  readonly content: string;
  readonly reference: string;
  /** An earlier process was writing it. */
  readonly unsure: boolean;
}

async function send(
  deps: InsistDeps,
  { calls, session }: DocumentContext,
  { taskId, title, content, reference, unsure }: Writing,
  signal: AbortSignal,
): Promise<void> {
  const whole = `${wholeMarkdown(content, contentLimit)}\n\n<sub>${reference}</sub>`;
  const find = async (inner: AbortSignal): Promise<true | undefined> => {
    const { documents } = (await calls.read(inner)).untrusted;
    return documents.some((one) => one.content?.includes(reference)) ? true : undefined;
  };
  const { runId, stepId } = session.workflow ?? {};
  const document = { taskId, title, content: whole, workflowRunId: runId, workflowStepId: stepId };
  await insist<true>(
    deps,
    {
      what: "write document",
      send: async (inner) => {
        if (unsure && (await find(inner)) === true) return true;
        await calls.writeDocument(document, inner);
        return true;
      },
      find,
      ofSession: false,
    },
    signal,
  );
}
