import { messageOf } from "../../base/log";
import { asWritten } from "../../base/words";
import type { StateContext } from "../jsonFile";
import type { JournalDisk } from "./disk";
import { journalTrouble, JournalError } from "./journalError";
import { checkedLine, type JournalLine } from "./lines";
import { highestOf, journalName, numberOf, ownerName } from "./load";
import type { Notes } from "./notes";
import { encodeLines } from "./segment";

/** A segment is written anew once it is longer than this, bytes, and four times as long as what it says. */
const compactBytes = 1_000_000;

/** What a crash leaves of a file that was being made. */
const temporary = /^\.[0-9a-f-]{36}\.tmp$/;

interface Waiting {
  readonly json: string;
  readonly line: JournalLine;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The segment that is written, and how far it is known to be whole. */
interface Current {
  readonly number: number;
  readonly snapshotBytes: number;
  size: number;
  lines: number;
}

/**
 * Writes the lines of one owner: those that wait together go with one write. The notes change when their line is on the
 * disk. When a write fails, all that wait behind it are turned away too, so that nothing overtakes.
 */
export class JournalWriter {
  readonly #disk: JournalDisk;
  readonly #context: StateContext;
  readonly #notes: Notes;
  readonly #waiting: Waiting[] = [];
  #current: Current;
  #writing = false;
  /** More than what is known may lie in the file: it is cut back before anything is added. */
  #dirty = false;
  /** The highest number that was reserved here: a higher one is another owner's. */
  #reserved: number;
  #replaced = false;
  #compactAt = 0;

  private constructor(disk: JournalDisk, context: StateContext, notes: Notes, current: Current) {
    this.#disk = disk;
    this.#context = context;
    this.#notes = notes;
    this.#current = current;
    this.#reserved = current.number;
    this.#planCompaction();
  }

  /** Starts a segment whose number was reserved, with a snapshot of the notes. */
  static async start(
    disk: JournalDisk,
    context: StateContext,
    notes: Notes,
    number: number,
  ): Promise<JournalWriter> {
    return new JournalWriter(disk, context, notes, await writeSnapshot(disk, context, notes, number));
  }

  /** Resolves when the line is on the disk. */
  async write(line: JournalLine): Promise<void> {
    const checked = checkedLine(line);
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ ...checked, resolve, reject });
      if (!this.#writing) void this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      try {
        await this.#commit(batch);
        for (const one of batch) one.resolve();
      } catch (error) {
        const trouble = journalTrouble(await this.#causeOf(error), this.#disk.folder);
        for (const one of [...batch, ...this.#waiting.splice(0)]) one.reject(trouble);
      }
      if (this.#current.size > this.#compactAt) await this.#compact();
    }
    this.#writing = false;
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    if (this.#replaced) throw replaced();
    await this.#mend();
    const current = this.#current;
    const bytes = encodeLines(
      current.number,
      current.lines,
      batch.map((one) => one.json),
    );
    this.#dirty = true;
    await this.#disk.append(journalName(current.number), bytes);
    await this.#requireOwner();
    this.#dirty = false;
    current.size += bytes.length;
    current.lines += batch.length;
    for (const one of batch) this.#notes.apply(one.line);
  }

  /** A later owner reads what came before it reserved its number; what comes after would be lost. */
  async #requireOwner(): Promise<void> {
    const names = await this.#disk.list();
    this.#replaced ||= highestOf(names) > this.#reserved;
    if (this.#replaced) throw replaced();
    if (!names.includes(journalName(this.#current.number))) {
      throw new JournalError(asWritten("the notes in {0} were removed", this.#disk.folder));
    }
  }

  /** A file that is gone was most often removed by a later owner. */
  async #causeOf(error: unknown): Promise<unknown> {
    try {
      await this.#requireOwner();
      return error;
    } catch (cause) {
      return this.#replaced ? cause : error;
    }
  }

  async #mend(): Promise<void> {
    if (!this.#dirty) return;
    try {
      await this.#disk.truncate(journalName(this.#current.number), this.#current.size);
    } catch (error) {
      this.#context.log.warn("The journal is written anew, since its file could not be mended", {
        reason: messageOf(error),
      });
      await this.#rotate();
    }
    this.#dirty = false;
  }

  async #compact(): Promise<void> {
    try {
      if (!this.#replaced && !this.#dirty) await this.#rotate();
    } catch (error) {
      // The longer file is as good; it is tried again when it has grown further.
      this.#context.log.warn("The journal could not be compacted", { reason: messageOf(error) });
    }
    this.#planCompaction();
  }

  #planCompaction(): void {
    const { size, snapshotBytes } = this.#current;
    const grown = Math.max(compactBytes, 4 * snapshotBytes);
    this.#compactAt = size < grown ? grown : size + compactBytes;
  }

  async #rotate(): Promise<void> {
    const number = this.#current.number + 1;
    // What an earlier try reserved is still ours.
    if (this.#reserved < number && (await this.#disk.reserve(ownerName(number)))) this.#reserved = number;
    this.#replaced ||= this.#reserved < number || highestOf(await this.#disk.list()) > number;
    if (this.#replaced) throw replaced();
    this.#current = await writeSnapshot(this.#disk, this.#context, this.#notes, number);
    await removeOlder(this.#disk, this.#context, number);
  }
}

/** Removes what a whole segment has made superfluous. What cannot be removed does no harm. */
export async function removeOlder(disk: JournalDisk, context: StateContext, number: number): Promise<void> {
  try {
    for (const name of await disk.list()) {
      if ((numberOf(name) ?? number) < number || temporary.test(name)) await disk.remove(name);
    }
  } catch (error) {
    context.log.warn("Old notes could not be removed", { folder: disk.folder, reason: messageOf(error) });
  }
}

async function writeSnapshot(
  disk: JournalDisk,
  context: StateContext,
  notes: Notes,
  number: number,
): Promise<Current> {
  const at = context.clock.now();
  notes.prune(at);
  const lines = notes.snapshot();
  const head: JournalLine = { kind: "head", format: 1, at, seenAt: notes.seenAt, lines: lines.length };
  const bytes = encodeLines(
    number,
    0,
    [head, ...lines].map((one) => JSON.stringify(one)),
  );
  await disk.create(journalName(number), bytes);
  notes.apply(head);
  return { number, snapshotBytes: bytes.length, size: bytes.length, lines: lines.length + 1 };
}

function replaced(): JournalError {
  return new JournalError(asWritten("another window keeps the notes of this worker now"));
}
