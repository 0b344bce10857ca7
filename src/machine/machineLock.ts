import { join } from "node:path";
import * as z from "zod/mini";
import { messageOf } from "../base/log";
import type { Held, WorkerLock } from "../core/ports/machineLock";
import type { ExclusiveNames } from "./exclusive";
import { ensurePrivateFolder } from "./files";
import { readJsonFile, writeJsonFile, type StateContext } from "./jsonFile";
import type { OwnerNotes } from "./ownerNotes";
import { hashedName } from "./paths";

/** A lock with a number that is higher than that of every earlier holder of the same name. */
interface FencedHeld extends Held {
  readonly fence: number;
}

export interface FencedMachineLock extends WorkerLock {
  tryHold(name: string): Promise<FencedHeld | undefined>;
}

const schema = z.object({ version: z.literal(1), fence: z.int().check(z.minimum(0)) });

/** Until the next try after the holder's end was seen, after nobody held the name, and where nothing can be seen. */
const pausesMs = { ended: 5, nobody: 250, unknown: 1000 };

/**
 * Locks by names that the operating system frees, numbered by a counter on disk that only the holder writes.
 * @param notes keep out processes that share the state folder and not the names; without them nothing does.
 */
export function createMachineLock(
  stateFolder: string,
  names: ExclusiveNames,
  context: StateContext,
  notes?: OwnerNotes,
): FencedMachineLock {
  const nameOf = (name: string): string => `lock ${name}`;
  return {
    tryHold: async (name) => {
      const held = await names.hold(nameOf(name));
      if (held === undefined) return undefined;
      let note: Held | undefined;
      const dispose = (): void => {
        // The note first: whoever gets the name then finds it given back.
        note?.dispose();
        held.dispose();
      };
      try {
        note = await notes?.claim(name);
        if (notes !== undefined && note === undefined) {
          dispose();
          return undefined;
        }
        const fence = await nextFence(stateFolder, name, context);
        return { fence, dispose, ...(note?.lost === undefined ? {} : { lost: note.lost }) };
      } catch (error) {
        dispose();
        throw error;
      }
    },
    untilFree: async (name, signal) => {
      const seen = await untilEnded(names, nameOf(name), context, signal);
      await context.clock.sleep(pausesMs[seen], signal);
    },
  };
}

/** Waits for the end of the holder's process, or of its hold, on a connection to it. */
async function untilEnded(
  names: ExclusiveNames,
  name: string,
  { log }: StateContext,
  signal: AbortSignal,
): Promise<keyof typeof pausesMs> {
  try {
    const holder = await names.connect(name, signal);
    if (holder === undefined) return "nobody";
    // Nothing is ever said on it: reading is what notices the end.
    await holder.channel.read(0).catch(() => undefined);
    holder.dispose();
    signal.throwIfAborted();
    return "ended";
  } catch (error) {
    signal.throwIfAborted();
    log.debug("The holder of a name cannot be watched", { name, reason: messageOf(error) });
    return "unknown";
  }
}

async function nextFence(stateFolder: string, name: string, context: StateContext): Promise<number> {
  const fences = join(stateFolder, "fences");
  await ensurePrivateFolder(fences);
  const path = join(fences, `${hashedName(name)}.json`);
  const last = (await readJsonFile(path, schema, context))?.fence ?? 0;
  // The clock keeps the number rising also where the counter was lost.
  const fence = Math.max(last + 1, context.clock.now());
  await writeJsonFile(path, { version: 1, fence });
  return fence;
}
