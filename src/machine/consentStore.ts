import { realpath } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import { ensurePrivateFolder } from "./files";
import { readJsonFile, writeJsonFile, type StateContext } from "./jsonFile";
import { hashedName } from "./paths";

const schema = z.object({
  version: z.literal(1),
  folder: z.string(),
  hash: z.string(),
  allowedAt: z.number(),
});

/** Which combinations of workflow values the owner allowed, per folder and on this machine only. */
export interface ConsentStore {
  isAllowed(folder: string, hash: string): Promise<boolean>;
  /** Resolves when the answer is on disk. */
  allow(folder: string, hash: string): Promise<void>;
}

/** Opens the store below the state folder. One file per answer, so that two windows never overwrite each other. */
export function createConsentStore(stateFolder: string, context: StateContext): ConsentStore {
  const consents = join(stateFolder, "consents");
  const fileOf = (folder: string, hash: string): string => join(consents, `${hashedName(folder, hash)}.json`);
  return {
    isAllowed: async (folder, hash) => {
      const real = await realpath(folder);
      const stored = await readJsonFile(fileOf(real, hash), schema, context);
      return stored?.folder === real && stored.hash === hash;
    },
    allow: async (folder, hash) => {
      await ensurePrivateFolder(stateFolder);
      await ensurePrivateFolder(consents);
      const real = await realpath(folder);
      await writeJsonFile(fileOf(real, hash), {
        version: 1,
        folder: real,
        hash,
        allowedAt: context.clock.now(),
      });
    },
  };
}
