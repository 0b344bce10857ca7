import { RequestError } from "@agentclientprotocol/sdk";
import type { Clock } from "../../base/clock";
import type { Log } from "../../base/log";
import type { TextRedactor } from "../../base/redaction/redactor";
import { asWritten } from "../../base/words";
import type { RunOutcome, RunRequest, RuntimeEvent } from "../../core/ports/runtime";
import type { AgentLink } from "./agentLink";
import { authRequired, failure, versionFault, type Failure } from "./failure";
import { mapEnd, mapTotals, mapUpdate } from "./mapping";
import { placeOf, promptBlocks, sessionInstructions, type InstructionPlace } from "./promptText";
import {
  initializeAnswer,
  promptAnswer,
  protocolVersion,
  sessionAnswer,
  updateNote,
  type InitializeAnswer,
  type SessionAnswer,
  type ToolUpdate,
} from "./protocol";
import { grantedAccess } from "./access";
import { modeFor, modelOf, optionChoice, type Setting } from "./sessionChoices";
import { initialState, type AcpState, type MappingContext, type TerminalFacts, type Tool } from "./state";
import { filesOf, mergedTool } from "./toolCalls";
import type { Shown } from "./unshown";

export interface ConversationDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly redactor: TextRedactor;
  readonly clientVersion: string;
  readonly request: RunRequest;
  readonly limits: AcpLimits;
  readonly onEvent: (event: RuntimeEvent) => void;
  readonly terminal: (id: string) => TerminalFacts | undefined;
  /** Servers of tools, as the protocol names them. */
  readonly toolServers: readonly object[];
  /** A new random text. */
  readonly unique: () => string;
}

/** How long the agent may take, milliseconds. */
export interface AcpLimits {
  /** Its start too: an agent that is fetched on its first start takes its time. */
  readonly initializeMs: number;
  readonly sessionMs: number;
  /** For a cancelled turn to end by itself. */
  readonly cancelMs: number;
  /** The same when nobody waits for the work any more. */
  readonly hurryMs: number;
}

export const usualLimits: AcpLimits = {
  initializeMs: 60_000,
  sessionMs: 60_000,
  cancelMs: 5000,
  hurryMs: 1500,
};

/** A person's words for a turn that is over go into a next one; not for ever. */
const turnsAtMost = 10;

const begunAnew = asWritten(
  "The agent cannot go on with its earlier session, so a new one was begun. It knows nothing of the earlier one but what is in the files.",
);

/** What the agent says of itself, or why it cannot be used. */
export type Introduced = { readonly agent: InitializeAnswer } | { readonly fault: Failure };
type Opened = { readonly session: SessionAnswer } | { readonly fault: Failure };

/** One session with its turn, with an agent that was started. Holds the mapping's state. */
export class Conversation {
  readonly #deps: ConversationDeps;
  readonly #mark: string;
  #state: AcpState = initialState;
  #sessionId: string | undefined;
  /** Between the request that opens a session and its answer the agent may tell an old one's history. */
  #listens = false;
  #place: InstructionPlace = "prompt";
  #input: string;
  #turn: Promise<unknown> | undefined;
  #turnTold = false;
  #cancelled = false;
  #link: AgentLink | undefined;
  #guidance: string[] = [];

  constructor(deps: ConversationDeps) {
    this.#deps = deps;
    this.#mark = deps.unique();
    this.#input = deps.request.untrustedInput;
  }

  get sessionId(): string | undefined {
    return this.#sessionId;
  }

