import { setMaxListeners } from "node:events";
import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { LinkedAbort } from "../../base/abort";
import type { Clock } from "../../base/clock";
import type { Disposable } from "../../base/disposable";
import { messageOf, type Log } from "../../base/log";
import type { Random } from "../../base/random";
import type { TextRedactor } from "../../base/redaction/redactor";
import { asWritten } from "../../base/words";
import { AttemptAborted } from "../../core/attemptEnd";
import { endsTelling } from "../../core/attemptEnding";
import type { RunOutcome, RunRequest, Runtime, RuntimeEvent, RuntimeProbe } from "../../core/ports/runtime";
import { Watchdog, withinLimits, type Bite } from "../watchdog";
import type { Confined, Confinement } from "../confine/confinement";
import { endMarked } from "../endMarked";
import { markerName, runtimeEnvironment, type Environment, type WorkerFacts } from "../environment";
import type { KeeperProgram } from "../keeper/keeperLink";
import { makeScratch, removeScratch } from "../scratch";
import { headOf } from "../textTail";
import { AgentLink } from "./agentLink";
import { Coalescer } from "./coalescer";
import { Conversation, handshake, usualLimits, type AcpLimits } from "./conversation";
import { failure, failureOf, type Failure } from "./failure";
import { grantedAccess } from "./access";
import { authMethod, type InitializeAnswer } from "./protocol";
import { AgentRequests } from "./requests";
import { OwnTools } from "./ownTools";
import { endTerminals } from "./terminalMarkers";
import { Terminals } from "./terminals";
import { tellUnshown } from "./unshown";
import { WorktreeFiles } from "./worktreeFiles";

/** What this adapter gets from outside. */
export interface AcpRuntimeOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** What the agent says passes it before anything of it is cut. */
  readonly redactor: TextRedactor;
  /** The host's own environment, from which the allow-list is taken. */
  readonly environment: Environment;
  /** This extension's version, told to the agent. */
  readonly clientVersion: string;
  readonly keeper: KeeperProgram;
  /** Absolute path below which each run gets a folder for its temporary files. Others use it too. */
  readonly scratchFolder: string;
  /** Absolute path of the bundle through which an agent reaches the worker's own tools; absent: it gets none. */
  readonly toolPipe?: string;
  /** Holds the agent with all it starts, as far as the system can; absent: nothing does. */
  readonly confinement?: Confinement;
  readonly limits?: AcpLimits;
}

type Probed = Parameters<Runtime["probe"]>[0];

/** Failures about which only the agent's own log knows more. */
const unexplained: ReadonlySet<string> = new Set(["crashed", "startTimeout", "protocol"]);

/** Any agent that speaks the Agent Client Protocol: one process, one session and one turn per run. */
export class AcpRuntime implements Runtime {
  readonly provider = "acp";
  readonly #options: AcpRuntimeOptions;
  readonly #limits: AcpLimits;

  constructor(options: AcpRuntimeOptions) {
    this.#options = options;
    this.#limits = options.limits ?? usualLimits;
  }

  /** Is the agent there, and does it speak our version? Whether it is signed in only a session would show. */
  async probe(options: Omit<Probed, "provider">): Promise<RuntimeProbe> {
    try {
      const told = await this.#introduce(options);
      if ("fault" in told) return unavailable(told.fault);
      const version = told.agent.agentInfo?.version?.slice(0, 100);
      return {
        kind: "ready",
        provider: "acp",
        version: version ?? "unknown",
        signInWays: signInWaysOf(told.agent),
      };
    } catch (error) {
      options.signal.throwIfAborted();
      return unavailable(failureOf(error));
    }
  }

