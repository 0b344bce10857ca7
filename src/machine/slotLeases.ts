import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { link, lstat, rename, utimes } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import { LinkedAbort } from "../base/abort";
import { onDispose, type Disposable } from "../base/disposable";
import { messageOf } from "../base/log";
import { createPrivateFile, isMissing, readPrivateFile, removePrivateFile } from "./files";
import type { StateContext } from "./jsonFile";

/** How often the file of a held slot is touched, and for how long after that it counts in another place. */
const touchMs = 5000;
const freshMs = 30_000;

const schema = z.object({ place: z.string() });

/**
 * The file beside each slot that is held. In one place the operating system's name decides and the file only tells who;
 * in another one, a container that shares the home and not the names, a file that is kept fresh stands for its holder.
 */
export class SlotLeases {
  readonly #folder: string;
  readonly #place: string;
  readonly #context: StateContext;

  /** @param place where this process runs, as `readPlace` tells it. */
  constructor(folder: string, place: string, context: StateContext) {
    this.#folder = folder;
    this.#place = place;
    this.#context = context;
  }

  async isHeldElsewhere(index: number): Promise<boolean> {
    return await this.#isOfAnother(this.#fileOf(index));
  }

  /** Removes what a killed process left behind. Call while holding the slot's name, where it is not held elsewhere. */
  async clear(index: number): Promise<void> {
    const path = this.#fileOf(index);
    const aside = join(this.#folder, `.${randomUUID()}.tmp`);
    try {
      if (!(await lstat(path)).isFile()) await removePrivateFile(path);
      if (await this.#isOfAnother(path)) return;
      // Looked at once more where nobody can replace it: another place may have taken the slot this moment.
      await rename(path, aside);
    } catch (error) {
      if (isMissing(error)) return;
      throw error;
    }
    if (await this.#isOfAnother(aside)) await link(aside, path).catch(() => undefined);
    await removePrivateFile(aside);
  }

  /** Tells who holds the slot until it is disposed; undefined when another place was faster. As `clear`. */
  async take(index: number, holder: string): Promise<Disposable | undefined> {
    const path = this.#fileOf(index);
    const { clock, log } = this.#context;
    const lease = { version: 1, slot: index, holder, processId: process.pid, place: this.#place };
    const text = `${JSON.stringify({ ...lease, acquiredAt: clock.now() }, undefined, 2)}\n`;
    await this.clear(index);
    if (!(await createPrivateFile(path, text))) return undefined;
    const life = new LinkedAbort();
    this.#keepFresh(path, text, life.signal).catch(() => undefined);
    return onDispose(() => {
      life.abort(new Error("given back"));
      life.dispose();
      try {
        rmSync(path, { force: true });
      } catch (error) {
        log.warn("An execution lease file could not be removed", { path, reason: messageOf(error) });
      }
    });
  }

  async #isOfAnother(path: string): Promise<boolean> {
    try {
      const stat = await lstat(path);
      if (!stat.isFile() || Math.abs(this.#context.clock.now() - stat.mtimeMs) > freshMs) return false;
      const place = placeIn((await readPrivateFile(path)) ?? "");
      return place !== undefined && place !== this.#place;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  async #keepFresh(path: string, text: string, signal: AbortSignal): Promise<never> {
    const { clock, log } = this.#context;
    let told = false;
    for (;;) {
      await clock.sleep(touchMs, signal);
      try {
        await this.#touch(path, text, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (told) continue;
        told = true;
        log.warn("An execution lease file could not be renewed", { path, reason: messageOf(error) });
      }
    }
  }

  async #touch(path: string, text: string, signal: AbortSignal): Promise<void> {
    const seconds = this.#context.clock.now() / 1000;
    try {
      await utimes(path, seconds, seconds);
    } catch (error) {
      signal.throwIfAborted();
      if (!isMissing(error)) throw error;
      // Somebody cleared the state folder.
      const isMade = await createPrivateFile(path, text);
      if (isMade && signal.aborted) rmSync(path, { force: true });
    }
  }

  #fileOf(index: number): string {
    return join(this.#folder, `slot-${index}.json`);
  }
}

/** Undefined in a file that an older version wrote. */
function placeIn(text: string): string | undefined {
  try {
    const json: unknown = JSON.parse(text);
    const parsed = schema.safeParse(json);
    return parsed.success ? parsed.data.place : undefined;
  } catch {
    return undefined;
  }
}
