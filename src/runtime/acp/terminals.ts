import type { Clock } from "../../base/clock";
import type { Log } from "../../base/log";
import type { TextRedactor } from "../../base/redaction/redactor";
import { markerName, isReserved } from "../environment";
import type { KeeperProgram } from "../keeper/keeperLink";
import { ProcessStartError, startProcess, type RunningProcess } from "../processTransport";
import { ByteTail } from "./byteTail";
import type { TerminalFacts } from "./state";
import { terminalMarker, terminalSlots } from "./terminalMarkers";
import { AccessRefused } from "./worktreeFiles";

const terminalsKept = 100;
const usualOutputBytes = 1024 * 1024;
const longestOutputBytes = 4 * 1024 * 1024;

export interface TerminalRequest {
  /** argv; never goes through a shell. */
  readonly command: readonly string[];
  /** Real path inside the worktree. */
  readonly workingDirectory: string;
  readonly variables: readonly { readonly name: string; readonly value: string }[];
  readonly outputBytes: number | undefined;
}

export interface TerminalsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly redactor: TextRedactor;
  readonly keeper: KeeperProgram;
  /** The whole environment, without the marker. */
  readonly environment: Readonly<Record<string, string>>;
  /** The run's. */
  readonly marker: string;
  /** The argv that runs a command in the sandbox that holds the agent; absent: as it is. */
  readonly confine?: (command: readonly string[], workingDirectory: string) => Promise<readonly string[]>;
  /** A command printed something. */
  readonly onHeard: () => void;
}

/** How a command ended, in the protocol's words. */
interface ExitStatus {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

interface Terminal {
  readonly command: string;
  readonly slot: number;
  readonly output: ByteTail;
  readonly process: RunningProcess;
  /** Resolves when it has ended and nothing of it is left. */
  readonly ended: Promise<ExitStatus>;
  exit: ExitStatus | undefined;
  durationMs: number | undefined;
  released: boolean;
}

/** The commands that an agent runs through us, each under a keeper of its own. Owned by the caller, who must `close` it. */
export class Terminals {
  readonly #deps: TerminalsDeps;
  readonly #all = new Map<string, Terminal>();
  readonly #busy = new Set<number>();
  #count = 0;
  #left = 0;
  #closed = false;

  constructor(deps: TerminalsDeps) {
    this.#deps = deps;
  }

  /** Starts a command; its id. @throws AccessRefused. */
  async create(request: TerminalRequest): Promise<string> {
    const slot = Array.from({ length: terminalSlots }, (_, at) => at).find((at) => !this.#busy.has(at));
    if (slot === undefined || this.#closed) {
      throw new AccessRefused(`At most ${terminalSlots} commands run at once; wait for one, or end it.`);
    }
    this.#busy.add(slot);
    const asked = request.outputBytes ?? usualOutputBytes;
    const output = new ByteTail(Math.min(asked, longestOutputBytes));
    try {
      const process = await this.#start(request, slot, output);
      return this.#keep(request, slot, output, process);
    } catch (error) {
      this.#busy.delete(slot);
      if (!(error instanceof ProcessStartError)) throw error;
      const hint = request.command.length === 1 && /\s/.test(request.command[0] ?? "");
      const more = hint ? " A command is a program and its arguments here; there is no shell around it." : "";
      throw new AccessRefused(`${error.message}${more}`);
    }
  }

  /** @throws AccessRefused. */
  output(id: string): { output: string; truncated: boolean; exitStatus: ExitStatus | null } {
    const { output, exit } = this.#get(id);
    return { output: output.text, truncated: output.truncated, exitStatus: exit ?? null };
  }

  /** @throws AccessRefused. */
  async waitForExit(id: string): Promise<ExitStatus> {
    return await this.#get(id).ended;
  }

  /** Ends the command; the terminal stays. @throws AccessRefused. */
  async kill(id: string): Promise<void> {
    const terminal = this.#get(id);
    await terminal.process.kill();
    await terminal.ended;
  }

  /** Ends the command and forgets the terminal. @throws AccessRefused. */
  async release(id: string): Promise<void> {
    await this.kill(id);
    this.#get(id).released = true;
  }

  /** What is known of a command, also after its release. */
  facts(id: string): TerminalFacts | undefined {
    const terminal = this.#all.get(id);
    if (terminal === undefined) return undefined;
    const { command, output, exit, durationMs } = terminal;
    return { command, output: output.text, exitCode: exit?.exitCode ?? undefined, durationMs };
  }

  get ids(): readonly string[] {
    return [...this.#all.keys()];
  }

  /** Ends all commands; the number of processes that could not be ended. */
  async close(): Promise<number> {
    this.#closed = true;
    await Promise.all([...this.#all.values()].map(({ process, ended }) => process.kill().then(() => ended)));
    return this.#left;
  }

  async #start(request: TerminalRequest, slot: number, output: ByteTail): Promise<RunningProcess> {
    const { environment, marker, onHeard } = this.#deps;
    const given = request.variables.filter(({ name }) => isGivenName(name));
    const variables = Object.fromEntries(given.map(({ name, value }) => [name, value]));
    const heard = (chunk: Uint8Array): void => {
      output.push(chunk);
      onHeard();
    };
    const { command, workingDirectory } = request;
    return await startProcess({
      ...this.#deps,
      command: (await this.#deps.confine?.(command, workingDirectory)) ?? command,
      workingDirectory: request.workingDirectory,
      environment: { ...environment, ...variables, [markerName]: terminalMarker(marker, slot) },
      onOutput: heard,
      onErrorOutput: heard,
    });
  }

  #keep(request: TerminalRequest, slot: number, output: ByteTail, process: RunningProcess): string {
    process.endInput();
    const startedAt = this.#deps.clock.monotonic();
    const ended = process.exited.then(async (how) => {
      terminal.exit = statusOf(how);
      terminal.durationMs = Math.round(this.#deps.clock.monotonic() - startedAt);
      this.#left += await process.kill();
      this.#busy.delete(slot);
      return terminal.exit;
    });
    const command = request.command.join(" ");
    const terminal: Terminal = {
      ...{ command, slot, output, process, ended },
      ...{ exit: undefined, durationMs: undefined, released: false },
    };
    const id = `terminal-${(this.#count += 1)}`;
    this.#all.set(id, terminal);
    this.#forget();
    return id;
  }

  /** The oldest one that is over makes room. */
  #forget(): void {
    if (this.#all.size <= terminalsKept) return;
    const over = [...this.#all].find(([, { exit }]) => exit !== undefined);
    if (over !== undefined) this.#all.delete(over[0]);
  }

  #get(id: string): Terminal {
    const terminal = this.#all.get(id);
    if (terminal === undefined || terminal.released) {
      throw new AccessRefused(`There is no terminal ${id.slice(0, 100)}.`);
    }
    return terminal;
  }
}

function isGivenName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !isReserved(name);
}

function statusOf(how: string): ExitStatus {
  const code = /^exit code (\d+)$/.exec(how)?.[1];
  const signal = /^signal (\w+)$/.exec(how)?.[1];
  return { exitCode: code === undefined ? null : Number(code), signal: signal ?? null };
}
