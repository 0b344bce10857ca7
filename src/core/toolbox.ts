import { messageOf, type Log } from "../base/log";
import { asWritten } from "../base/words";
import { UserError, type HandedWork } from "./actions";
import { badTarget, chainTooLong, isChainFull } from "./delegation";
import { PlatformError } from "./platformError";
import { troubleWith } from "./platformWords";
import type { AttemptRecord } from "./ports/journal";
import type { ToolCall, ToolResult, UsedTool } from "./ports/tools";
import type { QuestionDesk } from "./questionDesk";
import type { Reporter } from "./reporter";
import { isSameTarget, type RunLog } from "./runNotes";
import type { SessionCalls } from "./sessionCalls";
import type { Session } from "./session";
import { isReview, modeOf } from "./taskMode";
import { clip, firstLine, wholeMarkdown } from "./text";

export interface ToolboxDeps {
  readonly log: Log;
  readonly session: Session;
  readonly claimId: string;
  readonly calls: Pick<SessionCalls, "read" | "readOther" | "writeDocument" | "delegate">;
  readonly reporter: Pick<Reporter, "tell" | "note">;
  readonly desk: Pick<QuestionDesk, "ask">;
  /** Undefined for a session of no run. */
  readonly run: RunLog | undefined;
  /** What earlier processes noted. */
  readonly used: readonly UsedTool[];
  /** What was kept for the session's summary so far. */
  readonly documents: () => string | undefined;
  /** Resolves when it is on the disk; rejects when the disk does not take it. */
  readonly save: (facts: Partial<AttemptRecord>) => Promise<void>;
}

