import { stat } from "node:fs/promises";
import { LinkedAbort } from "../../base/abort";
import { messageOf } from "../../base/log";
import { asWritten } from "../../base/words";
import { AttemptAborted } from "../../core/attemptEnd";
import { endsTelling } from "../../core/attemptEnding";
import type {
  RunFailureReason,
  RunOutcome,
  RunRequest,
  Runtime,
  RuntimeEvent,
  RuntimeProbe,
} from "../../core/ports/runtime";
import { endMarked } from "../endMarked";
import type { JsonRpcOptions } from "../jsonRpc";
import { redactedJson } from "../redactedJson";
import { makeScratch, removeScratch } from "../scratch";
import { AppServer } from "./appServer";
import { CodexProbe, type ProbeOptions } from "./codexProbe";
import { Conversation } from "./conversation";
import { failure } from "./failure";
import { startFailure } from "./startFailure";
import { launchOf, type CodexRuntimeOptions } from "./launch";
import { Leftovers } from "./leftovers";
import { isRead } from "./mapping";
import { Requests } from "./requestAnswers";
import { tooOld, versionOfAgent } from "./version";
import { Watchdog, withinLimits, type Bite } from "../watchdog";

/** The app-server refuses a longer text. */
const longestInputChars = 1_048_576;

/** Failures about which only the tool's own log knows more. */
const unexplained: ReadonlySet<RunFailureReason> = new Set<RunFailureReason>([
  "crashed",
  "startTimeout",
  "protocol",
]);

/** Codex through `codex app-server`: one process, one thread and one turn per run. */
export class CodexRuntime implements Runtime {
  readonly provider = "codex";
  readonly #options: CodexRuntimeOptions;
  readonly #probe: CodexProbe;

  constructor(options: CodexRuntimeOptions) {
    this.#options = options;
    this.#probe = new CodexProbe(options);
  }

  probe(options: ProbeOptions): Promise<RuntimeProbe> {
    return this.#probe.probe(options);
  }

