import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A real process that holds things for a test. */
export interface Holder {
  readonly process: ChildProcess;
  /** Sends an order and resolves with its answer. */
  ask(order: string, name: string): Promise<string>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
}

/**
 * Starts a holder process over a state folder.
 * @param place where it believes to run. @param wrapper argv in front of its own, for example `unshare`.
 */
export function startHolder(
  state: string,
  foreign = "",
  platform: string = process.platform,
  place = "",
  wrapper: readonly string[] = [],
): Holder {
  return startProgram(new URL("holder.ts", import.meta.url), [state, foreign, platform, place], wrapper);
}

/** Starts a program of the tests that answers each line of its input, `order TAB name`, with one line. */
export function startProgram(
  program: URL,
  programArguments: readonly string[],
  wrapper: readonly string[] = [],
): Holder {
  const own = ["--import", "tsx", fileURLToPath(program), ...programArguments];
  const [command, ...parameters] = [...wrapper, process.execPath, ...own];
  const child = spawn(command ?? process.execPath, parameters, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    process: child,
    ask: async (order, name) => {
      child.stdin.write(`${order}\t${name}\n`);
      const line = await lines.next();
      if (line.done === true) throw new Error("the holder ended");
      return line.value;
    },
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}
