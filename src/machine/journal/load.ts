import { messageOf } from "../../base/log";
import { asWritten } from "../../base/words";
import { UnreadableFileError, type JournalDisk } from "./disk";
import { JournalError } from "./journalError";
import { Notes } from "./notes";
import { decodeSegment, type DecodedSegment } from "./segment";

const fileName = /^(\d{10})\.(journal|owner)$/;
/** How often a folder is read again whose files another process replaces meanwhile. */
const mostRounds = 20;

export function journalName(segment: number): string {
  return `${String(segment).padStart(10, "0")}.journal`;
}

/** Says that somebody writes, or is about to write, the segment of this number. */
export function ownerName(segment: number): string {
  return `${String(segment).padStart(10, "0")}.owner`;
}

/** The number of a file of the journal, undefined for any other file. */
export function numberOf(name: string): number | undefined {
  const number = fileName.exec(name)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** The highest number in use, 0 where there is none. */
export function highestOf(names: readonly string[]): number {
  return Math.max(0, ...names.map((name) => numberOf(name) ?? 0));
}

interface Segment extends DecodedSegment {
  readonly name: string;
  readonly number: number;
}

export interface Loaded {
  readonly notes: Notes;
  /** The files that are damaged, with the reason. */
  readonly damaged: readonly { readonly name: string; readonly reason: string }[];
}

/** Reads what is there and changes nothing. Throws JournalError where a newer version wrote. */
export async function load(disk: JournalDisk): Promise<Loaded> {
  const segments = await readSegments(disk);
  const notes = new Notes();
  // The youngest segment whose snapshot is whole says all that the older ones said.
  const base = Math.max(0, ...segments.filter((one) => one.whole).map((one) => one.number));
  for (const one of segments) {
    if (one.number < base) continue;
    for (const line of one.lines) notes.apply(line);
  }
  const damaged = segments.flatMap(({ name, damage }) =>
    damage === undefined ? [] : [{ name, reason: damage }],
  );
  return { notes, damaged };
}

/** All segments of one moment, oldest first. */
async function readSegments(disk: JournalDisk): Promise<readonly Segment[]> {
  for (let round = 0; round < mostRounds; round += 1) {
    const names = (await disk.list()).filter((name) => fileName.exec(name)?.[2] === "journal").sort();
    const segments: Segment[] = [];
    for (const name of names) {
      const segment = await readSegment(disk, name);
      if (segment !== undefined) segments.push(segment);
    }
    // One that vanished meanwhile was replaced by a newer one.
    if (segments.length === names.length) return segments;
  }
  throw new JournalError(asWritten("the notes in {0} change faster than they can be read", disk.folder));
}

async function readSegment(disk: JournalDisk, name: string): Promise<Segment | undefined> {
  const number = numberOf(name) ?? 0;
  try {
    const bytes = await disk.read(name);
    if (bytes === undefined) return undefined;
    const decoded = decodeSegment(number, bytes);
    if (decoded.unknown > 0) throw newer(disk);
    return { name, number, ...decoded };
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    return { name, number, lines: [], damage: messageOf(error), whole: false, unknown: 0 };
  }
}

function newer(disk: JournalDisk): JournalError {
  return new JournalError(
    asWritten(
      "the notes about sessions in {0} were written by another version of this extension, which has to be used to go on with them",
      disk.folder,
    ),
  );
}
