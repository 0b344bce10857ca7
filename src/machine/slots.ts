import { rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { neverAborted } from "../base/abort";
import { onDispose, type Disposable } from "../base/disposable";
import { KeyedQueue } from "../base/keyedQueue";
import { messageOf } from "../base/log";
import type { Slots } from "../core/ports/machine";
import type { ExclusiveNames } from "./exclusive";
import { ensurePrivateFolder, removePrivateFile } from "./files";
import { readForeignLeases, type ForeignLeases } from "./foreignLeases";
import { writeJsonFile, type StateContext } from "./jsonFile";

/** How long another window may take to count before this one gives up for now. */
const gateMs = 2000;
const gatePollMs = 10;

/**
 * Execution slots shared by all workers of this user on this machine. A slot is a name that the operating system frees
 * when its process ends, so that a killed window gives its slots back at once; the file beside it only tells who. A
 * short gate lets one process count at a time. Leases of other programs count and are left alone.
 */
export function createSlots(
  stateFolder: string,
  foreignExecutions: string,
  names: ExclusiveNames,
  context: StateContext,
): Slots {
  const folder = join(stateFolder, "executions");
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
          return await takeOne(folder, limit - foreign.fresh, limit, holder, names, context);
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

/** Takes a slot when fewer than `allowed` are held. Call behind the gate. */
async function takeOne(
  folder: string,
  allowed: number,
  limit: number,
  holder: string,
  names: ExclusiveNames,
  context: StateContext,
): Promise<Disposable | undefined> {
  let taken = 0;
  let free: { readonly index: number; readonly held: Disposable } | undefined;
  try {
    for (const index of await indicesToAsk(folder, limit)) {
      const held = await holdSlot(names, index, context);
      if (held === "unusable") continue;
      if (held === undefined) {
        taken += 1;
      } else if (free === undefined) {
        free = { index, held };
      } else {
        await removePrivateFile(fileOf(folder, index));
        held.dispose();
      }
    }
    if (free === undefined || taken >= allowed) {
      if (free !== undefined) await removePrivateFile(fileOf(folder, free.index));
      free?.held.dispose();
      return undefined;
    }
    return await lease(folder, free.index, free.held, holder, context);
  } catch (error) {
    free?.held.dispose();
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

async function lease(
  folder: string,
  index: number,
  held: Disposable,
  holder: string,
  context: StateContext,
): Promise<Disposable> {
  const path = fileOf(folder, index);
  const acquiredAt = context.clock.now();
  await writeJsonFile(path, { version: 1, slot: index, holder, processId: process.pid, acquiredAt });
  return onDispose(() => {
    try {
      rmSync(path, { force: true });
    } catch (error) {
      context.log.warn("An execution lease file could not be removed", { path, reason: messageOf(error) });
    }
    held.dispose();
  });
}

function fileOf(folder: string, index: number): string {
  return join(folder, `slot-${index}.json`);
}
