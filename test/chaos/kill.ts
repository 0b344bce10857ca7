import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../../src/base/random";
import { waitUntil } from "../host/harness/harness.mjs";
import type { Platform } from "./platform";
import {
  hostsOf,
  isWork,
  keepersOf,
  processesOf,
  survivorsOf,
  toolsOf,
  treeOf,
  type Process,
} from "./processTable";
import type { Windows } from "./windows";

export const victims = ["host", "codex", "keeper", "platform"] as const;
export type Victim = (typeof victims)[number];

/** What one kill did. */
export interface Kill {
  readonly at: number;
  readonly victim: Victim;
  readonly pid: number;
  /** How many processes stood under the victim, or were kept by it. */
  readonly family: number;
  /** Of these, what was alive a second later, by command. */
  readonly survivors: readonly string[];
}

/** How often the tool of one session is killed at most: each time it is tried again after twice as long. */
const hitsOfOne = 2;

export interface KillDeps {
  /** How often the tool of each session was hit, by its folder. */
  readonly hits: Map<string, number>;
  readonly home: string;
  readonly platform: Platform;
  readonly windows: Windows;
  readonly random: Random;
}

/** How long what the victim kept may live on. */
const graceMs: Readonly<Record<Victim, number>> = { host: 1000, keeper: 1000, codex: 3000, platform: 0 };

/** Waits until work is under way, then for a random moment, and kills a random victim. What was killed is put up again. */
export async function killOne(deps: KillDeps, allowed: readonly Victim[]): Promise<Kill> {
  const { home, platform, windows, random } = deps;
  await waitUntil("a session runs", () => toolsOf(processesOf(home)).length > 0, 120_000);
  await sleep(random.next() * 3500);
  const all = processesOf(home);
  const [victim, target] = choose(deps, allowed, all);
  const at = Date.now();
  if (victim === "platform") {
    await platform.killAndRestart();
    return { at, victim, pid: target, family: 0, survivors: [] };
  }
  const hit = victim === "host" ? undefined : folderOf(all, target);
  if (hit !== undefined) deps.hits.set(hit, (deps.hits.get(hit) ?? 0) + 1);
  const family = familyOf(all, victim, target);
  process.kill(target, "SIGKILL");
  const left = untilGone(home, family, at + graceMs[victim]);
  if (victim === "host") await windows.reload(target);
  return { at, victim, pid: target, family: family.length, survivors: await left };
}

function choose(
  { platform, random, hits }: KillDeps,
  allowed: readonly Victim[],
  all: readonly Process[],
): readonly [Victim, number] {
  const ofFresh = (found: readonly Process[]): readonly number[] =>
    found.map((one) => one.pid).filter((pid) => (hits.get(folderOf(all, pid) ?? "") ?? 0) < hitsOfOne);
  const candidates: Readonly<Record<Victim, readonly number[]>> = {
    host: hostsOf(all).map((one) => one.pid),
    codex: ofFresh(toolsOf(all)),
    keeper: ofFresh(keepersOf(all)),
    platform: [platform.pid],
  };
  const there = allowed.filter((one) => candidates[one].length > 0);
  const victim = there[Math.floor(random.next() * there.length)] ?? "platform";
  const pids = candidates[victim];
  return [victim, pids[Math.floor(random.next() * pids.length)] ?? platform.pid];
}

/** The folder in which the tool of this run works, whoever of the run is asked about. */
function folderOf(all: readonly Process[], pid: number): string | undefined {
  const mark = all.find((one) => one.pid === pid)?.marker;
  return toolsOf(all).find((one) => one.pid === pid || (mark !== undefined && one.marker === mark))?.folder;
}

/** What must go down with the victim: all work below it, and what carries the mark of such a run, wherever it hides. */
function familyOf(all: readonly Process[], victim: Victim, target: number): readonly Process[] {
  const below = treeOf(all, target);
  const runs = new Set(below.flatMap((one) => (one.marker === undefined ? [] : [one.marker])));
  const related = all.filter((one) => one.marker !== undefined && runs.has(one.marker));
  const tree = below.filter((one) => isWork(one) && one.pid !== target);
  const others = related.filter((one) => !tree.includes(one) && one.pid !== target);
  // A killed tool's keeper ends by itself when it has cleaned up; it has a while for that, as everything else.
  return victim === "host" || victim === "keeper" || victim === "codex" ? [...tree, ...others] : [];
}

async function untilGone(
  home: string,
  family: readonly Process[],
  endsAt: number,
): Promise<readonly string[]> {
  for (;;) {
    const left = survivorsOf(family, processesOf(home));
    if (left.length === 0) return [];
    if (Date.now() >= endsAt) return left.map((one) => `${one.pid} ${one.command.slice(0, 200)}`);
    await sleep(20);
  }
}
