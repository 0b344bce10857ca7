import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import type { Clock } from "../../base/clock";
import { keeperEnvironment } from "../environment";
import { TextTail } from "../textTail";
import type { Graces } from "./endFamily";
import { descriptors, lineOf, parseFromKeeper, WireReader, type FromKeeper, type ToKeeper } from "./wire";

/** How the process keeper is started. */
export interface KeeperProgram {
  /** The editor's own program or a Node; it is told to be a Node. */
  readonly execPath: string;
  /** Absolute path of the bundle, dist/processKeeper.js. */
  readonly bundlePath: string;
}

export type Launch = Extract<ToKeeper, { kind: "launch" }>;
type First = Extract<FromKeeper, { kind: "started" | "refused" }>;

/** How long a keeper that is gone may take to be heard to its last word, milliseconds. */
const lastWordsMs = 200;
const answerMs = 3000;

/** Throws what the system says when the keeper cannot be started. The caller must `end` or `kill` it. */
export async function startKeeper(program: KeeperProgram, launch: Launch, clock: Clock): Promise<KeeperLink> {
  const child = spawn(program.execPath, [program.bundlePath], {
    // Not where the tool works: a running process would hold that folder.
    cwd: tmpdir(),
    env: keeperEnvironment(launch.environment),
    detached: true,
    stdio: ["ignore", "ignore", "pipe", "pipe", "pipe", "pipe", "pipe"],
    windowsHide: true,
  });
  await once(child, "spawn");
  return new KeeperLink(child, launch, clock);
}

/** A running process keeper, seen from the host. Its control pipe ends with this process, whatever ends it. */
export class KeeperLink {
  readonly input: Socket;
  readonly output: Socket;
  readonly errors: Socket;
  /** The tool was started, or could not be. Undefined when the keeper ended before. */
  readonly first: Promise<First | undefined>;
  /** How the tool itself ended. Undefined when the keeper ended before. */
  readonly exited: Promise<string | undefined>;
  /** How the keeper ended, once nothing more is heard of it. */
  readonly dead: Promise<string>;
  readonly #child: ChildProcess;
  readonly #control: Socket;
  readonly #clock: Clock;
  readonly #noted: Promise<unknown>;
  readonly #gone: Promise<number | undefined>;
  readonly #stderr = new TextTail(1000);

  constructor(child: ChildProcess, launch: Launch, clock: Clock) {
    this.#child = child;
    this.#clock = clock;
    this.input = socketOf(child, descriptors.toolInput);
    this.output = socketOf(child, descriptors.toolOutput);
    this.errors = socketOf(child, descriptors.toolErrors);
    this.#control = socketOf(child, descriptors.control);
    // Seen to its end, so that a tool which closes its input is noticed.
    this.input.resume();
    child.stderr?.on("data", (chunk: Uint8Array) => this.#stderr.push(Buffer.from(chunk).toString("utf8")));
    const heard = new Heard();
    this.first = heard.first;
    this.exited = heard.exited;
    this.#noted = heard.noted;
    this.#gone = heard.gone;
    this.dead = this.#watchDeath(heard);
    this.#read(heard);
    this.#say(launch);
  }

  /** What the keeper complained of. For the log. */
  get complaint(): string {
    return this.#stderr.text;
  }

  /** Ends the tool's input, the tool with all it started, and the keeper. How many could not be ended; undefined when the keeper could not do it. */
  async end(graces: Graces): Promise<number | undefined> {
    this.#say({ kind: "end", graces });
    const limitMs = graces.afterEndOfInputMs + graces.afterTermMs + graces.sweepMs + answerMs;
    // Not before the keeper knows the family: a tool that ends with its input leaves orphans, which nobody can trace.
    const noted = await this.#within(answerMs, this.#noted);
    if (noted !== undefined) this.input.end();
    const left = noted === undefined ? undefined : await this.#within(limitMs, this.#gone);
    if (left === undefined || (await this.#within(answerMs, this.dead)) === undefined) this.kill();
    await this.dead;
    return left;
  }

  /** Ends the politeness of an `end`. */
  hurry(): void {
    this.#say({ kind: "hurry" });
  }

  /** Ends the keeper alone, at once: what it kept is the caller's now. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Gives back the pipes. */
  release(): void {
    for (const one of [this.input, this.output, this.errors, this.#control]) one.destroy();
    this.#child.stderr?.destroy();
  }

  #say(message: ToKeeper): void {
    if (this.#control.writable) this.#control.write(lineOf(message));
  }

  #read(heard: Heard): void {
    const reader = new WireReader(parseFromKeeper, (message) => heard.message(message));
    this.#control.on("data", (chunk: Uint8Array) => {
      try {
        reader.push(chunk);
      } catch {
        this.kill();
      }
    });
  }

  async #watchDeath(heard: Heard): Promise<string> {
    const how = await new Promise<string>((resolve) => {
      this.#child.once("exit", (code, signal) =>
        resolve(signal === null ? `exit code ${String(code)}` : `signal ${signal}`),
      );
    });
    if (!this.#control.closed) {
      const closed = new Promise<void>((resolve) => this.#control.once("close", resolve));
      await this.#within(lastWordsMs, closed);
    }
    heard.nothingMore();
    return how;
  }

  async #within<T>(limitMs: number, promise: Promise<T>): Promise<T | undefined> {
    const waiting = new AbortController();
    const limit = this.#clock.sleep(limitMs, waiting.signal).then(
      () => undefined,
      () => undefined,
    );
    try {
      return await Promise.race([promise, limit]);
    } finally {
      waiting.abort(new Error("in time"));
    }
  }

  /** Rejects as a start that failed where the keeper does not say in time what became of the tool. */
  async answer(limitMs: number): Promise<First | undefined> {
    const first = await this.#within(limitMs, this.first);
    if (first === undefined) {
      this.kill();
      await this.dead;
    }
    return first;
  }
}

/** The keeper's messages, each of which comes once at most. */
class Heard {
  readonly first: Promise<First | undefined>;
  readonly exited: Promise<string | undefined>;
  readonly noted: Promise<unknown>;
  readonly gone: Promise<number | undefined>;
  #first: (first: First | undefined) => void = () => undefined;
  #exited: (how: string | undefined) => void = () => undefined;
  #noted: (nothing: unknown) => void = () => undefined;
  #gone: (left: number | undefined) => void = () => undefined;

  constructor() {
    this.first = new Promise((resolve) => (this.#first = resolve));
    this.exited = new Promise((resolve) => (this.#exited = resolve));
    this.noted = new Promise((resolve) => (this.#noted = resolve));
    this.gone = new Promise((resolve) => (this.#gone = resolve));
  }

  message(message: FromKeeper): void {
    if (message.kind === "exited") this.#exited(message.how);
    else if (message.kind === "noted") this.#noted(message);
    else if (message.kind === "gone") this.#gone(message.left);
    else this.#first(message);
  }

  nothingMore(): void {
    this.#first(undefined);
    this.#exited(undefined);
    this.#noted(undefined);
    this.#gone(undefined);
  }
}

function socketOf(child: ChildProcess, descriptor: number): Socket {
  const stream = child.stdio[descriptor];
  if (!(stream instanceof Socket)) throw new Error("a pipe to the process keeper is missing");
  // Without a listener a write to a process that is just dying would end the whole extension host.
  return stream.on("error", () => undefined);
}
