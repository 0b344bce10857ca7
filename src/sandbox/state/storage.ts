import { join } from "node:path";
import * as z from "zod/mini";
import { stateSchema, type State } from "./schema";
import { jsonFile, type JsonFile } from "./store";

const connectionSchema = z.object({ dashboardToken: z.string(), port: z.number(), modelPort: z.number() });

/** What lets a page that is open survive a restart: the same token and, where they are free, the same ports. */
type Connection = z.infer<typeof connectionSchema>;

export interface Storage {
  readonly state: JsonFile<State> | undefined;
  readonly connection: JsonFile<Connection> | undefined;
}

/** The files of a data folder; none where there is no folder. */
export function openStorage(dataDir: string | undefined, onError: (error: unknown) => void): Storage {
  if (dataDir === undefined) return { state: undefined, connection: undefined };
  const onDamaged = (keptAs: string): void => {
    onError(new Error(`A state file could not be read. It is kept as ${keptAs}; the sandbox starts afresh.`));
  };
  return {
    state: jsonFile(join(dataDir, "state.json"), stateSchema, onDamaged),
    connection: jsonFile(join(dataDir, "connection.json"), connectionSchema, onDamaged),
  };
}
