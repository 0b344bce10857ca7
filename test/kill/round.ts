import { spawn, type ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { systemClock } from "../../src/base/clock";
import { silentLog } from "../../src/base/log";
import { endMarked } from "../../src/runtime/endMarked";
import { census, type Resident } from "./census";
import { hostLineSchema, type Plan } from "./plan";

/** Who is killed with SIGKILL; `hostAndKeeper` is followed by what the next start does: it ends the marker's leftovers. */
export type Victim = "host" | "keeper" | "tool" | "hostAndKeeper";

export interface Round {
  readonly plan: Plan;
  readonly victim: Victim;
  /** From the start of the host, or from the moment that the tool and its helpers run. */
  readonly after: { readonly what: "start" | "ready"; readonly ms: number };
}

export interface RoundResult {
  readonly victim: Victim;
  /** Processes with the marker at the moment of the kill. */
  readonly alive: number;
  /** From the start of the host until the tool and its helpers ran, where that was waited for, milliseconds. */
  readonly readyMs: number | undefined;
  /** From the kill until nobody with the marker was left, milliseconds. */
  readonly goneMs: number;
  /** Who was left a second after the kill. */
  readonly survivors: readonly string[];
  /** How a host that was not killed ended its run. */
  readonly ended: string | undefined;
}

const limitMs = 1000;
const hostMs = 20_000;

/** Starts a host with its tool, kills at the given instant, and looks until nobody is left. Leaves nothing behind. */
export async function playRound(
  round: Round,
  on: { readonly hostBundle: string; readonly folder: string },
): Promise<RoundResult> {
  const { marker } = round.plan;
  const host = spawn(process.execPath, [on.hostBundle, JSON.stringify(round.plan)], {
    // What a killed host leaves of temporary files goes with the folder.
    env: { ...process.env, TMPDIR: on.folder },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const startedAt = performance.now();
  const heard = listen(host);
  try {
    if (round.after.what === "ready") await Promise.race([heard.ready, heard.closed]);
    const readyMs = round.after.what === "ready" ? performance.now() - startedAt : undefined;
    await delay(round.after.ms);
    if (host.exitCode !== null) {
      throw new Error(`the host ended by itself: ${heard.ended() ?? "without a word"}`);
    }
    const residents = census(marker);
    const victim = kill(round.victim, host, residents);
    const gone = await watch(marker, victim);
    // Who was not killed has to come to an end too, and says how it went.
    if (victim === "keeper" || victim === "tool") await within(hostMs, heard.closed);
    return { victim, alive: residents.length, readyMs, ...gone, ended: heard.ended() };
  } finally {
    host.kill("SIGKILL");
    for (const { pid } of census(marker)) killQuietly(pid);
  }
}

/** Waits for no longer than `ms`. */
async function within(ms: number, event: Promise<void>): Promise<void> {
  const over = new AbortController();
  const late = delay(ms, undefined, { signal: over.signal }).catch(() => undefined);
  await Promise.race([event, late]);
  over.abort();
}

function kill(wanted: Victim, host: ChildProcess, residents: readonly Resident[]): Victim {
  const keeper = residents.find((one) => one.command.includes("processKeeper.js"));
  const tool = residents.find((one) => one.parent === keeper?.pid);
  if (wanted === "tool" && tool !== undefined) killQuietly(tool.pid);
  else if (wanted === "keeper" && keeper !== undefined) killQuietly(keeper.pid);
  else {
    host.kill("SIGKILL");
    if (wanted !== "hostAndKeeper" || keeper === undefined) return "host";
    killQuietly(keeper.pid);
  }
  return wanted;
}

async function watch(marker: string, victim: Victim): Promise<Pick<RoundResult, "goneMs" | "survivors">> {
  const startedAt = performance.now();
  const swept =
    victim === "hostAndKeeper" ? endMarked(marker, { clock: systemClock, log: silentLog }) : undefined;
  let survivors: readonly string[] | undefined;
  let goneMs = 0;
  // Two looks in a row, since one may miss what is started during it.
  for (let quiet = 0; quiet < 2;) {
    const now = performance.now() - startedAt;
    const left = census(marker);
    if (left.length === 0) goneMs = quiet === 0 ? now : goneMs;
    quiet = left.length === 0 ? quiet + 1 : 0;
    if (now >= limitMs) survivors ??= left.map((one) => one.command);
    if (now >= 5 * limitMs) return { goneMs: now, survivors: survivors ?? [] };
    await delay(8);
  }
  await swept;
  return { goneMs, survivors: survivors ?? [] };
}

/** What a host says, and when it has ended. */
function listen(host: ChildProcess) {
  let text = "";
  let ended: string | undefined;
  const closed = new Promise<void>((resolve) => host.once("close", () => resolve()));
  const ready = new Promise<void>((resolve) => {
    host.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      const lines = (text + chunk).split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        const said = hostLineSchema.parse(JSON.parse(line));
        if (said.kind === "ready") resolve();
        else ended = said.how;
      }
    });
  });
  return { closed, ready, ended: () => ended };
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // gone meanwhile
  }
}
