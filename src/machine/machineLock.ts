import { join } from "node:path";
import * as z from "zod/mini";
import type { Held, MachineLock } from "../core/ports/machineLock";
import type { ExclusiveNames } from "./exclusive";
import { ensurePrivateFolder } from "./files";
import { readJsonFile, writeJsonFile, type StateContext } from "./jsonFile";
import { hashedName } from "./paths";

/** A lock with a number that is higher than that of every earlier holder of the same name. */
interface FencedHeld extends Held {
  readonly fence: number;
}

export interface FencedMachineLock extends MachineLock {
  tryHold(name: string): Promise<FencedHeld | undefined>;
}

const schema = z.object({ version: z.literal(1), fence: z.int().check(z.minimum(0)) });

/** Locks by names that the operating system frees, numbered by a counter on disk that only the holder writes. */
export function createMachineLock(
  stateFolder: string,
  names: ExclusiveNames,
  context: StateContext,
): FencedMachineLock {
  const fences = join(stateFolder, "fences");
  return {
    tryHold: async (name) => {
      const held = await names.hold(`lock ${name}`);
      if (held === undefined) return undefined;
      try {
        await ensurePrivateFolder(fences);
        const path = join(fences, `${hashedName(name)}.json`);
        const last = (await readJsonFile(path, schema, context))?.fence ?? 0;
        // The clock keeps the number rising also where the counter was lost.
        const fence = Math.max(last + 1, context.clock.now());
        await writeJsonFile(path, { version: 1, fence });
        return { fence, dispose: () => held.dispose() };
      } catch (error) {
        held.dispose();
        throw error;
      }
    },
  };
}
