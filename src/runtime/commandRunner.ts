import type { Clock } from "../base/clock";
import { LinkedAbort } from "../base/abort";
import type { Log } from "../base/log";
import type { TextRedactor } from "../base/redaction/redactor";
import type { KeeperProgram } from "./keeper/keeperLink";
import { OutputTail } from "./outputTail";
import { startProcess } from "./processTransport";

export interface CommandResult {
  readonly ok: boolean;
  /** How it ended, for example `exit code 1` or `no end within 5000 ms`. */
  readonly ended: string;
  /** The start of its output, bounded. */
  readonly stdout: string;
  readonly stderr: string;
  /** The end of what it wrote to stdout, then of what it wrote to stderr, each bounded and without secrets. */
  readonly outputTail: string;
  /** Processes of it that could not be ended: 0 but for a stuck kernel call. */
  readonly left: number;
}

const outputBytes = 64 * 1024;
const tailChars = 4096;

/** Runs a short program to its end and leaves no process of it. Throws ProcessStartError, or the signal's reason. */
export async function runCommand(request: {
  readonly command: readonly string[];
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly limitMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly redactor: TextRedactor;
  readonly keeper: KeeperProgram;
  readonly signal: AbortSignal;
}): Promise<CommandResult> {
  request.signal.throwIfAborted();
  const chunks: Uint8Array[] = [];
  const tail = new OutputTail(tailChars, request.redactor);
  let size = 0;
  const child = await startProcess({
    ...request,
    onOutput: (chunk) => {
      if (size < outputBytes) chunks.push(chunk.slice(0, outputBytes - size));
      size += chunk.length;
      tail.push(chunk);
    },
  });
  const limit = new LinkedAbort(request.signal);
  try {
    child.endInput();
    const tooLong = request.clock.sleep(request.limitMs, limit.signal).then(() => undefined);
    const ended = await Promise.race([child.exited, tooLong]);
    const left = await child.kill();
    tail.end();
    return {
      ok: ended === "exit code 0",
      ended: ended ?? `no end within ${request.limitMs} ms`,
      stdout: Buffer.concat(chunks).toString("utf8"),
      stderr: child.stderrTail,
      outputTail: `${tail.text}${child.stderrTail.slice(-tailChars)}`,
      left,
    };
  } finally {
    limit.abort(new Error("ended"));
    limit.dispose();
    await child.kill();
  }
}