  async run(
    request: RunRequest,
    onEvent: (event: RuntimeEvent) => void,
    signal: AbortSignal,
  ): Promise<RunOutcome> {
    signal.throwIfAborted();
    if (request.untrustedInput.length > longestInputChars) {
      const length = request.untrustedInput.length.toLocaleString("en");
      return failure(
        "turnFailed",
        asWritten("The session's text has {0} characters, and Codex takes at most 1,048,576", length),
      );
    }
    const folder = await stat(request.workingDirectory).catch(() => undefined);
    if (folder?.isDirectory() !== true) {
      return failure("turnFailed", asWritten("The folder {0} does not exist", request.workingDirectory));
    }
    try {
      const fault = await this.#probe.sandboxFault({ ...request, signal });
      if (fault !== undefined) return fault;
    } catch (error) {
      signal.throwIfAborted();
      return startFailure(error, undefined);
    }
    // The tool's commands get a private place for temporary files, since /tmp is shared with everybody.
    const scratch = await makeScratch(this.#options.scratchFolder);
    const leftovers = await Leftovers.note([request.workingDirectory, request.artifactsDirectory]);
    try {
      return await this.#converse(request, scratch, this.#guarded(onEvent), signal);
    } finally {
      await leftovers.remove();
      await removeScratch(scratch);
    }
  }

  endLeftovers(marker: string): Promise<number> {
    return endMarked(marker, this.#options);
  }

  async #converse(
    request: RunRequest,
    scratch: string,
    onEvent: (event: RuntimeEvent) => void,
    signal: AbortSignal,
  ): Promise<RunOutcome> {
    const { clock, redactor } = this.#options;
    const conversation = new Conversation(request, clock, onEvent);
    const watchdog = new Watchdog(clock, request);
    const asking = new LinkedAbort(signal);
    const { log } = this.#options;
    const requests = new Requests(
      { clock, log, request, onEvent, conversation, hold: () => watchdog.hold() },
      asking.signal,
    );
    let server: AppServer;
    try {
      server = await this.#start(request, scratch, {
        onNotification: (method, params) => {
          watchdog.heard();
          requests.notified(method, params);
          // Most of the stream is pieces of what comes whole later: it is not read, and not looked through.
          if (isRead(method)) conversation.notified(method, redactedJson(params, redactor));
        },
        onRequest: (method, params, id) => requests.answer(method, redactedJson(params, redactor), id),
      });
    } catch (error) {
      asking.dispose();
      signal.throwIfAborted();
      return startFailure(error, undefined);
    }
    try {
      const { outcome, left } = await this.#untilGone(server, conversation, () => {
        onEvent({ kind: "processStarted", processId: server.process.pid });
        return this.#limited(server, conversation, watchdog, signal);
      });
      if (left === 0) return outcome;
      return cannotEnd(left);
    } finally {
      asking.abort(new Error("the run is over"));
      asking.dispose();
    }
  }

  /** Whatever `work` does, the process and all it started are gone afterwards; `left` counts what could not be ended. */
  async #untilGone(
    server: AppServer,
    conversation: Conversation,
    work: () => Promise<RunOutcome>,
  ): Promise<{ readonly outcome: RunOutcome; readonly left: number }> {
    let outcome: RunOutcome;
    try {
      outcome = await work();
    } catch (error) {
      // A cancelled session stops within 10 s, and a lost claim may run elsewhere already.
      const hurry = error instanceof AttemptAborted && endsTelling(error.why);
      await this.#end(server, conversation, hurry);
      throw error;
    }
    const left = await this.#end(server, conversation, false);
    if (outcome.kind === "failed" && unexplained.has(outcome.reason)) {
      this.#options.log.warn("codex ended badly", {
        reason: outcome.reason,
        stderr: server.process.stderrTail.slice(-1000),
      });
    }
    return { outcome, left };
  }

  async #end(server: AppServer, conversation: Conversation, hurry: boolean): Promise<number> {
    try {
      await conversation.stop(server, hurry);
    } catch (error) {
      this.#options.log.warn("codex could not be stopped in good order", { error: messageOf(error) });
    }
    const left = await server.close();
    if (left > 0) this.#options.log.error("processes of the tool could not be ended", { left });
    return left;
  }

  /** The handshake and the turn, within the limits and as long as the signal allows. */
  async #limited(
    server: AppServer,
    conversation: Conversation,
    watchdog: Watchdog,
    signal: AbortSignal,
  ): Promise<RunOutcome> {
    const bitten = (bite: Bite): RunOutcome => {
      const what =
        bite === "stalled"
          ? asWritten("Codex said nothing for too long")
          : asWritten("The turn took too long");
      return failure(bite, asWritten("{0} and was stopped", what));
    };
    return await withinLimits(this.#work(server, conversation), watchdog, bitten, signal);
  }

  async #work(server: AppServer, conversation: Conversation): Promise<RunOutcome> {
    let opened = false;
    let version: string | undefined;
    try {
      // Codex may have been exchanged since it was probed.
      version = versionOfAgent(await server.initialize(this.#options.clientVersion));
      const fault = tooOld(version) ?? (await conversation.openThread(server, version));
      if (fault !== undefined) return fault;
      opened = true;
      return (await conversation.doneBefore(server)) ?? (await conversation.turn(server));
    } catch (error) {
      // Before a thread is open the process knows no text of the session, so its last words may be shown.
      return startFailure(error, opened ? undefined : server.process.stderrTail, version);
    }
  }

  async #start(
    request: RunRequest,
    scratch: string,
    on: {
      readonly onNotification: (method: string, params: unknown) => void;
      readonly onRequest: JsonRpcOptions["onRequest"];
    },
  ): Promise<AppServer> {
    const { clock, log, redactor, keeper } = this.#options;
    return AppServer.start({
      ...(await launchOf(this.#options, request, scratch)),
      workingDirectory: request.workingDirectory,
      clock,
      log,
      redactor,
      keeper,
      ...on,
    });
  }

  /** A listener that throws must neither end the run nor keep the processes alive. */
  #guarded(onEvent: (event: RuntimeEvent) => void): (event: RuntimeEvent) => void {
    return (event) => {
      try {
        onEvent(event);
      } catch (error) {
        this.#options.log.error("an event could not be handled", {
          kind: event.kind,
          error: messageOf(error),
        });
      }
    };
  }
}

function cannotEnd(left: number): RunOutcome {
  return failure(
    "crashed",
    left === 1
      ? asWritten("A process of Codex could not be ended, so the work was not taken over")
      : asWritten("{0} processes of Codex could not be ended, so the work was not taken over", left),
  );
}