  /** A `session/update`. */
  updated(params: unknown): void {
    const note = updateNote.safeParse(params).data;
    if (note === undefined || !this.#listens || note.sessionId !== this.#sessionId) return;
    if (this.#turn !== undefined) this.#tellTurn();
    this.#take(mapUpdate(this.#state, note.update.sessionUpdate, note.update, this.#context()));
  }

  /** What the agent's tool calls have told so far. */
  get shown(): Shown {
    const tools = [...this.#state.tools.values()];
    return {
      terminals: new Set(tools.flatMap((one) => one.terminals)),
      files: new Set(tools.filter((one) => one.done).flatMap((one) => filesOf(one).map(({ path }) => path))),
    };
  }

  /** A tool call as it is known, with what a request says of it. */
  toolOf(update: ToolUpdate): Tool {
    const before = this.#state.tools.get(update.toolCallId);
    return mergedTool(before, update, this.#deps.clock.monotonic());
  }

  /** The handshake. A failure when the agent speaks another version of the protocol. */
  async initialize(link: AgentLink): Promise<Introduced> {
    const { request, clientVersion, limits } = this.#deps;
    return await handshake(link, clientVersion, grantedAccess(request), limits.initializeMs);
  }

  /** Opens the session, or the earlier one where the agent can, and sets what the owner wants of it. */
  async open(link: AgentLink, agent: InitializeAnswer): Promise<Failure | undefined> {
    this.#link = link;
    this.#place = placeOf(agent);
    const opened = (await this.#resume(link, agent)) ?? (await this.#begin(link));
    if ("fault" in opened) return opened.fault;
    this.#listens = true;
    return await this.#settle(link, opened.session);
  }

  /** Sends the work and waits for the turn's end. Rejects when the process ends before. */
  async turn(link: AgentLink): Promise<RunOutcome> {
    const { request } = this.#deps;
    const texts = { trusted: request.trustedInstructions, untrusted: this.#input };
    let outcome = await this.#prompt(link, promptBlocks(this.#place, texts, this.#mark));
    for (let turns = 1; outcome.kind === "completed" && turns < turnsAtMost; turns += 1) {
      const guidance = this.#guidance.splice(0).join("\n\n");
      if (guidance === "") break;
      outcome = await this.#prompt(
        link,
        promptBlocks("systemPrompt", { trusted: "", untrusted: guidance }, this.#mark),
      );
    }
    return outcome;
  }

  /** A person has said no to what the agent asked, and wants the turn to end. */
  cancelledByPerson(): void {
    this.#cancelled = true;
    void this.#link?.notify("session/cancel", { sessionId: this.#sessionId });
  }

  /** What a person wants the model to know besides their decision: the protocol has a place for it only in a next prompt. */
  guided(text: string): void {
    this.#guidance.push(text);
  }

  /** Cancels the turn, if one runs, and gives it a moment. Never throws: ending the process follows anyway. */
  async stop(link: AgentLink, hurry: boolean): Promise<void> {
    const { clock, limits } = this.#deps;
    if (this.#turn === undefined || link.process.hasExited()) return;
    await link.notify("session/cancel", { sessionId: this.#sessionId });
    const waiting = new AbortController();
    const limit = clock
      .sleep(hurry ? limits.hurryMs : limits.cancelMs, waiting.signal)
      .catch(() => undefined);
    await Promise.race([this.#turn.catch(() => undefined), link.process.exited, limit]);
    waiting.abort(new Error("waited"));
  }

  async #resume(link: AgentLink, agent: InitializeAnswer): Promise<Opened | undefined> {
    const { request, limits } = this.#deps;
    const { resumeThreadId } = request;
    if (resumeThreadId === undefined) return undefined;
    const { loadSession, sessionCapabilities } = agent.agentCapabilities ?? {};
    const resumes = sessionCapabilities?.resume !== undefined && sessionCapabilities.resume !== null;
    const method = resumes ? "session/resume" : loadSession === true ? "session/load" : undefined;
    if (method !== undefined) {
      this.#sessionId = resumeThreadId;
      try {
        const params = { ...this.#sessionParams(), sessionId: resumeThreadId };
        const answer = sessionAnswer.safeParse((await link.request(method, params, limits.sessionMs)) ?? {});
        return answer.success ? { session: answer.data } : { fault: unknownAnswer(method) };
      } catch (error) {
        // Not signed in, or no answer: a new session would meet the same.
        if (!(error instanceof RequestError) || error.code === authRequired) throw error;
        this.#deps.log.warn("an earlier session was refused", { code: error.code });
      }
    }
    this.#sessionId = undefined;
    if (request.inputAnew === undefined) {
      return { fault: failure("turnFailed", asWritten("The agent cannot go on with its session")) };
    }
    this.#input = request.inputAnew();
    this.#deps.onEvent({ kind: "warning", text: begunAnew });
    return undefined;
  }

  async #begin(link: AgentLink): Promise<Opened> {
    const { limits } = this.#deps;
    const told = await link.request("session/new", this.#sessionParams(), limits.sessionMs);
    const answer = sessionAnswer.safeParse(told).data;
    if (answer?.sessionId === undefined || answer.sessionId === null || answer.sessionId === "") {
      return { fault: unknownAnswer("session/new") };
    }
    this.#sessionId = answer.sessionId;
    return { session: answer };
  }

  #sessionParams(): Readonly<Record<string, unknown>> {
    const { request, toolServers } = this.#deps;
    const { workingDirectory, trustedInstructions } = request;
    const instructions = sessionInstructions(this.#place, trustedInstructions);
    return { cwd: workingDirectory, mcpServers: toolServers, ...instructions };
  }

  /** Mode, model and effort, as far as the agent offers them. */
  async #settle(link: AgentLink, answer: SessionAnswer): Promise<Failure | undefined> {
    const { request, onEvent } = this.#deps;
    const mode = modeFor(request.policy, answer);
    if (mode.refused !== undefined) {
      return failure("protocol", asWritten("{0}, so nothing was started", mode.refused));
    }
    const warn = (text: string | undefined): void => {
      if (text !== undefined) onEvent({ kind: "warning", text });
    };
    warn(mode.warning);
    let options = await this.#set(link, mode.setting, answer.configOptions ?? []);
    const model = optionChoice(options, "model", request.model);
    warn(model.warning);
    options = await this.#set(link, model.setting, options);
    const effort = optionChoice(options, "thought_level", request.effort);
    warn(effort.warning);
    options = await this.#set(link, effort.setting, options);
    const threadId = this.#sessionId ?? "";
    onEvent({ kind: "threadStarted", threadId, model: modelOf(options), modelProvider: undefined });
    return undefined;
  }

  /** The options as they are afterwards: one may bring or take others. */
  async #set(
    link: AgentLink,
    setting: Setting | undefined,
    options: NonNullable<SessionAnswer["configOptions"]>,
  ): Promise<NonNullable<SessionAnswer["configOptions"]>> {
    if (setting === undefined) return options;
    const { sessionMs } = this.#deps.limits;
    const session = { sessionId: this.#sessionId };
    if (setting.kind === "mode") {
      await link.request("session/set_mode", { ...session, modeId: setting.modeId }, sessionMs);
      return options;
    }
    const { configId, value } = setting;
    const told = await link.request("session/set_config_option", { ...session, configId, value }, sessionMs);
    return sessionAnswer.safeParse(told).data?.configOptions ?? options;
  }

  async #prompt(link: AgentLink, prompt: readonly object[]): Promise<RunOutcome> {
    const asked = link.request("session/prompt", { sessionId: this.#sessionId, prompt });
    this.#turn = asked;
    let told: unknown;
    try {
      told = await asked;
    } catch (error) {
      this.#take(mapEnd(this.#state, false, this.#context()));
      throw error;
    } finally {
      this.#turn = undefined;
    }
    this.#tellTurn();
    const answer = promptAnswer.safeParse(told).data;
    const completed = answer?.stopReason === "end_turn";
    this.#take(mapEnd(this.#state, completed, this.#context()));
    if (answer?.usage !== undefined && answer.usage !== null) {
      this.#take(mapTotals(this.#state, answer.usage));
    }
    return completed
      ? { kind: "completed", finalMessage: this.#state.lastMessage }
      : this.#stopped(answer?.stopReason);
  }

  #stopped(reason: string | undefined): Failure {
    switch (reason) {
      case "cancelled":
        return this.#cancelled
          ? failure(
              "turnCancelled",
              asWritten("A person cancelled the turn when the agent asked for an approval"),
            )
          : failure("turnFailed", asWritten("The agent cancelled the turn by itself"));
      case "max_tokens":
        return failure("turnFailed", asWritten("The model reached the most tokens that it may write"));
      case "max_turn_requests":
        return failure(
          "turnFailed",
          asWritten("The agent reached the most requests to its model in one turn"),
        );
      case "refusal":
        return failure("turnFailed", asWritten("The agent refused to go on"));
      default:
        return failure("protocol", asWritten("The agent ended the turn in a way that is not known here"));
    }
  }

  /** The agent has the prompt: the protocol has no word for that, so the first thing it tells is it. */
  #tellTurn(): void {
    if (this.#turnTold) return;
    this.#turnTold = true;
    this.#deps.onEvent({ kind: "turnStarted", turnId: this.#mark });
  }

  #take([state, events]: readonly [AcpState, readonly RuntimeEvent[]]): void {
    this.#state = state;
    for (const event of events) this.#deps.onEvent(event);
  }

  #context(): MappingContext {
    const { clock, redactor, terminal } = this.#deps;
    return { nowMs: clock.monotonic(), redact: (text) => redactor.redact(text), terminal };
  }
}

/** What the agent says of itself. A failure when it speaks another version of the protocol. */
export async function handshake(
  link: Pick<AgentLink, "request">,
  clientVersion: string,
  access: ReturnType<typeof grantedAccess>,
  limitMs: number,
): Promise<Introduced> {
  const told = await link.request(
    "initialize",
    {
      protocolVersion,
      clientInfo: { name: "one-horizon-worker", title: "One Horizon Worker", version: clientVersion },
      clientCapabilities: {
        fs: { readTextFile: access.read, writeTextFile: access.write },
        terminal: access.terminal,
        elicitation: { form: {} },
        session: { notices: {} },
        _meta: { terminal_output: true },
      },
    },
    limitMs,
  );
  const answer = initializeAnswer.safeParse(told).data;
  if (answer === undefined) return { fault: unknownAnswer("initialize") };
  const fault = versionFault(answer.protocolVersion);
  return fault === undefined ? { agent: answer } : { fault };
}

function unknownAnswer(method: string): Failure {
  return failure("protocol", asWritten("The agent answered {0} in an unknown way", method));
}
