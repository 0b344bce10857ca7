import { randomUUID } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import { open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import { LinkedAbort } from "../base/abort";
import { messageOf } from "../base/log";
import { asWritten } from "../base/words";
import { LockError, type Held } from "../core/ports/machineLock";
import { createPrivateFile, ensurePrivateFolder, isMissing, readPrivateFile } from "./files";
import type { StateContext } from "./jsonFile";
import { hashedName } from "./paths";

/** How often an owner changes its note, and how long a note must stay unchanged under watch to count as left behind. */
const touchMs = 5000;
const staleMs = 30_000;
/** An owner that could not change its note for this long gives up before another place may take over. */
const giveUpMs = 20_000;
/** Between two looks at most this much counts as watched: the machine may have slept, and the owner with it. */
const longestLookMs = 5000;

const schema = z.object({
  version: z.literal(1),
  place: z.string(),
  owner: z.string(),
  /** Rises with each touch; always of one length, so that it is written in place. */
  beat: z.string().check(z.regex(/^\d{12}$/)),
  state: z.enum(["held", "left"]),
});
type Note = z.infer<typeof schema>;

interface Watched {
  readonly text: string;
  readonly lookedAt: number;
  readonly unchangedMs: number;
  /** It was seen to change: its owner lives. */
  readonly alive: boolean;
}

/**
 * Who owns what, as a file, for processes that share the state folder and not the operating system's names: containers
 * with one home. Notes of one name are numbered; the highest counts, and making a number is exclusive. A note of another
 * place is watched for change, since clocks of two places need not agree.
 */
export class OwnerNotes {
  readonly #folder: string;
  readonly #place: string;
  readonly #context: StateContext;
  readonly #watched = new Map<string, Watched>();

  constructor(stateFolder: string, place: string, context: StateContext) {
    this.#folder = join(stateFolder, "owners");
    this.#place = place;
    this.#context = context;
  }

  /**
   * Call while holding the name in this place. Undefined while it is not known whether another place owns it. Rejects
   * with a passing LockError while one does.
   */
  async claim(name: string): Promise<Held | undefined> {
    const folder = join(this.#folder, hashedName(name));
    await ensurePrivateFolder(this.#folder);
    await ensurePrivateFolder(folder);
    const last = await highest(folder);
    if (last > 0 && !(await this.#mayFollow(name, folder, last))) return undefined;
    const note: Note = {
      version: 1,
      place: this.#place,
      owner: randomUUID(),
      beat: beatText(0),
      state: "held",
    };
    const number = last + 1;
    if (!(await makeExclusively(folder, number, note))) return undefined;
    if ((await highest(folder)) !== number) {
      // Made late, after others had come and gone.
      await rm(fileOf(folder, number), { force: true });
      return undefined;
    }
    this.#watched.delete(name);
    await removeBelow(folder, number);
    return new HeldNote(folder, number, note, this.#context);
  }

  /** May the owner of note `number` be followed? True when it is of this place, was given back, or was left behind. */
  async #mayFollow(name: string, folder: string, number: number): Promise<boolean> {
    const text = await readPrivateFile(fileOf(folder, number));
    // Replaced this moment.
    if (text === undefined) return false;
    const note = parseNote(text);
    // The name of this place is held, so whoever had it here is gone.
    if (note?.place === this.#place || note?.state === "left") return true;
    const seen = this.#look(name, `${number} ${text}`);
    if (seen.unchangedMs >= staleMs) {
      this.#context.log.warn("The owner in another container left its note behind; this one takes over", {
        number,
      });
      return true;
    }
    if (!seen.alive) return false;
    throw new LockError(
      asWritten(
        "This folder's worker runs in another container, or on another machine, that shares this home folder. Nothing was started here, and nothing was changed there. Close it there: the worker starts here by itself half a minute later.",
      ),
      { passing: true },
    );
  }

  #look(name: string, text: string): Watched {
    const now = this.#context.clock.monotonic();
    const before = this.#watched.get(name);
    const same = before?.text === text;
    const seen: Watched = {
      text,
      lookedAt: now,
      unchangedMs: same ? before.unchangedMs + Math.min(longestLookMs, now - before.lookedAt) : 0,
      alive: same ? before.alive : before !== undefined,
    };
    this.#watched.set(name, seen);
    return seen;
  }
}

/** A note that this process keeps changing until it is given back or another place takes over. */
class HeldNote implements Held {
  readonly #folder: string;
  readonly #number: number;
  readonly #note: Note;
  readonly #context: StateContext;
  readonly #life = new LinkedAbort();
  readonly #lost = new LinkedAbort();
  #beat = 0;

  constructor(folder: string, number: number, note: Note, context: StateContext) {
    this.#folder = folder;
    this.#number = number;
    this.#note = note;
    this.#context = context;
    this.#keepTouching(this.#life.signal).catch(() => undefined);
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** In place and at once: this runs while the process ends. */
  dispose(): void {
    if (this.#life.signal.aborted) return;
    this.#life.abort(new Error("given back"));
    this.#life.dispose();
    this.#lost.dispose();
    try {
      const file = openSync(fileOf(this.#folder, this.#number), "r+");
      try {
        writeSync(file, JSON.stringify({ ...this.#note, beat: beatText(this.#beat + 1), state: "left" }), 0);
      } finally {
        closeSync(file);
      }
    } catch (error) {
      this.#context.log.debug("An owner's note could not be given back", { reason: messageOf(error) });
    }
  }

  async #keepTouching(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#context;
    let touchedAt = clock.monotonic();
    for (;;) {
      await clock.sleep(touchMs, signal);
      try {
        if (!(await this.#touch(signal))) break;
        touchedAt = clock.monotonic();
      } catch (error) {
        signal.throwIfAborted();
        log.warn("An owner's note could not be renewed", { reason: messageOf(error) });
        if (clock.monotonic() - touchedAt >= giveUpMs) break;
      }
    }
    signal.throwIfAborted();
    log.error("Another container took this folder's worker over; this window lets go of it");
    this.#lost.abort(new Error("another container took over"));
  }

  /** False when another owner's note is there. */
  async #touch(signal: AbortSignal): Promise<boolean> {
    const above = await highest(this.#folder);
    if (above > this.#number) return false;
    const note = { ...this.#note, beat: beatText(this.#beat + 1) };
    // Somebody cleared the state folder: the note is made again, unless another place was faster.
    if (above < this.#number) {
      await ensurePrivateFolder(this.#folder);
      return await makeExclusively(this.#folder, this.#number, note);
    }
    const file = await open(fileOf(this.#folder, this.#number), "r+");
    try {
      const found = parseNote(await file.readFile("utf8"));
      if (found !== undefined && found.owner !== this.#note.owner) return false;
      signal.throwIfAborted();
      this.#beat += 1;
      // All notes of one owner have one length, and a write this small is never seen in halves by a careful reader.
      await file.write(JSON.stringify(note), 0);
    } finally {
      await file.close();
    }
    return true;
  }
}

function fileOf(folder: string, number: number): string {
  return join(folder, `${number}.json`);
}

function beatText(beat: number): string {
  return String(beat).padStart(12, "0");
}

function parseNote(text: string): Note | undefined {
  try {
    const json: unknown = JSON.parse(text);
    const parsed = schema.safeParse(json);
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

async function numbersIn(folder: string): Promise<readonly number[]> {
  try {
    return (await readdir(folder)).flatMap((name) => {
      const number = /^(\d{1,15})\.json$/.exec(name)?.[1];
      return number === undefined ? [] : [Number(number)];
    });
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function highest(folder: string): Promise<number> {
  return Math.max(0, ...(await numbersIn(folder)));
}

/** False when the number was made already. */
async function makeExclusively(folder: string, number: number, note: Note): Promise<boolean> {
  return await createPrivateFile(fileOf(folder, number), JSON.stringify(note));
}

async function removeBelow(folder: string, number: number): Promise<void> {
  for (const one of await numbersIn(folder)) {
    if (one < number) await rm(fileOf(folder, one), { force: true });
  }
}
