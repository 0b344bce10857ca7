import { RequestError } from "@agentclientprotocol/sdk";
import type * as z from "zod/mini";
import type { Disposable } from "../../base/disposable";
import { messageOf, type Log } from "../../base/log";
import type { TextRedactor } from "../../base/redaction/redactor";
import { asWritten } from "../../base/words";
import type { Answer, Question } from "../../core/ports/person";
import type { RunRequest, RuntimeEvent } from "../../core/ports/runtime";
import { redactedJson } from "../redactedJson";
import { headOf } from "../textTail";
import type { Conversation } from "./conversation";
import { grantedAccess } from "./access";
import { formQuestion } from "./elicitation";
import { isOwnTool } from "./ownToolNames";
import { answerOf, permissionQuestion, refusal } from "./permissions";
import {
  permissionParams,
  questionParams,
  readParams,
  sessionRef,
  terminalParams,
  terminalRef,
  writeParams,
} from "./protocol";
import type { Terminals } from "./terminals";
import { AccessRefused, type WorktreeFiles } from "./worktreeFiles";

export interface RequestsDeps {
  readonly log: Log;
  readonly redactor: TextRedactor;
  readonly request: RunRequest;
  readonly onEvent: (event: RuntimeEvent) => void;
  readonly conversation: Pick<Conversation, "sessionId" | "toolOf" | "cancelledByPerson" | "guided">;
  readonly files: WorktreeFiles;
  readonly terminals: Terminals;
  /** While it is held, the turn's limits stand still. */
  readonly hold: () => Disposable;
}

const ownApproval: Answer = { kind: "decision", decision: "approve", guidance: undefined };
const nobody = asWritten("Nobody is asked during a run: the owner's policy answers every request with no.");
const unshown = asWritten(
  "It is too long to be shown, or in an unknown form: nobody could know what they approve.",
);
const readOnly = asWritten("The sandbox of this run is read-only.");

/** Answers each request of the agent of one run. What waits for a person is given up when the signal aborts. */
export class AgentRequests {
  readonly #deps: RequestsDeps;

  constructor(deps: RequestsDeps) {
    this.#deps = deps;
  }

