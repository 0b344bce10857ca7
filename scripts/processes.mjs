// Child processes of the scripts: each in a process group of its own, all of them ended when the script ends, whatever ends it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

/** Set in the environment of everything a run starts; a process that still carries it after the run has leaked. */
export const RUN_MARKER = "ONE_HORIZON_RUN";

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
/** @type {(() => void | Promise<void>)[]} */
const cleanups = [];
let armed = false;
/** @type {number | undefined} */
let interrupted;
/** @type {Promise<void> | undefined} */
let cleaning;

function signalGroup(child, signal) {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
    return true;
  } catch {
    return false; // the group is gone
  }
}

function arm() {
  if (armed) return;
  armed = true;
  process.on("exit", () => {
    for (const child of running) signalGroup(child, "SIGKILL");
  });
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ]) {
    process.on(signal, () => {
      interrupted ??= code;
      void exitWith(code);
    });
  }
}

/**
 * Registers work that must happen before the script ends, also on Ctrl-C. Last registered runs first.
 * @returns {() => void} takes the registration back
 */
export function onExit(cleanup) {
  arm();
  cleanups.push(cleanup);
  return () => {
    const index = cleanups.indexOf(cleanup);
    if (index >= 0) cleanups.splice(index, 1);
  };
}

/** Runs every registered cleanup once, however often it is called; an error in one does not stop the others. */
export function runCleanups() {
  cleaning ??= cleanAll();
  return cleaning;
}

async function cleanAll() {
  for (let cleanup = cleanups.pop(); cleanup !== undefined; cleanup = cleanups.pop()) {
    try {
      await cleanup();
    } catch (error) {
      console.error(`clean-up: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** Cleans up and ends the script, with the signal's code where a signal came first. */
export async function exitWith(code) {
  await runCleanups();
  process.exit(interrupted ?? code);
}

/** Starts a program as the leader of its own process group; the group is killed when the script ends. */
export function startGroup(command, args, options = {}) {
  arm();
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options, detached: true });
  running.add(child);
  child.once("error", () => running.delete(child));
  return child;
}

/** Ends a whole group: SIGTERM, then SIGKILL after `graceMs`. Resolves when no member is left. */
export async function stopGroup(child, graceMs = 3000) {
  if (child === undefined) return;
  signalGroup(child, "SIGTERM");
  const killAt = Date.now() + graceMs;
  let killed = false;
  while (signalGroup(child, 0)) {
    if (!killed && Date.now() > killAt) {
      signalGroup(child, "SIGKILL");
      killed = true;
    }
    if (killed && Date.now() > killAt + 5000) break; // an unreaped zombie of a foreign init
    await delay(25);
  }
  running.delete(child);
}

/**
 * Runs a program to its end with its output on ours. Rejects with the name of the step when it fails.
 * @param {string} title
 * @param {string} command
 * @param {string[]} args
 * @param {import("node:child_process").SpawnOptions & {allowFailure?: boolean, limitMs?: number}} [options] `allowFailure`: resolve
 *   with the exit code instead; `limitMs`: a step that takes longer is ended and rejects
 */
export async function runStep(title, command, args, options = {}) {
  const { allowFailure, limitMs, ...rest } = options;
  const child = startGroup(command, args, { stdio: ["ignore", "inherit", "inherit"], ...rest });
  // A step has things of its own to clean up: it is asked, and given time.
  const stop = () => stopGroup(child, 20_000);
  const forget = onExit(stop);
  let late = false;
  const timer =
    limitMs === undefined
      ? undefined
      : setTimeout(() => {
          late = true;
          void stop();
        }, limitMs);
  const [code, signal] = await once(child, "exit");
  clearTimeout(timer);
  forget();
  await stopGroup(child);
  if (late) throw new Error(`${title} did not end within ${Math.round(limitMs / 1000)} s`);
  if (code !== 0 && !allowFailure) {
    throw new Error(`${title} failed (${signal ?? `exit code ${code}`}): ${[command, ...args].join(" ")}`);
  }
  return code ?? 1;
}

/** Runs a program to its end and returns its standard output; rejects with its standard error. */
export async function capture(command, args, options = {}) {
  const child = startGroup(command, args, options);
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (err += text));
  const [code, signal] = await once(child, "close");
  running.delete(child);
  if (code !== 0)
    throw new Error(`${command} ${args.join(" ")}: ${signal ?? `exit code ${code}`}\n${err || out}`);
  return out;
}

/** Resolves with the first true-ish answer of `probe`; rejects naming `what` after `timeoutMs`. */
export async function waitUntil(what, probe, timeoutMs = 90_000, everyMs = 50) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await probe();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`gave up after ${Math.round(timeoutMs / 1000)} s: ${what}`);
    await delay(everyMs);
  }
}
