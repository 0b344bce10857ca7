import type { Clock } from "../base/clock";
import { neverAborted } from "../base/abort";
import { messageOf, type Log } from "../base/log";
import type { TextRedactor } from "../base/redaction/redactor";
import { asWritten } from "../base/words";
import { markerName } from "./environment";
import { endFamily, sweep, type Graces } from "./keeper/endFamily";
import { Family } from "./keeper/family";
import { startKeeper, type KeeperLink, type KeeperProgram } from "./keeper/keeperLink";
import type { ProcessEntry } from "./keeper/processTable";
import { OutputTail } from "./outputTail";
import { programPath } from "./programPath";

/** The process could not be started. */
export class ProcessStartError extends Error {
  override readonly name = "ProcessStartError";
  /**
   * `notFound`: no such program; `refused`: it is there but cannot be run, or the folder is missing; `keeper`: the process
   * that would have to end it with all it starts cannot be run, so it was not started.
   */
  readonly reason: "notFound" | "refused" | "keeper";
  constructor(reason: ProcessStartError["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** A tool as a process: what is started, where, and what it is started with. */
export interface ToolProcess {
  /** argv; never goes through a shell. */
  readonly command: readonly string[];
  readonly workingDirectory: string;
  /** The whole environment; must hold the marker variable. */
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly log: Log;
  readonly redactor: TextRedactor;
  readonly graces?: Graces;
  /** Stands between this process and the tool; there is no run without it. */
  readonly keeper: KeeperProgram;
}

export interface ProcessRequest extends ToolProcess {
  readonly onOutput: (chunk: Uint8Array) => void;
  /** What it writes to stderr, beside the tail that is kept of it. */
  readonly onErrorOutput?: (chunk: Uint8Array) => void;
  /** Told once when the process itself has ended; helpers of it may still live until `close`. */
  readonly onExit?: (description: string) => void;
}

const defaultGraces: Graces = { afterEndOfInputMs: 1000, afterTermMs: 1000, sweepMs: 5000 };
/** When the keeper is gone, nothing is worth more than the end of what it kept. */
const orphanGraces: Graces = { afterEndOfInputMs: 0, afterTermMs: 100, sweepMs: 5000 };
const keeperStartMs = 15_000;
const stderrChars = 8192;

/** Starts a program in a process group of its own, under a process keeper. Throws ProcessStartError. */
export async function startProcess(request: ProcessRequest): Promise<RunningProcess> {
  const [program, ...args] = request.command;
  if (program === undefined) throw new ProcessStartError("notFound", asWritten("The command is empty."));
  const path = await programPath(program, request.environment);
  if (path === undefined) {
    throw new ProcessStartError(
      "notFound",
      asWritten("{0} was not found: it must be the name of a program on PATH or an absolute path.", program),
    );
  }
  const marker = `${markerName}=${request.environment[markerName] ?? ""}`;
  const { workingDirectory, environment, clock } = request;
  let link: KeeperLink;
  try {
    const command = [path, ...args];
    const launch = { kind: "launch", command, workingDirectory, environment, marker } as const;
    link = await startKeeper(request.keeper, launch, clock);
  } catch (error) {
    throw keeperError(request, messageOf(error));
  }
  const answer = await link.answer(keeperStartMs);
  if (answer?.kind === "started") return new RunningProcess(link, answer, new Family(marker), request);
  link.release();
  if (answer !== undefined) throw startError(program, request, answer.code);
  // It may have started the tool and died before it could say so.
  await sweep(new Family(marker), defaultGraces.sweepMs, clock);
  throw keeperError(request, `${await link.dead} ${link.complaint}`);
}

function keeperError(request: ProcessRequest, detail: string): ProcessStartError {
  request.log.error("the process keeper could not be started", { detail });
  return new ProcessStartError(
    "keeper",
    asWritten("The worker's process keeper, without which nothing is run, could not be started."),
  );
}

function startError(program: string, request: ProcessRequest, code: string): ProcessStartError {
  if (code === "ENOENT") {
    return new ProcessStartError(
      "notFound",
      asWritten(
        "{0} could not be started: the program, or the folder {1}, does not exist.",
        program,
        request.workingDirectory,
      ),
    );
  }
  return new ProcessStartError("refused", asWritten("{0} could not be started ({1}).", program, code));
}

/** A started program and everything it starts. Owned by the caller, who must `close` it. */
export class RunningProcess {
  readonly pid: number;
  /** Resolves with a description once the process itself has ended. */
  readonly exited: Promise<string>;
  readonly #link: KeeperLink;
  readonly #root: Pick<ProcessEntry, "pid" | "startedAt">;
  readonly #family: Family;
  readonly #request: ProcessRequest;
  readonly #stderr: OutputTail;
  #hasExited = false;
  #closing: Promise<number> | undefined;
  #endingWithoutKeeper: Promise<number> | undefined;

  constructor(
    link: KeeperLink,
    root: Pick<ProcessEntry, "pid" | "startedAt">,
    family: Family,
    request: ProcessRequest,
  ) {
    this.pid = root.pid;
    this.#link = link;
    this.#root = root;
    this.#family = family;
    this.#request = request;
    family.addFirst(root);
    link.output.on("data", (chunk: Uint8Array) => request.onOutput(chunk));
    this.#stderr = new OutputTail(stderrChars, request.redactor);
    link.errors.on("data", (chunk: Uint8Array) => {
      this.#stderr.push(chunk);
      request.onErrorOutput?.(chunk);
    });
    this.exited = this.#watchExit();
  }

  /**
   * The end of what the process wrote to stderr, without secrets. May hold private text: for diagnosis, never for the
   * platform.
   */
  get stderrTail(): string {
    if (this.#hasExited) this.#stderr.end();
    return this.#stderr.text;
  }

  hasExited(): boolean {
    return this.#hasExited;
  }

  /** Bytes of our lines that the process has not read yet. */
  get unsentBytes(): number {
    return this.#link.input.writableLength;
  }

  writeLine(line: string): void {
    if (this.#link.input.writable) this.#link.input.write(`${line}\n`);
  }

  /** No more input: for programs that read to the end. */
  endInput(): void {
    this.#link.input.end();
  }

  /**
   * End of input, then TERM, then KILL, then a sweep for helpers that left the group. Resolves when the process has
   * ended, with the number of helpers that could not be ended (0 but for a stuck kernel call).
   */
  close(): Promise<number> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** As `close`, without the polite part. */
  kill(): Promise<number> {
    this.#link.hurry();
    return this.close();
  }

  async #close(): Promise<number> {
    const left =
      (await this.#link.end(this.#request.graces ?? defaultGraces)) ?? (await this.#endWithoutKeeper());
    await this.exited;
    this.#link.release();
    return left;
  }

  #endWithoutKeeper(): Promise<number> {
    this.#endingWithoutKeeper ??= endFamily({
      root: this.#root,
      family: this.#family,
      graces: orphanGraces,
      clock: this.#request.clock,
      onNoted: () => this.#link.input.end(),
      hurry: neverAborted,
    });
    return this.#endingWithoutKeeper;
  }

  async #watchExit(): Promise<string> {
    const description = (await this.#link.exited) ?? (await this.#afterKeeper());
    this.#hasExited = true;
    // The last output may still be in the pipe; a helper that holds the pipe open must not delay the news for ever.
    await this.#drained();
    this.#request.onExit?.(description);
    return description;
  }

  /** The keeper is gone before its time: nobody would end the tool if this process died too, so it ends now. */
  async #afterKeeper(): Promise<string> {
    const how = await this.#link.dead;
    this.#request.log.error("the process keeper is gone", { how, complaint: this.#link.complaint });
    await this.#endWithoutKeeper();
    return asWritten("its process keeper gone ({0}), for which it was ended", how);
  }

  async #drained(): Promise<void> {
    const { output, errors } = this.#link;
    const open = [output, errors].filter((one) => !one.closed);
    if (open.length === 0) return;
    const waiting = new AbortController();
    const ended = Promise.all(open.map((one) => new Promise<void>((resolve) => one.once("close", resolve))));
    await Promise.race([ended, this.#request.clock.sleep(200, waiting.signal).catch(() => undefined)]);
    waiting.abort(new Error("drained"));
  }
}
