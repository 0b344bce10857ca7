import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { neverAborted } from "../base/abort";
import { onDispose, type Disposable } from "../base/disposable";
import { KeyedQueue } from "../base/keyedQueue";
import { messageOf } from "../base/log";
import type { Slots } from "../core/ports/machine";
import type { ExclusiveNames } from "./exclusive";
import { ensurePrivateFolder } from "./files";
import { readForeignLeases, type ForeignLeases } from "./foreignLeases";
import type { StateContext } from "./jsonFile";
import { SlotLeases } from "./slotLeases";

/** How long another window may take to count before this one gives up for now. */
const gateMs = 2000;
const gatePollMs = 10;

/**
 * Execution slots shared by all workers of this user on this machine. A slot is a name that the operating system frees
 * when its process ends, so that a killed window gives its slots back at once. Containers that share the home and not
 * the names count each other's by the file beside it. A short gate lets one process count at a time. Leases of other
 * programs count and are left alone.
 * @param place where this process runs, as `readPlace` tells it.
 */
export function createSlots(
  stateFolder: string,
  foreignExecutions: string,
  names: ExclusiveNames,
  context: StateContext,
  place: string,
): Slots {
  const folder = join(stateFolder, "executions");
  const leases = new SlotLeases(folder, place, context);
  const queue = new KeyedQueue();
  const told = new Set<string>();
  return {
    tryAcquire: async (limit, holder) =>
      await queue.run("count", async () => {
        await ensurePrivateFolder(stateFolder);
        await ensurePrivateFolder(folder);
        // Before the gate: others write there without it, and many files take their time.
        const foreign = await readForeignLeases(foreignExecutions, context);
        tellForeign(foreign, told, context);
        const gate = await holdGate(names, context);
        if (gate === undefined) return undefined;
        try {
          const indices = await indicesToAsk(folder, limit);
          const { free, taken, elsewhere } = await count(indices, names, leases, context);
          if (elsewhere > 0) tellElsewhere(told, context);
          return free && (await takeFree(free, taken < limit - foreign.fresh, holder, leases));
        } finally {
          gate.dispose();
        }
      }),
  };
}

/** Once each: it is counted at every claim. */
function tellForeign({ ignored, trouble }: ForeignLeases, told: Set<string>, { log }: StateContext): void {
  const once = (what: string, tell: () => void): void => {
    if (told.has(what)) return;
    told.add(what);
    tell();
  };
  if (ignored > 0) {
    once("ignored", () => log.info("Old execution leases of other programs are ignored", { ignored }));
  }
  if (trouble !== undefined) {
    once(trouble, () =>
      log.warn("Executions of other programs could not all be counted", { reason: trouble }),
    );
  }
}

async function holdGate(names: ExclusiveNames, context: StateContext): Promise<Disposable | undefined> {
  const until = context.clock.monotonic() + gateMs;
  for (;;) {
    const gate = await names.holdQuickly("slots gate");
    if (gate !== undefined) return gate;
    if (context.clock.monotonic() >= until) {
      // Only now, since it costs: a stranger in its place is an error that must be told.
      const late = await names.hold("slots gate");
      if (late !== undefined) return late;
      context.log.warn("Another window is counting the execution slots for long; none was taken");
      return undefined;
    }
    await context.clock.sleep(gatePollMs, neverAborted);
  }
}

function tellElsewhere(told: Set<string>, { log }: StateContext): void {
  if (told.has("elsewhere")) return;
  told.add("elsewhere");
  log.info("Another container that shares this home holds execution slots, which count here too");
}

interface HeldSlot {
  readonly index: number;
  readonly name: Disposable;
}

interface Counted {
  readonly taken: number;
  /** How many of the taken ones are held in another place. */
  readonly elsewhere: number;
  /** The lowest that nobody holds, its name now held; undefined where all are taken. */
  readonly free: HeldSlot | undefined;
}

/** Counts the slots that are held. Call behind the gate. */
async function count(
  indices: readonly number[],
  names: ExclusiveNames,
  leases: SlotLeases,
  context: StateContext,
): Promise<Counted> {
  let taken = 0;
  let elsewhere = 0;
  let free: HeldSlot | undefined;
  try {
    for (const index of indices) {
      const name = await holdSlot(names, index, context);
      if (name === "unusable") continue;
      if (name === undefined) {
        taken += 1;
        continue;
      }
      let keep = false;
      try {
        if (await leases.isHeldElsewhere(index)) elsewhere += 1;
        else if (free === undefined) keep = true;
        else await leases.clear(index);
      } finally {
        if (!keep) name.dispose();
      }
      if (keep) free = { index, name };
    }
    return { taken: taken + elsewhere, elsewhere, free };
  } catch (error) {
    free?.name.dispose();
    throw error;
  }
}

/** The free slot where one more is allowed; undefined where not, or where another place was faster. */
async function takeFree(
  { index, name }: HeldSlot,
  isAllowed: boolean,
  holder: string,
  leases: SlotLeases,
): Promise<Disposable | undefined> {
  try {
    if (!isAllowed) await leases.clear(index);
    const lease = isAllowed ? await leases.take(index, holder) : undefined;
    if (lease === undefined) {
      name.dispose();
      return undefined;
    }
    return onDispose(() => {
      lease.dispose();
      name.dispose();
    });
  } catch (error) {
    name.dispose();
    throw error;
  }
}

/** The first `limit` slots, and those beyond that other workers with a higher limit may hold. */
async function indicesToAsk(folder: string, limit: number): Promise<readonly number[]> {
  const indices = new Set(Array.from({ length: limit }, (_, index) => index));
  for (const name of await readdir(folder)) {
    const index = /^slot-(\d{1,4})\.json$/.exec(name)?.[1];
    if (index !== undefined) indices.add(Number(index));
  }
  return [...indices].sort((one, other) => one - other);
}

async function holdSlot(
  names: ExclusiveNames,
  index: number,
  context: StateContext,
): Promise<Disposable | "unusable" | undefined> {
  try {
    return await names.hold(`slot ${index}`);
  } catch (error) {
    context.log.warn("An execution slot cannot be used", { slot: index, reason: messageOf(error) });
    return "unusable";
  }
}
