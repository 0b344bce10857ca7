import type { AttemptRecord } from "../../core/ports/journal";
import type { StateContext } from "../jsonFile";
import { readJournal } from "./journal";
import { allJournalDisks } from "./realDisk";

/**
 * The latest attempts of every worker of this machine, whichever window runs it. Changes nothing. Rejects when one of the
 * journals cannot be read: nobody knows then what runs.
 */
export async function readAllJournals(
  stateFolder: string,
  context: StateContext,
): Promise<readonly AttemptRecord[]> {
  const disks = await allJournalDisks(stateFolder, context.clock);
  return (await Promise.all(disks.map((disk) => readJournal(disk, context)))).flat();
}