  /** @throws RequestError, which the agent is told. */
  async answer(method: string, params: unknown, signal: AbortSignal): Promise<unknown> {
    const serve = this.#servants.get(method);
    if (serve === undefined) {
      this.#deps.log.warn("the agent asked for something that is not known here", {
        method: method.slice(0, 100),
      });
      throw RequestError.methodNotFound(method.slice(0, 200));
    }
    const { sessionId } = this.#deps.conversation;
    const meant = sessionRef.safeParse(params).data?.sessionId;
    if (sessionId === undefined || meant !== sessionId) {
      throw RequestError.invalidParams(undefined, "this is no session of this connection");
    }
    try {
      return await serve(params, signal);
    } catch (error) {
      if (error instanceof RequestError) throw error;
      if (error instanceof AccessRefused) throw RequestError.invalidParams(undefined, error.message);
      this.#deps.log.warn("a request of the agent could not be served", { method, error: messageOf(error) });
      throw RequestError.internalError(undefined, "it could not be done");
    }
  }

  readonly #servants: ReadonlyMap<string, (params: unknown, signal: AbortSignal) => Promise<unknown>> =
    new Map([
      [
        "session/request_permission",
        (params: unknown, signal: AbortSignal) => this.#permission(params, signal),
      ],
      ["elicitation/create", (params: unknown, signal: AbortSignal) => this.#question(params, signal)],
      ["fs/read_text_file", (params: unknown) => this.#read(params)],
      ["fs/write_text_file", (params: unknown) => this.#write(params)],
      ["terminal/create", (params: unknown) => this.#createTerminal(params)],
      ["terminal/output", async (params: unknown) => await Promise.resolve(this.#output(params))],
      ["terminal/wait_for_exit", (params: unknown) => this.#deps.terminals.waitForExit(terminalOf(params))],
      ["terminal/kill", (params: unknown) => done(this.#deps.terminals.kill(terminalOf(params)))],
      ["terminal/release", (params: unknown) => done(this.#deps.terminals.release(terminalOf(params)))],
    ]);

  async #permission(params: unknown, signal: AbortSignal): Promise<unknown> {
    const { request, redactor, conversation } = this.#deps;
    const { toolCall, options } = parsed(permissionParams, params);
    const shown = parsed(permissionParams, redactedJson(params, redactor)).toolCall;
    const tool = conversation.toolOf({ ...shown, toolCallId: toolCall.toolCallId });
    if (isOwnTool(tool)) return { outcome: answerOf(ownApproval, options) };
    const asks = request.policy.approvals !== "never";
    const question = asks ? permissionQuestion(tool, options, request.workingDirectory) : undefined;
    if (question === undefined) {
      this.#decline(`session/request_permission: ${tool.command ?? tool.title}`, asks ? unshown : nobody);
      return { outcome: refusal(options) };
    }
    const given = await this.#ask(question, signal);
    if (given.kind === "decision") {
      if (given.guidance !== undefined) conversation.guided(given.guidance);
      if (given.decision === "cancel" && !signal.aborted) conversation.cancelledByPerson();
    }
    return { outcome: answerOf(given, options) };
  }

  async #question(params: unknown, signal: AbortSignal): Promise<unknown> {
    const form = formQuestion(redactedJson(params, this.#deps.redactor));
    if (form === undefined) {
      const mode = questionParams.safeParse(params).success ? "" : " in a form that is not known here";
      this.#decline(`elicitation/create${mode}`, unshown);
      return { action: "decline" };
    }
    return form.answer(await this.#ask(form.question, signal));
  }

  async #ask(question: Question, signal: AbortSignal): Promise<Answer> {
    const held = this.#deps.hold();
    try {
      return await this.#deps.request.ask(question, signal);
    } finally {
      held.dispose();
    }
  }

  async #read(params: unknown): Promise<unknown> {
    const { path, line, limit } = parsed(readParams, params);
    return { content: await this.#deps.files.read(path, line ?? undefined, limit ?? undefined) };
  }

  async #write(params: unknown): Promise<unknown> {
    const { path, content } = parsed(writeParams, params);
    this.#mayWrite(`fs/write_text_file: ${path}`);
    await this.#deps.files.write(path, content);
    return {};
  }

  async #createTerminal(params: unknown): Promise<unknown> {
    const { command, args, env, cwd, outputByteLimit } = parsed(terminalParams, params);
    this.#mayWrite(`terminal/create: ${command}`);
    const { files, terminals, request } = this.#deps;
    const workingDirectory = await files.folder(cwd ?? request.workingDirectory);
    const terminalId = await terminals.create({
      command: [command, ...(args ?? [])],
      workingDirectory,
      variables: env ?? [],
      outputBytes: outputByteLimit ?? undefined,
    });
    return { terminalId };
  }

  #output(params: unknown): unknown {
    return this.#deps.terminals.output(terminalOf(params));
  }

  #mayWrite(asked: string): void {
    if (grantedAccess(this.#deps.request).write) return;
    this.#decline(asked, readOnly);
    throw RequestError.invalidRequest(undefined, readOnly);
  }

  #decline(asked: string, reason: string): void {
    const request = headOf(this.#deps.redactor.redact(asked), 1000);
    this.#deps.onEvent({ kind: "policyDecision", request, decision: "declined", reason });
  }
}

function terminalOf(params: unknown): string {
  return parsed(terminalRef, params).terminalId;
}

/** What the parameters have to be. @throws RequestError for others. */
function parsed<T extends z.ZodMiniType>(schema: T, params: unknown): z.infer<T> {
  const result = schema.safeParse(params);
  if (result.success) return result.data;
  const where = result.error.issues.slice(0, 5).map((one) => one.path.join(".") || "params");
  throw RequestError.invalidParams(undefined, `wrong: ${where.join(", ")}`);
}

async function done(task: Promise<void>): Promise<unknown> {
  await task;
  return {};
}
