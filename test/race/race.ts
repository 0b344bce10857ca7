import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** A round that nobody wins for this long is a failure. */
const roundMs = 30_000;

export interface RaceOptions {
  readonly rounds: number;
  /** Processes that contend at any moment; one of them holds the lock. */
  readonly contenders: number;
  /** `darwin` for the loopback bind that macOS uses. */
  readonly primitive: string;
  readonly onRound?: (round: number) => void;
  /** Ends the race after the round that is under way. */
  readonly signal?: AbortSignal;
}

export interface RaceResult {
  readonly rounds: number;
  /** Two processes that held the lock at one time. */
  readonly doubles: number;
  /** Owners whose fencing number was not above that of the one before. */
  readonly fencesBack: number;
  /** From the kill of one owner to the next one's word, milliseconds, in rising order. */
  readonly takeOversMs: readonly number[];
  readonly seconds: number;
}

interface Contender {
  readonly process: ChildProcess;
  /** It has tried since it started, so that it stands at the line. */
  ready: boolean;
}

/** Kills the owner again and again while others wait, and watches who says to own. */
class Race {
  readonly #options: RaceOptions;
  readonly #program: string;
  readonly #state: string;
  readonly #all = new Set<Contender>();
  readonly #takeOversMs: number[] = [];
  #owner: Contender | undefined;
  #killedAt: number | undefined;
  #fence = 0;
  #doubles = 0;
  #fencesBack = 0;
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(options: RaceOptions, program: string, state: string) {
    this.#options = options;
    this.#program = program;
    this.#state = state;
  }

  async run(): Promise<RaceResult> {
    const began = performance.now();
    // More than contend: those that start meanwhile do not hold up the round.
    for (let n = 0; n < this.#options.contenders + 2; n += 1) this.#start();
    try {
      for (let round = 1; round <= this.#options.rounds; round += 1) {
        await this.#until(() => this.#owner !== undefined && this.#waiting >= this.#options.contenders - 1);
        if (this.#options.signal?.aborted === true) break;
        this.#killOwner();
        this.#options.onRound?.(round);
      }
      await this.#until(() => this.#owner !== undefined);
    } finally {
      await this.#killAll();
    }
    return {
      rounds: this.#takeOversMs.length,
      doubles: this.#doubles,
      fencesBack: this.#fencesBack,
      takeOversMs: this.#takeOversMs.toSorted((one, other) => one - other),
      seconds: (performance.now() - began) / 1000,
    };
  }

  get #waiting(): number {
    return [...this.#all].filter((one) => one !== this.#owner && one.ready).length;
  }

  #start(): void {
    const child = spawn(process.execPath, [this.#program, this.#state, this.#options.primitive], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const contender: Contender = { process: child, ready: false };
    this.#all.add(contender);
    createInterface({ input: child.stdout }).on("line", (line) => this.#heard(contender, line));
    child.once("exit", (code) => {
      if (!this.#all.delete(contender)) return;
      this.#failure = new Error(`a contender ended by itself with ${String(code)}`);
      this.#wake();
    });
  }

  #heard(contender: Contender, line: string): void {
    // What a killed one said before it died came before its kill.
    if (!this.#all.has(contender)) return;
    const [word, value] = line.split(" ");
    if (word === "failed") this.#failure = new Error(line);
    contender.ready = true;
    if (word === "held") this.#owns(contender, Number(value));
    this.#wake();
  }

  #owns(contender: Contender, fence: number): void {
    if (this.#owner !== undefined) this.#doubles += 1;
    if (!(fence > this.#fence)) this.#fencesBack += 1;
    this.#fence = Math.max(fence, this.#fence);
    this.#owner = contender;
    if (this.#killedAt !== undefined) this.#takeOversMs.push(performance.now() - this.#killedAt);
    this.#killedAt = undefined;
  }

  #killOwner(): void {
    const owner = this.#owner;
    if (owner === undefined) throw new Error("there is no owner to kill");
    this.#all.delete(owner);
    this.#owner = undefined;
    this.#killedAt = performance.now();
    owner.process.kill("SIGKILL");
    this.#start();
  }

  async #until(condition: () => boolean): Promise<void> {
    const end = performance.now() + roundMs;
    while (!condition()) {
      if (this.#failure !== undefined) throw this.#failure;
      const leftMs = end - performance.now();
      if (leftMs <= 0) throw new Error("nobody took over in time");
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, leftMs);
      });
      clearTimeout(timer);
    }
  }

  async #killAll(): Promise<void> {
    const left = [...this.#all];
    this.#all.clear();
    await Promise.all(
      left.map(async ({ process: child }) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const gone = once(child, "exit");
        child.kill("SIGKILL");
        await gone;
      }),
    );
  }
}

/** Builds the contender, runs the race in a folder of its own and tidies up. */
export async function runRace(options: RaceOptions): Promise<RaceResult> {
  const folder = await mkdtemp(join(tmpdir(), "oh-race-"));
  try {
    const program = join(folder, "contender.cjs");
    await build({
      entryPoints: [fileURLToPath(new URL("contender.ts", import.meta.url))],
      outfile: program,
      bundle: true,
      minify: true,
      platform: "node",
      target: "node20",
      format: "cjs",
      mainFields: ["module", "main"],
      logLevel: "warning",
    });
    return await new Race(options, program, join(folder, "state")).run();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One line of figures. */
export function raceLine(result: RaceResult, contenders: number): string {
  const at = (part: number): string => {
    const { takeOversMs } = result;
    const value = takeOversMs[Math.min(takeOversMs.length - 1, Math.floor(takeOversMs.length * part))] ?? 0;
    return `${value.toFixed(1)} ms`;
  };
  const over = result.takeOversMs.filter((one) => one > 2000).length;
  return [
    `race: ${result.rounds} take-overs by ${contenders} contenders, ${result.doubles} double owners`,
    `${result.fencesBack} fencing numbers that did not rise`,
    `${(result.rounds / result.seconds).toFixed(1)} rounds/s`,
    `take-over median ${at(0.5)}, 99 % ${at(0.99)}, max ${at(1)}, ${over} over 2 s`,
  ].join("; ");
}
