import { join } from "node:path";
import { asWritten } from "../../base/words";
import type { AttemptRecord, Journal } from "../../core/ports/journal";
import type { StateContext } from "../jsonFile";
import type { JournalDisk } from "./disk";
import { journalTrouble, JournalError } from "./journalError";
import { highestOf, load, ownerName, type Loaded } from "./load";
import { JournalWriter, removeOlder } from "./writer";

/** How often a number is tried that another process takes first. */
const mostTries = 20;
const titleLength = 1000;
const detailLength = 5000;

/** Damaged files were found. What checked out in them was kept; what they said besides is unknown. */
export interface JournalDamage {
  /** Absolute paths of the damaged files under their new names. */
  readonly keptFiles: readonly string[];
}

export interface OpenedJournal extends Journal {
  /** Set when files were damaged: a person must be told, and the platform be asked about every attempt that runs. */
  readonly damage: JournalDamage | undefined;
}

/**
 * Opens a worker's journal for writing. From then on whoever had it open before is turned away, so this is for the
 * worker's owner on this machine. Throws JournalError when the disk or a newer version stands against it.
 */
export async function openJournal(disk: JournalDisk, context: StateContext): Promise<OpenedJournal> {
  try {
    const number = await reserve(disk);
    return await openWith(disk, context, number).catch(async (error: unknown) => {
      // The next try is to find no trace of this one; where that fails too, it only takes the next number.
      await disk.remove(ownerName(number)).catch(() => undefined);
      throw error;
    });
  } catch (error) {
    throw journalTrouble(error, disk.folder);
  }
}

async function openWith(disk: JournalDisk, context: StateContext, number: number): Promise<OpenedJournal> {
  const { notes, damaged } = await load(disk);
  const writer = await JournalWriter.start(disk, context, notes, number);
  const damage = await setAside(disk, context, damaged);
  await removeOlder(disk, context, number);
  return {
    damage,
    list: () => notes.list(),
    outbox: (sessionId, claimId) => notes.outbox(sessionId, claimId),
    save: (record) => writer.write({ kind: "record", record: bounded(record) }),
    append: (sessionId, claimId, entry) => writer.write({ kind: "entry", sessionId, claimId, entry }),
  };
}

/** The attempts of a worker that another process may be writing. Changes nothing on the disk. */
export async function readJournal(
  disk: JournalDisk,
  context: StateContext,
): Promise<readonly AttemptRecord[]> {
  try {
    const { notes, damaged } = await load(disk);
    for (const { name, reason } of damaged) {
      context.log.warn("The journal is damaged", { path: join(disk.folder, name), reason });
    }
    notes.prune(context.clock.now());
    return notes.list();
  } catch (error) {
    throw journalTrouble(error, disk.folder);
  }
}

async function reserve(disk: JournalDisk): Promise<number> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const number = highestOf(await disk.list()) + 1;
    if (await disk.reserve(ownerName(number))) return number;
  }
  throw new JournalError(asWritten("another program keeps writing in {0}", disk.folder));
}

async function setAside(
  disk: JournalDisk,
  context: StateContext,
  damaged: Loaded["damaged"],
): Promise<JournalDamage | undefined> {
  if (damaged.length === 0) return undefined;
  const keptFiles: string[] = [];
  for (const { name, reason } of damaged) {
    const aside = await disk.setAside(name);
    context.log.warn("The journal was damaged, and is kept under a new name", { name, aside, reason });
    if (aside !== undefined) keptFiles.push(join(disk.folder, aside));
  }
  return { keptFiles };
}

function bounded(record: AttemptRecord): AttemptRecord {
  return {
    ...record,
    title: record.title.slice(0, titleLength),
    detail: record.detail?.slice(0, detailLength),
  };
}
