import type { Clock } from "../../base/clock";
import { asWritten } from "../../base/words";
import type { RunOutcome, RunRequest, RuntimeEvent } from "../../core/ports/runtime";
import { JsonRpcConnectionError, JsonRpcResponseError } from "../jsonRpcErrors";
import { toolSpecs } from "../tools";
import type { AppServer } from "./appServer";
import { profileFor } from "./arguments";
import { completedBefore, messageIdOf, newestTurns } from "./doneBefore";
import { failure, turnFailure, type Failure } from "./failure";
import { mapNotification } from "./mapping";
import { threadAnswer, turnAnswer } from "./protocol";
import { widerThanAsked } from "./safety";
import { initialMapping, type MappingState, type TurnEnd } from "./state";
import { foreignVersion } from "./version";

const threadMs = 30_000;
const turnStartMs = 30_000;
const turnsMs = 10_000;
/** The tool tells a resumed thread's totals by itself, soon after its answer. */
const totalsMs = 2000;
/** How long an interrupted turn and the commands that outlive it have to end by themselves. */
const patience = { interruptMs: 5000, cleanMs: 2000 };
/** Nobody waits for the work any more, and it has to stop soon. */
const noPatience = { interruptMs: 1500, cleanMs: 500 };

const takenOver = asWritten(
  "Codex had finished the work when the worker was interrupted, so nothing was run again. What it did in its last moments may be missing here.",
);

/** One thread with one turn, on a server that was initialised. Holds the mapping's state. */
export class Conversation {
  readonly #request: RunRequest;
  readonly #clock: Clock;
  readonly #onEvent: (event: RuntimeEvent) => void;
  readonly #ended: Promise<TurnEnd>;
  #tellEnd: (end: TurnEnd) => void = () => undefined;
  readonly #totalled: Promise<void>;
  #tellTotalled: () => void = () => undefined;
  #state: MappingState = initialMapping;
  #server: AppServer | undefined;
  #cancelled = false;

  constructor(request: RunRequest, clock: Clock, onEvent: (event: RuntimeEvent) => void) {
    this.#request = request;
    this.#clock = clock;
    this.#onEvent = onEvent;
    this.#ended = new Promise((resolve) => (this.#tellEnd = resolve));
    this.#totalled = new Promise((resolve) => (this.#tellTotalled = resolve));
  }

  notified(method: string, params: unknown): void {
    const [state, events] = mapNotification(this.#state, method, params);
    this.#state = state;
    for (const event of events) this.#onEvent(event);
    if (state.end !== undefined) this.#tellEnd(state.end);
    if (state.usage !== undefined) this.#tellTotalled();
  }

  /**
   * Starts or resumes the thread. A failure when the tool does not hold the rules that were asked for.
   * @param version of the tool, when it said so.
   */
  async openThread(server: AppServer, version?: string): Promise<Failure | undefined> {
    const { resumeThreadId, policy } = this.#request;
    // A resumed thread's totals may come in one breath with the answer.
    this.#state = { ...this.#state, threadId: resumeThreadId };
    const profile = profileFor(policy.sandbox);
    const rules = {
      cwd: this.#request.workingDirectory,
      ...(profile === undefined ? { sandbox: policy.sandbox } : { permissions: profile }),
      approvalPolicy: policy.approvals,
      developerInstructions: this.#request.trustedInstructions,
      ...(this.#request.model === undefined ? {} : { model: this.#request.model }),
    };
    const answer =
      resumeThreadId === undefined
        ? await server.rpc.request("thread/start", { ...rules, dynamicTools: dynamicTools() }, threadMs)
        : await server.rpc.request(
            "thread/resume",
            { ...rules, threadId: resumeThreadId, excludeTurns: true },
            threadMs,
          );
    const parsed = threadAnswer.safeParse(answer);
    if (!parsed.success) {
      const how = asWritten("Codex answered the start of the thread in an unknown way.");
      return foreignVersion("protocol", how, version);
    }
    const wider = widerThanAsked(policy, parsed.data);
    if (wider !== undefined) {
      return failure("protocol", asWritten("Codex would run with {0}, so nothing was started", wider));
    }
    const threadId = parsed.data.thread.id;
    this.#state = { ...this.#state, threadId };
    this.#onEvent({
      kind: "threadStarted",
      threadId,
      model: parsed.data.model ?? undefined,
      modelProvider: parsed.data.modelProvider ?? undefined,
    });
    return undefined;
  }

