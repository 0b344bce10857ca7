import { mkdtemp, realpath, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../../src/base/clock";
import { systemClock } from "../../../src/base/clock";
import type { Log } from "../../../src/base/log";
import type { StateContext } from "../../../src/machine/jsonFile";

/** A temporary home, with a clock whose wall time a test sets and a log that is kept. */
export interface Machine {
  readonly home: string;
  readonly warnings: string[];
  readonly infos: string[];
  readonly context: StateContext;
  now: number;
  remove(): Promise<void>;
}

export async function temporaryMachine(): Promise<Machine> {
  const home = await realpath(await mkdtemp(join(tmpdir(), "ohw é ")));
  const warnings: string[] = [];
  const infos: string[] = [];
  const ignore = (): void => undefined;
  const log: Log = {
    debug: ignore,
    info: (message) => void infos.push(message),
    error: ignore,
    warn: (message) => void warnings.push(message),
  };
  const clock: Clock = { ...systemClock, now: () => machine.now };
  const machine: Machine = {
    home,
    warnings,
    infos,
    context: { clock, log },
    now: Date.parse("2026-03-10T12:00:00Z"),
    remove: async () => await rm(home, { recursive: true, force: true }),
  };
  return machine;
}

/** The machine's own clock, `factor` times as fast, so that a deadline of seconds is waited for in a test. */
export function hurriedClock(factor: number): Clock {
  return {
    now: () => systemClock.now(),
    monotonic: () => systemClock.monotonic() * factor,
    sleep: async (ms, signal) => await systemClock.sleep(ms / factor, signal),
  };
}

/** The permission bits of a file, in octal. */
export async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}
