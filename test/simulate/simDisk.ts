import { diskError } from "../fakes/memoryDisk";
import type { JournalDisk } from "../../src/machine/journal/disk";
import type { Dice } from "./dice";
import type { Life } from "./life";

/** The platter: what is there when a process dies is what the next one finds. */
export class Platter {
  readonly files = new Map<string, Uint8Array>();
  /** Until then every write fails with this, true time. */
  trouble: { readonly until: number; readonly code: string; readonly share: number } | undefined;
  /** How many writes failed so far. */
  failures = 0;
  /** A file was damaged at rest: what it said is lost. */
  rotten = false;
  asides = 0;

  /** Some bit turns over in one of the files. */
  rot(dice: Dice): void {
    const names = [...this.files.keys()].filter((name) => name.endsWith(".journal"));
    const name = dice.oneOf(names);
    const bytes = name === undefined ? undefined : this.files.get(name);
    if (name === undefined || bytes === undefined || bytes.length === 0) return;
    const at = dice.between(0, bytes.length - 1);
    const damaged = Uint8Array.from(bytes);
    damaged[at] = (damaged[at] ?? 0) ^ (1 << dice.between(0, 7));
    this.files.set(name, damaged);
    this.rotten = true;
  }
}

export interface SimDiskDeps {
  readonly platter: Platter;
  readonly life: Life;
  readonly dice: Dice;
  /** True time. */
  readonly now: () => number;
}

/**
 * The platter as one process writes it. The process may die in the midst of each call: an append then leaves any part of its
 * bytes, or zeros in their place; a new file is there whole or not at all; a removed one may be back.
 */
export class SimDisk implements JournalDisk {
  readonly folder = "/journal";
  readonly #deps: SimDiskDeps;

  constructor(deps: SimDiskDeps) {
    this.#deps = deps;
  }

  list(): Promise<readonly string[]> {
    return this.#do(() => [...this.#files.keys()]);
  }

  read(name: string): Promise<Uint8Array | undefined> {
    return this.#do(() => this.#files.get(name));
  }

  reserve(name: string): Promise<boolean> {
    return this.#do(() => {
      if (this.#files.has(name)) return false;
      this.#fail();
      this.#files.set(name, new Uint8Array());
      return true;
    });
  }

  async create(name: string, bytes: Uint8Array): Promise<void> {
    const { life, dice } = this.#deps;
    await life.call(() => {
      this.#fail();
      if (life.step()) this.#files.set(name, bytes);
      else if (dice.chance(0.5)) this.#files.set(name, bytes);
      else this.#files.set(".00000000-0000-4000-8000-000000000000.tmp", bytes.subarray(0, bytes.length >> 1));
    });
  }

  async append(name: string, bytes: Uint8Array): Promise<void> {
    const { life, dice } = this.#deps;
    await life.call(() => {
      const file = this.#existing(name);
      const written = dice.between(0, bytes.length);
      try {
        this.#fail();
      } catch (error) {
        this.#files.set(name, joined(file, bytes.subarray(0, written)));
        throw error;
      }
      if (life.step()) {
        this.#files.set(name, joined(file, bytes));
        return;
      }
      const zeros = new Uint8Array(dice.chance(0.1) ? bytes.length - written : 0);
      this.#files.set(name, joined(joined(file, bytes.subarray(0, written)), zeros));
    });
  }

  truncate(name: string, size: number): Promise<void> {
    return this.#do(() => {
      const file = this.#existing(name);
      this.#fail();
      this.#files.set(name, file.subarray(0, size));
    });
  }

  async remove(name: string): Promise<void> {
    const { life, dice } = this.#deps;
    await life.call(() => {
      const file = this.#files.get(name);
      if (file === undefined) return;
      this.#fail();
      this.#files.delete(name);
      if (!life.step() && dice.chance(0.5)) this.#files.set(name, file);
    });
  }

  setAside(name: string): Promise<string | undefined> {
    return this.#do(() => {
      const file = this.#files.get(name);
      if (file === undefined) return undefined;
      this.#fail();
      this.#deps.platter.asides += 1;
      const aside = `${name}.corrupt-${this.#deps.platter.asides}`;
      this.#files.delete(name);
      this.#files.set(aside, file);
      return aside;
    });
  }

  get #files(): Map<string, Uint8Array> {
    return this.#deps.platter.files;
  }

  #existing(name: string): Uint8Array {
    const file = this.#files.get(name);
    if (file === undefined) throw diskError("ENOENT");
    return file;
  }

  #fail(): void {
    const { platter, dice, now } = this.#deps;
    const { trouble } = platter;
    if (trouble === undefined || now() >= trouble.until || !dice.chance(trouble.share)) return;
    platter.failures += 1;
    throw diskError(trouble.code);
  }

  async #do<T>(act: () => T): Promise<T> {
    return await this.#deps.life.call(act);
  }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  return Buffer.concat([one, other]);
}
