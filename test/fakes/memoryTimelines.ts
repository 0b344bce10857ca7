import { UnreadableFileError } from "../../src/machine/journal/disk";
import type { FileMark, Piece, TimelineDisk } from "../../src/machine/timeline/disk";
import { diskError } from "./memoryDisk";

interface File {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** The folder of timelines in memory, with the troubles that a test asks for. */
export class MemoryTimelines implements TimelineDisk {
  readonly folder = "/timelines";
  readonly files = new Map<string, File>();
  readonly unreadable = new Set<string>();
  /** Thrown by each write. */
  failing: Error | undefined;
  /** Of what is appended while it fails, so many bytes arrive. */
  takes = 0;
  writes = 0;
  rewrites = 0;
  /** Awaited by every call before it does anything. */
  pace: () => Promise<unknown> = () => Promise.resolve();
  #made = 0;

  /** The text of the only file. */
  get text(): string {
    const [only] = this.files.values();
    return Buffer.from(only?.bytes ?? []).toString("utf8");
  }

  set(name: string, text: string): void {
    this.#made += 1;
    this.files.set(name, { file: String(this.#made), bytes: Buffer.from(text) });
  }

  async readSince(name: string, mark: FileMark | undefined): Promise<Piece | undefined> {
    await this.pace();
    if (this.unreadable.has(name)) throw new UnreadableFileError(`${name} cannot be read`);
    const found = this.files.get(name);
    if (found === undefined) return undefined;
    const { file, bytes } = found;
    const whole = mark?.file !== file || bytes.length < mark.size;
    return { mark: { file, size: bytes.length }, whole, bytes: bytes.slice(whole ? 0 : mark.size) };
  }

  async append(name: string, bytes: Uint8Array): Promise<number> {
    await this.pace();
    this.writes += 1;
    const before = this.files.get(name) ?? { file: String((this.#made += 1)), bytes: new Uint8Array() };
    const cut = before.bytes.length > 0 && before.bytes.at(-1) !== 0x0a;
    const added = Buffer.concat([Buffer.from(cut ? "\n" : ""), bytes]);
    const taken = this.failing === undefined ? added : added.subarray(0, this.takes);
    const all = Buffer.concat([before.bytes, taken]);
    if (all.length > 0) this.files.set(name, { ...before, bytes: all });
    if (this.failing !== undefined) throw this.failing;
    return all.length;
  }

  async replace(name: string, bytes: Uint8Array): Promise<void> {
    await this.pace();
    this.rewrites += 1;
    if (this.failing !== undefined) throw this.failing;
    this.#made += 1;
    this.files.set(name, { file: String(this.#made), bytes });
  }

  async setAside(name: string): Promise<void> {
    await this.pace();
    const found = this.files.get(name);
    if (found === undefined) throw diskError("ENOENT");
    this.files.delete(name);
    this.unreadable.delete(name);
    this.files.set(`${name}.corrupt`, found);
  }
}
