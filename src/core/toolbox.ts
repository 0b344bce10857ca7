import { messageOf, type Log } from "../base/log";
import { PlatformError } from "./platformError";
import { troubleWith } from "./platformWords";
import type { AttemptRecord } from "./ports/journal";
import type { ToolCall, ToolResult, UsedTool } from "./ports/tools";
import type { QuestionDesk } from "./questionDesk";
import type { Reporter } from "./reporter";
import type { SessionCalls } from "./sessionCalls";
import type { Session } from "./session";
import { clip, firstLine } from "./text";

export interface ToolboxDeps {
  readonly log: Log;
  readonly session: Session;
  readonly claimId: string;
  readonly calls: Pick<SessionCalls, "read" | "writeDocument" | "delegate">;
  readonly reporter: Pick<Reporter, "tell" | "note">;
  readonly desk: Pick<QuestionDesk, "ask">;
  /** What earlier processes noted. */
  readonly used: readonly UsedTool[];
  /** Resolves when it is on the disk; rejects when the disk does not take it. */
  readonly save: (facts: Partial<AttemptRecord>) => Promise<void>;
}

/** How many calls are remembered: the oldest are forgotten. */
const usedKept = 50;

const done = (text: string): ToolResult => ({ ok: true, text });
const not = (text: string): ToolResult => ({ ok: false, text: `${text} Nothing was done.` });

/** What can be done once, and found again when nobody knows whether it was done. */
interface Once {
  readonly what: string;
  readonly act: (signal: AbortSignal) => Promise<string>;
  /** Undefined where it cannot be found out. */
  readonly find: (signal: AbortSignal) => Promise<string | undefined>;
}

/** Carries out the model's calls of the worker's own tools for one session. */
export class Toolbox {
  readonly #deps: ToolboxDeps;
  readonly #used: Map<string, UsedTool>;
  /** Calls that say the same at the same time are one. */
  readonly #busy = new Map<string, Promise<ToolResult>>();

  constructor(deps: ToolboxDeps) {
    this.#deps = deps;
    this.#used = new Map(deps.used.map((one) => [one.key, one]));
  }

  /** Never rejects: what cannot be done is told. */
  async use(call: ToolCall, key: string, signal: AbortSignal): Promise<ToolResult> {
    try {
      return await this.#carryOut(call, key, signal);
    } catch (error) {
      if (!signal.aborted) {
        const { log, session } = this.#deps;
        log.warn("a tool of ours failed", {
          sessionId: session.sessionId,
          tool: call.tool,
          message: messageOf(error),
        });
      }
      return {
        ok: false,
        text: signal.aborted ? "The run ends." : `It did not work: ${troubleWith(error)}.`,
      };
    }
  }

