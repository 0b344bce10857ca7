import { setTimeout as sleep } from "node:timers/promises";
import { connectedTo, hostsOf, processesOf, toolsOf } from "./processTable";

/** Something that must never be, seen in the process table at one moment. */
export interface Sighting {
  readonly at: number;
  readonly what: "two tools on one session" | "two hosts talk to the platform";
  readonly detail: string;
}

/** How often it looked, and how often there was something to see: a watcher that sees nothing proves nothing. */
export interface Looks {
  readonly all: number;
  readonly withTool: number;
  readonly withOwner: number;
}

/** Looks at the process table many times a second. Ends with the signal. */
export async function watch(
  home: string,
  port: number,
  everyMs: number,
  see: (sighting: Sighting) => void,
  signal: AbortSignal,
): Promise<Looks> {
  const looks = { all: 0, withTool: 0, withOwner: 0 };
  const told = new Set<string>();
  const once = (what: Sighting["what"], detail: string): void => {
    if (told.has(`${what} ${detail}`)) return;
    told.add(`${what} ${detail}`);
    see({ at: Date.now(), what, detail });
  };
  while (!signal.aborted) {
    const all = processesOf(home);
    const tools = new Map<string, number[]>();
    for (const one of toolsOf(all).filter((each) => each.folder.includes("worktrees"))) {
      tools.set(one.folder, [...(tools.get(one.folder) ?? []), one.pid]);
    }
    for (const [folder, pids] of tools) {
      if (pids.length > 1) once("two tools on one session", `${folder}: ${pids.join(", ")}`);
    }
    const hosts = hostsOf(all).map((one) => one.pid);
    const talking = connectedTo(port, hosts);
    if (talking.length > 1) once("two hosts talk to the platform", talking.join(", "));
    looks.all += 1;
    if (tools.size > 0) looks.withTool += 1;
    if (talking.length > 0) looks.withOwner += 1;
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
  return looks;
}