/** As much of what the model wrote as a summary has room for. */
const keptLimit = 8000;
/** As much of that in sum beside the tool's own last words, characters. */
const documentsLimit = 6000;
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
        return await this.#judge(call);
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

  /** Told to the platform once the review is over: until then the model may come to another one. */
  async #judge(call: Extract<ToolCall, { tool: "set_review_verdict" }>): Promise<ToolResult> {
    const { session, run } = this.#deps;
    if (run === undefined || !isReview(session)) {
      return not("A verdict belongs to a review step of a workflow run, and this session is none.");
    }
    const { verdict, reason } = call;
    await run.note({ verdict: { verdict, reason, accepted: false } });
    return done(`The verdict is ${verdict}. It is told when you end; until then you may set another one.`);
  }

  async #write(
    call: Extract<ToolCall, { tool: "write_document" }>,
    key: string,
    signal: AbortSignal,
  ): Promise<ToolResult> {
    const { session, calls, reporter, run } = this.#deps;
    const { title, content } = call;
    const { taskId, workflow } = session;
    if (taskId === undefined && modeOf(session)?.writes === true && run !== undefined) {
      const kept = [run.notes.kept, `## ${firstLine(title, 300)}\n\n${content}`].filter(Boolean).join("\n\n");
      await run.note({ modelWrote: true, kept: wholeMarkdown(kept, keptLimit) });
      return done("The session has no task, so the document goes into its summary.");
    }
    if (taskId === undefined) {
      // Without a task there is nothing that a document could belong to.
      const text = `## ${firstLine(title, 300)}\n\n${content}`;
      await this.#keepForSummary(text);
      reporter.tell("progress", text, `document ${key}`);
      return done("The session has no task, so the document stands in the session's log and its summary.");
    }
    const told = `The document “${clip(title, 300)}” is written.`;
    const once: Once = {
      what: "the document was written",
      act: async (inner) => {
        await run?.note({ writing: { title, content } });
        const { runId: workflowRunId, stepId: workflowStepId } = workflow ?? {};
        try {
          await calls.writeDocument({ taskId, title, content, workflowRunId, workflowStepId }, inner);
        } catch (error) {
          if (PlatformError.is(error) && error.outcome === "refused") await run?.note({ writing: undefined });
          throw error;
        }
        return told;
      },
      find: async (inner) => {
        const { documents } = (await calls.read(inner)).untrusted;
        return documents.some((one) => one.title === title && one.content === content) ? told : undefined;
      },
    };
    const written = await this.#once(once, key, `Wrote the document “${firstLine(title, 200)}”.`, signal);
    if (written.ok) await run?.note({ modelWrote: true, writing: undefined });
    return written;
  }

  /** As much of it as a summary has room for; what is written again stands there once. */
  async #keepForSummary(text: string): Promise<void> {
    const before = this.#deps.documents();
    const one = wholeMarkdown(text, documentsLimit);
    if (before?.includes(one) === true) return;
    const all = before === undefined ? one : `${before}\n\n${one}`;
    await this.#deps.save({ documents: wholeMarkdown(all, documentsLimit) });
  }

  async #delegate(
    call: Extract<ToolCall, { tool: "delegate_work" }>,
    key: string,
    signal: AbortSignal,
  ): Promise<ToolResult> {
    const { session, run, calls } = this.#deps;
    const { prompt, title, targetWorkerId, targetGroupId } = call;
    if (session.workflow?.runId === undefined || run === undefined) {
      return not("Work can be delegated in a workflow run only, and this session belongs to none.");
    }
    const given = targetWorkerId !== undefined || targetGroupId !== undefined;
    const bad = given ? badTarget(call) : undefined;
    if (bad !== undefined) return not("Only one of target_worker_id and target_group_id can be given.");
    const next = run.notes.nextTarget ?? (await calls.read(signal)).workflow?.nextTarget;
    // Where a review goes on only its verdict decides.
    if (!given && next === undefined && !isReview(session)) {
      return not("The run names no next target, so give target_worker_id or target_group_id.");
    }
    if (!given || (next !== undefined && isSameTarget(call, next))) {
      await run.note({ words: { prompt, title } });
      return done("The run's next step gets these words when this session ends, once its work is published.");
    }
    if (await this.#isChainFull(signal)) return not(`${chainTooLong}.`);
    const once: Once = {
      what: "the work was delegated",
      act: async (inner) => `The work is delegated as session ${await this.#create(call, inner)}.`,
      find: () => Promise.resolve(undefined),
    };
    return await this.#once(once, key, `Delegated: ${firstLine(title ?? prompt, 200)}`, signal);
  }

  /** Hands work on because a person wants it. Resolves with the new session's id. Rejects with UserError. */
  async delegateByHand(work: HandedWork, signal: AbortSignal): Promise<string> {
    const bad = badTarget(work);
    if (bad !== undefined) {
      throw new UserError(asWritten("Nothing was delegated: of the target, {0}. Choose one.", bad));
    }
    if (work.prompt.trim() === "") {
      throw new UserError(asWritten("Nothing was delegated, since there is nothing to do."));
    }
    try {
      if (await this.#isChainFull(signal)) {
        throw new UserError(asWritten("Nothing was delegated. {0}.", chainTooLong));
      }
      const child = await this.#create(work, signal);
      this.#deps.reporter.tell("progress", `Delegated by hand: ${firstLine(work.title ?? work.prompt, 200)}`);
      return child;
    } catch (error) {
      if (error instanceof UserError) throw error;
      if (PlatformError.is(error) && error.outcome === "unknown") {
        throw new UserError(
          asWritten(
            "It is not known whether the work was delegated, since {0}. Look at One Horizon before you try again.",
            troubleWith(error),
          ),
        );
      }
      throw new UserError(
        asWritten("Nothing was delegated: {0}. Try again in a moment.", troubleWith(error)),
      );
    }
  }

  async #isChainFull(signal: AbortSignal): Promise<boolean> {
    const { session, calls } = this.#deps;
    return await isChainFull((id, inner) => calls.readOther(id, inner), session, signal);
  }

  /** The new session's id. */
  async #create(
    { prompt, title, targetWorkerId, targetGroupId }: HandedWork,
    signal: AbortSignal,
  ): Promise<string> {
    const { session, calls, claimId, run } = this.#deps;
    const { sessionId, taskId } = session;
    const target = { targetWorkerId, targetGroupId };
    const work = { prompt, title, taskId, ...target, delegatingSessionId: sessionId, claimId };
    const child = await calls.delegate(work, signal);
    await run?.note({ delegated: [...run.notes.delegated, { ...target, sessionId: child }] });
    return child;
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
