import { setTimeout as sleep } from "node:timers/promises";
import { connectedTo, hostsOf, processesOf, toolsOf } from "./processTable";

/** Something that must never be, seen in the process table at one moment. */
export interface Sighting {
  readonly at: number;
  readonly what: "two tools on one session" | "two hosts talk to the platform";
  readonly detail: string;
}

/** Looks at the process table many times a second. Ends with the signal. */
export async function watch(
  home: string,
  port: number,
  everyMs: number,
  see: (sighting: Sighting) => void,
  signal: AbortSignal,
): Promise<void> {
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
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
