import { realpath } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import type { Configurations } from "../core/ports/configurations";
import { ensurePrivateFolder, removePrivateFile } from "./files";
import { readJsonFile, writeJsonFile, type StateContext } from "./jsonFile";
import { hashedName } from "./paths";

const id = z.string().check(z.minLength(1), z.maxLength(500));
const name = z.string().check(z.maxLength(500));

const schema = z.object({
  version: z.literal(1),
  /** Origin of the platform, for example https://onehorizon.ai */
  origin: id,
  clientId: id,
  userId: id,
  workspaceId: id,
  workspaceName: name,
  agentId: id,
  agentName: name,
  workerId: id,
  /** Sent with every registration of this worker; at least 16 characters. */
  idempotencyKey: z.string().check(z.minLength(16), z.maxLength(200)),
  /** Real path of the folder the worker is for. */
  folder: id,
  /** A person stopped the worker: it stays stopped over reloads until a person starts it. */
  stoppedByPerson: z.boolean(),
  /** Paused: a reload does not make it claim again. */
  paused: z.optional(z.boolean()),
  /** The control signal that was carried out last. */
  handledSignal: z.optional(name),
  /** The facts last registered, to see when they changed: 2,000 characters of instructions take six each in JSON. */
  registrationHash: z.optional(z.string().check(z.maxLength(20_000))),
});

/** Configurations below the state folder, by folder and platform. Folders are compared by their real path. */
export function createConfigStore(stateFolder: string, context: StateContext): Configurations {
  const folders = join(stateFolder, "folders");
  const fileOf = async (folder: string, origin: string): Promise<string> => {
    return join(folders, `${hashedName(await realpath(folder), origin)}.json`);
  };
  return {
    get: async (folder, origin) => {
      const path = await fileOf(folder, origin);
      const matching = schema.check(z.refine((one) => one.origin === origin));
      const stored = await readJsonFile(path, matching, context);
      if (stored === undefined) return undefined;
      const { version: _version, ...configuration } = stored;
      return configuration;
    },
    set: async (configuration) => {
      await ensurePrivateFolder(stateFolder);
      await ensurePrivateFolder(folders);
      const folder = await realpath(configuration.folder);
      const stored = schema.parse({ ...configuration, version: 1, folder });
      await writeJsonFile(await fileOf(folder, configuration.origin), stored);
    },
    delete: async (folder, origin) => {
      await ensurePrivateFolder(stateFolder);
      await ensurePrivateFolder(folders);
      await removePrivateFile(await fileOf(folder, origin));
    },
  };
}