  /**
   * The end of the work where the resumed thread holds it: its turn completed, and nobody lived to note that. Undefined
   * when there is none, or the tool cannot tell.
   */
  async doneBefore(server: AppServer): Promise<RunOutcome | undefined> {
    if (this.#request.resumeThreadId === undefined) return undefined;
    const asked = { threadId: this.#state.threadId, ...newestTurns };
    const turns = await quietly(server.rpc.request("thread/turns/list", asked, turnsMs));
    const done = completedBefore(turns, this.#request.workKey);
    if (done === undefined) return undefined;
    this.#onEvent({ kind: "warning", text: takenOver });
    await this.#within(totalsMs, Promise.race([this.#totalled, server.process.exited]));
    return done;
  }

  /** Sends the untrusted text and waits for the turn's end. Rejects when the process ends before. */
  async turn(server: AppServer): Promise<RunOutcome> {
    this.#server = server;
    const { effort, untrustedInput } = this.#request;
    const answer = await server.rpc.request(
      "turn/start",
      {
        threadId: this.#state.threadId,
        clientUserMessageId: messageIdOf(this.#request.workKey),
        input: [{ type: "text", text: untrustedInput, text_elements: [] }],
        ...(effort === undefined ? {} : { effort }),
      },
      turnStartMs,
    );
    const turnId = turnAnswer.safeParse(answer).data?.turn.id;
    if (turnId !== undefined && this.#state.turnId === undefined) {
      this.#state = { ...this.#state, turnId };
      this.#onEvent({ kind: "turnStarted", turnId });
    }
    const crashed = server.process.exited.then((how): RunOutcome => {
      return failure("crashed", asWritten("Codex ended in the middle of the turn ({0})", how));
    });
    return Promise.race([this.#ended.then((end) => this.#outcome(end)), crashed]);
  }

  /** A person has said no to what the tool asked, and wants the turn to end. */
  cancelledByPerson(): void {
    this.#cancelled = true;
  }

  /** Asks the tool to end the turn. */
  async interrupt(): Promise<void> {
    const { threadId, turnId } = this.#state;
    await quietly(this.#server?.rpc.request("turn/interrupt", { threadId, turnId }, patience.interruptMs));
  }

  /** Gives the running turn more untrusted text; a turn that has ended meanwhile does not hear it. */
  async steer(text: string): Promise<void> {
    const { threadId, turnId } = this.#state;
    const input = [{ type: "text", text, text_elements: [] }];
    await quietly(
      this.#server?.rpc.request("turn/steer", { threadId, expectedTurnId: turnId, input }, turnStartMs),
    );
  }

  /** Stops the turn, if one runs, and the commands that outlive it. Never throws: closing the process follows anyway. */
  async stop(server: AppServer, hurry: boolean): Promise<void> {
    const { interruptMs, cleanMs } = hurry ? noPatience : patience;
    const { threadId, turnId, end } = this.#state;
    if (threadId === undefined || server.process.hasExited()) return;
    if (turnId !== undefined && end === undefined) {
      const asked = quietly(server.rpc.request("turn/interrupt", { threadId, turnId }, interruptMs));
      await this.#within(
        interruptMs,
        asked.then(() => Promise.race([this.#ended, server.process.exited])),
      );
    }
    if (server.process.hasExited()) return;
    await quietly(server.rpc.request("thread/backgroundTerminals/clean", { threadId }, cleanMs));
  }

  /** Waits for something that may not come. */
  async #within(limitMs: number, awaited: Promise<unknown>): Promise<void> {
    const waiting = new AbortController();
    const limit = this.#clock.sleep(limitMs, waiting.signal).catch(() => undefined);
    await Promise.race([awaited, limit]);
    waiting.abort(new Error("waited"));
  }

  #outcome(end: TurnEnd): RunOutcome {
    if (end.status === "completed") {
      return { kind: "completed", finalMessage: this.#state.finalMessage ?? this.#state.lastMessage };
    }
    if (end.status === "interrupted" && this.#cancelled) {
      return failure(
        "turnCancelled",
        asWritten("A person cancelled the turn when Codex asked for an approval"),
      );
    }
    if (end.status === "interrupted") {
      return failure("turnFailed", asWritten("Codex interrupted the turn by itself"));
    }
    return turnFailure(end.error);
  }
}

/** The worker's own tools, as the tool offers them to its model. */
function dynamicTools(): readonly object[] {
  return toolSpecs().map((spec) => ({ type: "function", ...spec }));
}

async function quietly(call: Promise<unknown> | undefined): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    // A refusal or a dead connection: either way there is nothing more to learn or to ask for.
    if (!(error instanceof JsonRpcConnectionError) && !(error instanceof JsonRpcResponseError)) throw error;
    return undefined;
  }
}