  async run(
    request: RunRequest,
    onEvent: (event: RuntimeEvent) => void,
    signal: AbortSignal,
  ): Promise<RunOutcome> {
    signal.throwIfAborted();
    const folder = await stat(request.workingDirectory).catch(() => undefined);
    if (folder?.isDirectory() !== true) {
      return failure("turnFailed", asWritten("The folder {0} does not exist", request.workingDirectory));
    }
    // The agent and its commands get a private place for temporary files, since /tmp is shared with everybody.
    const scratch = await makeScratch(this.#options.scratchFolder);
    const events = new Coalescer(this.#options.clock, this.#guarded(onEvent));
    try {
      return await this.#converse(request, scratch, (event) => events.push(event), signal);
    } finally {
      events.end();
      await removeScratch(scratch);
    }
  }

  async endLeftovers(marker: string): Promise<number> {
    return (await endMarked(marker, this.#options)) + (await endTerminals(marker, this.#options));
  }

  async #introduce(options: Omit<Probed, "provider">): ReturnType<typeof handshake> {
    const link = await AgentLink.start({
      ...this.#options,
      command: options.command,
      workingDirectory: homedir(),
      environment: this.#environment(options, this.#options.random.uuid()),
      onHeard: () => undefined,
      onUpdate: () => undefined,
      onRequest: () => Promise.reject(new Error("nothing is served to a probe")),
    });
    const onAbort = (): void => void link.close();
    options.signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await handshake(
        link,
        this.#options.clientVersion,
        grantedAccess(options),
        this.#limits.initializeMs,
      );
    } finally {
      options.signal.removeEventListener("abort", onAbort);
      await link.close();
    }
  }

  async #converse(
    request: RunRequest,
    scratch: string,
    onEvent: (event: RuntimeEvent) => void,
    signal: AbortSignal,
  ): Promise<RunOutcome> {
    let held: Confined | undefined;
    try {
      held = await this.#options.confinement?.hold(request, scratch, signal);
    } catch (error) {
      signal.throwIfAborted();
      return failure(
        "sandboxUnavailable",
        asWritten("The sandbox around the agent could not be made ({0})", messageOf(error)),
      );
    }
    const { random } = this.#options;
    const watchdog = new Watchdog(this.#options.clock, request);
    const asking = new LinkedAbort(signal);
    // Each request that is open listens to it.
    setMaxListeners(0, asking.signal);
    const heard = (): void => watchdog.heard();
    const terminals = new Terminals({
      ...this.#options,
      ...(held === undefined ? {} : { confine: held.command }),
      environment: { ...this.#commandEnvironment(request), TMPDIR: scratch },
      marker: request.marker,
      onHeard: heard,
    });
    const files = new WorktreeFiles(request.workingDirectory);
    const hold = (): ReturnType<Watchdog["hold"]> => watchdog.hold();
    const tools = await this.#ownTools(request, scratch, hold, asking.signal);
    const conversation = new Conversation({
      ...this.#options,
      request,
      toolServers: tools === undefined ? [] : [tools.server],
      limits: this.#limits,
      onEvent,
      terminal: (id) => terminals.facts(id),
      unique: () => random.uuid(),
    });
    const requests = new AgentRequests({
      ...this.#options,
      request,
      onEvent,
      conversation,
      files,
      terminals,
      hold,
    });
    const worker = { name: request.workerName, artifactsDirectory: request.artifactsDirectory };
    try {
      const link = await AgentLink.start({
        ...this.#options,
        command: (await held?.agent(request.command)) ?? request.command,
        workingDirectory: request.workingDirectory,
        environment: { ...this.#environment(request, request.marker, worker), TMPDIR: scratch },
        onHeard: heard,
        onUpdate: (params) => conversation.updated(params),
        onRequest: (method, params, given) =>
          untilEither(asking.signal, given, (either) => requests.answer(method, params, either)),
      });
      onEvent({ kind: "processStarted", processId: link.process.pid });
      const { outcome, left } = await this.#untilGone(link, conversation, terminals, () =>
        this.#limited(link, conversation, watchdog, signal),
      );
      tellUnshown({ files, terminals, shown: conversation.shown, onEvent, redactor: this.#options.redactor });
      return left === 0 ? outcome : cannotEnd(left);
    } catch (error) {
      signal.throwIfAborted();
      return failureOf(error);
    } finally {
      asking.abort(new Error("the run is over"));
      asking.dispose();
      await terminals.close();
      await tools?.close();
    }
  }

  async #ownTools(
    { useTool }: RunRequest,
    folder: string,
    hold: () => Disposable,
    signal: AbortSignal,
  ): Promise<OwnTools | undefined> {
    const { toolPipe, random } = this.#options;
    if (toolPipe === undefined) return undefined;
    return await OwnTools.open(
      { ...this.#options, toolPipe, folder, useTool, hold, unique: () => random.uuid() },
      signal,
    );
  }

  /** Whatever `work` does, the process and all it started are gone afterwards; `left` counts what could not be ended. */
  async #untilGone(
    link: AgentLink,
    conversation: Conversation,
    terminals: Terminals,
    work: () => Promise<RunOutcome>,
  ): Promise<{ readonly outcome: RunOutcome; readonly left: number }> {
    let outcome: RunOutcome;
    try {
      outcome = await work();
    } catch (error) {
      // A cancelled session stops within 10 s, and a lost claim may run elsewhere already.
      const hurry = error instanceof AttemptAborted && endsTelling(error.why);
      await this.#end(link, conversation, terminals, hurry);
      throw error;
    }
    const left = await this.#end(link, conversation, terminals, false);
    if (outcome.kind === "failed" && unexplained.has(outcome.reason)) {
      const stderr = link.process.stderrTail.slice(-1000);
      this.#options.log.warn("the agent ended badly", { reason: outcome.reason, stderr });
    }
    return { outcome, left };
  }

  async #end(
    link: AgentLink,
    conversation: Conversation,
    terminals: Terminals,
    hurry: boolean,
  ): Promise<number> {
    try {
      await conversation.stop(link, hurry);
    } catch (error) {
      this.#options.log.warn("the agent could not be stopped in good order", { error: messageOf(error) });
    }
    const left = (await link.close()) + (await terminals.close());
    if (left > 0) this.#options.log.error("processes of the agent could not be ended", { left });
    return left;
  }

  /** The handshake and the turn, within the limits and as long as the signal allows. */
  async #limited(
    link: AgentLink,
    conversation: Conversation,
    watchdog: Watchdog,
    signal: AbortSignal,
  ): Promise<RunOutcome> {
    const bitten = (bite: Bite): RunOutcome => {
      const what =
        bite === "stalled"
          ? asWritten("The agent said nothing for too long")
          : asWritten("The turn took too long");
      return failure(bite, asWritten("{0} and was stopped", what));
    };
    return await withinLimits(this.#work(link, conversation), watchdog, bitten, signal);
  }

  async #work(link: AgentLink, conversation: Conversation): Promise<RunOutcome> {
    let opened = false;
    try {
      const told = await conversation.initialize(link);
      if ("fault" in told) return told.fault;
      const fault = await conversation.open(link, told.agent);
      if (fault !== undefined) return fault;
      opened = true;
      return await conversation.turn(link);
    } catch (error) {
      // Before a session is open the process knows no text of it, so its last words may be shown.
      return failureOf(error, opened ? undefined : link.process.stderrTail);
    }
  }

  #environment(
    request: Pick<RunRequest, "command" | "environmentNames">,
    marker: string,
    worker?: WorkerFacts,
  ): Record<string, string> {
    return runtimeEnvironment({
      parent: this.#options.environment,
      platform: process.platform,
      names: request.environmentNames,
      marker,
      worker,
      runsHostProgram: request.command[0] === process.execPath,
    });
  }

  /** For commands of the model: without what the owner passes on to the agent, which tends to be keys. */
  #commandEnvironment(request: RunRequest): Record<string, string> {
    const worker = { name: request.workerName, artifactsDirectory: request.artifactsDirectory };
    const { [markerName]: _, ...environment } = this.#environment(
      { command: [], environmentNames: [] },
      request.marker,
      worker,
    );
    return environment;
  }

  /** A listener that throws must neither end the run nor keep the processes alive. */
  #guarded(onEvent: (event: RuntimeEvent) => void): (event: RuntimeEvent) => void {
    return (event) => {
      try {
        onEvent(event);
      } catch (error) {
        const { log } = this.#options;
        log.error("an event could not be handled", { kind: event.kind, error: messageOf(error) });
      }
    };
  }
}

/** The run's end and the agent's own wish both give up what it asked for. */
async function untilEither<T>(
  run: AbortSignal,
  given: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const either = new LinkedAbort(run);
  const follow = (): void => either.abort(new Error("the agent waits no longer"));
  if (given.aborted) follow();
  else given.addEventListener("abort", follow, { once: true });
  try {
    return await task(either.signal);
  } finally {
    given.removeEventListener("abort", follow);
    either.dispose();
  }
}

/** As the agent calls them, on one line each. */
function signInWaysOf({ authMethods }: InitializeAnswer): readonly string[] {
  const named = (authMethods ?? []).map((one) => authMethod.safeParse(one).data?.name);
  const lines = named.map((name) => name?.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim() ?? "");
  return lines
    .filter((line) => line !== "")
    .map((line) => headOf(line, 80))
    .slice(0, 10);
}

function unavailable({ reason, message }: Failure): RuntimeProbe {
  return { kind: "unavailable", reason, message };
}

function cannotEnd(left: number): RunOutcome {
  return failure(
    "crashed",
    left === 1
      ? asWritten("A process of the agent could not be ended, so the work was not taken over")
      : asWritten("{0} processes of the agent could not be ended, so the work was not taken over", left),
  );
}