  async #carryOut(call: ToolCall, key: string, signal: AbortSignal): Promise<ToolResult> {
    const { reporter } = this.#deps;
    switch (call.tool) {
      case "report_progress":
        reporter.tell("progress", call.message);
        return done("It is told.");
      case "request_input":
        return await this.#ask(call, signal);
      case "set_review_verdict":
        return this.#judge(call, key);
      case "write_document":
        return await this.#write(call, key, signal);
      case "delegate_work":
        return await this.#delegate(call, key, signal);
    }
  }

  async #ask(
    { question, options }: Extract<ToolCall, { tool: "request_input" }>,
    signal: AbortSignal,
  ): Promise<ToolResult> {
    const part = { text: question, options, secret: false };
    const asked = { about: "question", what: question, where: undefined, why: undefined } as const;
    const answer = await this.#deps.desk.ask({ ...asked, forSession: false, parts: [part] }, signal);
    if (answer.kind === "texts") return done(answer.texts.join("\n"));
    return { ok: false, text: "Nobody answers this. Go on as you think best, and say what you assumed." };
  }

  #judge(call: Extract<ToolCall, { tool: "set_review_verdict" }>, key: string): ToolResult {
    const { session, reporter } = this.#deps;
    if (session.workflow?.taskMode !== "review") {
      return not("A verdict belongs to a review step of a workflow run, and this session is none.");
    }
    reporter.note({ reviewVerdict: call.verdict });
    reporter.tell("progress", `Verdict of the review: ${call.verdict}. ${call.reason}`, `verdict ${key}`);
    return done(`The verdict is ${call.verdict}.`);
  }

  async #write(
    call: Extract<ToolCall, { tool: "write_document" }>,
    key: string,
    signal: AbortSignal,
  ): Promise<ToolResult> {
    const { session, calls, reporter } = this.#deps;
    const { title, content } = call;
    const { taskId, workflow } = session;
    if (taskId === undefined) {
      // Without a task there is nothing that a document could belong to.
      reporter.tell("progress", `## ${firstLine(title, 300)}\n\n${content}`, `document ${key}`);
      return done("The session has no task, so the document stands in the session's log.");
    }
    const told = `The document “${clip(title, 300)}” is written.`;
    const once: Once = {
      what: "the document was written",
      act: async (inner) => {
        await calls.writeDocument(
          { taskId, title, content, workflowRunId: workflow?.runId, workflowStepId: workflow?.stepId },
          inner,
        );
        return told;
      },
      find: async (inner) => {
        const { documents } = (await calls.read(inner)).untrusted;
        return documents.some((one) => one.title === title && one.content === content) ? told : undefined;
      },
    };
    return await this.#once(once, key, `Wrote the document “${firstLine(title, 200)}”.`, signal);
  }

  async #delegate(
    call: Extract<ToolCall, { tool: "delegate_work" }>,
    key: string,
    signal: AbortSignal,
  ): Promise<ToolResult> {
    const { session, calls, claimId } = this.#deps;
    const { workflow, sessionId, taskId } = session;
    if (workflow?.runId === undefined) {
      return not("Work can be delegated in a workflow run only, and this session belongs to none.");
    }
    if (call.targetWorkerId !== undefined && call.targetGroupId !== undefined) {
      return not("Only one of target_worker_id and target_group_id can be given.");
    }
    const given = call.targetWorkerId !== undefined || call.targetGroupId !== undefined;
    const { targetWorkerId, targetGroupId } = given
      ? call
      : (workflow.nextTarget ?? { targetWorkerId: undefined, targetGroupId: undefined });
    if ((targetWorkerId === undefined) === (targetGroupId === undefined)) {
      return not("The run names no next target, so give target_worker_id or target_group_id.");
    }
    const { prompt, title } = call;
    const work = { prompt, title, taskId, targetWorkerId, targetGroupId };
    const once: Once = {
      what: "the work was delegated",
      act: async (inner) => {
        const child = await calls.delegate({ ...work, delegatingSessionId: sessionId, claimId }, inner);
        return `The work is delegated as session ${child}.`;
      },
      find: () => Promise.resolve(undefined),
    };
    return await this.#once(once, key, `Delegated: ${firstLine(title ?? prompt, 200)}`, signal);
  }

  /** The same call does its work once, over repetitions and the death of this process. */
  async #once(once: Once, key: string, report: string, signal: AbortSignal): Promise<ToolResult> {
    const running = this.#busy.get(key);
    if (running !== undefined) return await running;
    const task = this.#doOnce(once, key, report, signal);
    this.#busy.set(key, task);
    try {
      return await task;
    } finally {
      this.#busy.delete(key);
    }
  }

  async #doOnce(once: Once, key: string, report: string, signal: AbortSignal): Promise<ToolResult> {
    const { reporter } = this.#deps;
    const before = this.#used.get(key);
    if (before?.text !== undefined) return done(before.text);
    let text = before === undefined ? undefined : await once.find(signal);
    if (text === undefined && before !== undefined) {
      return { ok: false, text: `It is not known whether ${once.what}, so it was not tried again.` };
    }
    if (text === undefined) {
      await this.#note({ key, text: undefined });
      text = await this.#try(once, key, signal);
      if (text === undefined) {
        return { ok: false, text: `The platform did not answer, so it is not known whether ${once.what}.` };
      }
    }
    await this.#note({ key, text });
    reporter.tell("progress", report, `tool ${key}`);
    return done(text);
  }

  /** Undefined when nobody knows. Rejects when the platform refused it: it may be tried again. */
  async #try(once: Once, key: string, signal: AbortSignal): Promise<string | undefined> {
    try {
      return await once.act(signal);
    } catch (error) {
      if (error instanceof PlatformError && error.outcome === "refused") {
        this.#used.delete(key);
        await this.#save();
        throw error;
      }
      signal.throwIfAborted();
      return await once.find(signal).catch(() => undefined);
    }
  }

  async #note(used: UsedTool): Promise<void> {
    this.#used.delete(used.key);
    this.#used.set(used.key, used);
    await this.#save();
  }

  async #save(): Promise<void> {
    await this.#deps.save({ used: [...this.#used.values()].slice(-usedKept) });
  }
}
