import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import type { GroupBoard, GroupMember } from "../core/ports/groupBoard";
import { ensurePrivateFolder, removePrivateFile } from "./files";
import { readJsonFile, writeJsonFile, type StateContext } from "./jsonFile";

/** What a worker that is gone said is removed after so long, milliseconds. */
const keptMs = 86_400_000;

const schema = z.object({
  version: z.literal(1),
  workerId: z.string(),
  running: z.number(),
  hasRoom: z.boolean(),
  pollMs: z.number(),
  at: z.number(),
});

/** A file for each worker of a group, which only that worker writes. Names of groups and workers stand in no file's name. */
export function createGroupBoard(stateFolder: string, context: StateContext): GroupBoard {
  const folder = join(stateFolder, "groups");
  const fileOf = (group: string, workerId: string): string => `${hash(group)}-${hash(workerId)}.json`;
  const read = async (name: string): Promise<GroupMember | undefined> => {
    const path = join(folder, name);
    const found = await readJsonFile(path, schema, context);
    if (found === undefined || Math.abs(context.clock.now() - found.at) <= keptMs) return found;
    await removePrivateFile(path);
    return undefined;
  };
  return {
    tell: async (group, member) => {
      await ensurePrivateFolder(stateFolder);
      await ensurePrivateFolder(folder);
      await writeJsonFile(join(folder, fileOf(group, member.workerId)), { version: 1, ...member });
    },
    others: async (group, workerId) => {
      const own = fileOf(group, workerId);
      const names = (await readdir(folder)).filter((name) => name.startsWith(`${hash(group)}-`));
      const others = names.filter((name) => name !== own && /^[0-9a-f]{16}-[0-9a-f]{16}\.json$/u.test(name));
      return (await Promise.all(others.map(read))).filter((one) => one !== undefined);
    },
  };
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
