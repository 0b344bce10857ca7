import { UnreadableFileError, type JournalDisk } from "../../src/machine/journal/disk";

/** A journal's folder in memory, with the troubles that a test asks for. */
export class MemoryDisk implements JournalDisk {
  readonly folder = "/memory";
  readonly files = new Map<string, Uint8Array>();
  readonly unreadable = new Set<string>();
  /** How many appends were made: each stands for one wait for the disk. */
  appends = 0;
  /** How many more bytes the disk takes. */
  room = Infinity;
  /** Thrown by calls of these kinds. */
  readonly failing = new Map<"truncate" | "create" | "append" | "remove" | "list" | "sync", Error>();
  /** Awaited by every call before it does anything. */
  pace: () => Promise<unknown> = () => Promise.resolve();

  constructor(files: Iterable<readonly [string, Uint8Array]> = []) {
    for (const [name, bytes] of files) this.files.set(name, bytes);
  }

  /** The names of the segments, oldest first. */
  get segments(): readonly string[] {
    return [...this.files.keys()].filter((name) => name.endsWith(".journal")).sort();
  }

  /** The bytes of the youngest segment. */
  get bytes(): Uint8Array {
    return this.files.get(this.segments.at(-1) ?? "") ?? new Uint8Array();
  }

  async list(): Promise<readonly string[]> {
    await this.#call("list");
    return [...this.files.keys()];
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    await this.pace();
    if (this.unreadable.has(name)) throw new UnreadableFileError(`${name} cannot be read`);
    return this.files.get(name);
  }

  async reserve(name: string): Promise<boolean> {
    await this.pace();
    if (this.files.has(name)) return false;
    this.files.set(name, new Uint8Array());
    return true;
  }

  async create(name: string, bytes: Uint8Array): Promise<void> {
    await this.#call("create");
    if (bytes.length > this.room) throw diskError("ENOSPC");
    this.#use(bytes.length);
    this.files.set(name, bytes);
  }

  async append(name: string, bytes: Uint8Array): Promise<void> {
    await this.#call("append");
    const file = this.#existing(name);
    const taken = bytes.subarray(0, Math.min(bytes.length, this.room));
    this.#use(taken.length);
    this.files.set(name, Buffer.concat([file, taken]));
    this.appends += 1;
    if (taken.length < bytes.length) throw diskError("ENOSPC");
    await this.#call("sync");
  }

  async truncate(name: string, size: number): Promise<void> {
    await this.#call("truncate");
    const file = this.#existing(name);
    this.#use(size - file.length);
    this.files.set(name, file.subarray(0, size));
  }

  async remove(name: string): Promise<void> {
    await this.#call("remove");
    this.#use(-(this.files.get(name)?.length ?? 0));
    this.files.delete(name);
  }

  async setAside(name: string): Promise<string | undefined> {
    await this.pace();
    const file = this.files.get(name);
    if (file === undefined) return undefined;
    const aside = `${name}.corrupt-${this.files.size}`;
    this.files.delete(name);
    this.files.set(aside, file);
    return aside;
  }

  #existing(name: string): Uint8Array {
    const file = this.files.get(name);
    if (file === undefined) throw diskError("ENOENT");
    return file;
  }

  #use(bytes: number): void {
    this.room -= bytes;
  }

  async #call(kind: "truncate" | "create" | "append" | "remove" | "list" | "sync"): Promise<void> {
    await this.pace();
    const failure = this.failing.get(kind);
    if (failure !== undefined) throw failure;
  }
}

/** What a disk in trouble throws. */
export function diskError(code: string): Error {
  return Object.assign(new Error(`${code}: made up`), { code });
}
