import { createHash } from "node:crypto";
import { parseLine, type JournalLine } from "./lines";

/**
 * A segment is a file of lines `<checksum> <number> <length> <json>`. The checksum covers the segment's number, the line's
 * number from 0 and the JSON, so that a line that was changed, lost, doubled or moved is noticed, and the others stand.
 */
export interface DecodedSegment {
  /** What checks out, in order. */
  readonly lines: readonly JournalLine[];
  /** Why the file is damaged; a last line that a crash cut short is no damage. */
  readonly damage: string | undefined;
  /** The head and all of its snapshot are there, so that older segments say nothing new. */
  readonly whole: boolean;
  /** Lines that check out and mean nothing to this version. */
  readonly unknown: number;
}

const newline = 0x0a;
const header = /^([0-9a-f]{16}) (\d{1,10}) (\d{1,10}) /;
/** How a header looks that was cut short. */
const headerStart = /^(?:[0-9a-f]{0,16}|[0-9a-f]{16} \d{0,10}|[0-9a-f]{16} \d{1,10} \d{0,10})$/;

/** The bytes of lines whose first one has the number `first`. */
export function encodeLines(segment: number, first: number, jsons: readonly string[]): Buffer {
  const lines = jsons.map((json, index) => {
    const rest = `${first + index} ${Buffer.byteLength(json)} ${json}`;
    return `${checksum(segment, rest)} ${rest}\n`;
  });
  return Buffer.from(lines.join(""), "utf8");
}

export function decodeSegment(segment: number, bytes: Uint8Array): DecodedSegment {
  const reader = new SegmentReader(segment);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let start = 0;
  for (let end = buffer.indexOf(newline); end >= 0; end = buffer.indexOf(newline, start)) {
    reader.line(buffer.subarray(start, end));
    start = end + 1;
  }
  if (start < buffer.length) reader.tail(buffer.subarray(start));
  return reader.end();
}

class SegmentReader {
  readonly #segment: number;
  readonly #lines: JournalLine[] = [];
  #next = 0;
  #gapAt: number | undefined;
  #damage: string | undefined;
  #unknown = 0;

  constructor(segment: number) {
    this.#segment = segment;
  }

  line(bytes: Buffer): void {
    if (!this.#take(bytes)) this.#fault(`line ${this.#next} does not check out`);
  }

  /** What follows the last end of a line. A file system may leave zeros where a crash kept it from writing. */
  tail(bytes: Buffer): void {
    const length = bytes.findLastIndex((one) => one !== 0) + 1;
    const written = bytes.subarray(0, length);
    // A crash may cut exactly the end of the line off; anything else in its place is damage.
    if (this.#take(written)) return;
    if (this.#take(written.subarray(0, -1))) this.#fault("the end of the last line is damaged");
    else if (!this.#isTorn(written)) this.#fault("the last line does not check out");
  }

  end(): DecodedSegment {
    const [head] = this.#lines;
    const snapshot = head?.kind === "head" ? head.lines + 1 : undefined;
    if (snapshot === undefined) this.#fault("the head is missing");
    else if (this.#next < snapshot) this.#fault("the snapshot is cut short");
    const whole = snapshot !== undefined && snapshot <= Math.min(this.#next, this.#gapAt ?? Infinity);
    return { lines: this.#lines, damage: this.#damage, whole, unknown: this.#unknown };
  }

  #fault(reason: string): void {
    this.#damage ??= reason;
    this.#gapAt ??= this.#next;
  }

  #take(bytes: Buffer): boolean {
    const text = bytes.toString("utf8");
    const [start, sum, number, length] = header.exec(text) ?? [];
    if (start === undefined || bytes.length !== start.length + Number(length)) return false;
    if (checksum(this.#segment, text.slice(17)) !== sum) return false;
    const at = Number(number);
    if (at !== this.#next) this.#fault(`line ${this.#next} is missing`);
    // A line that came before is a copy of one that was taken.
    if (at < this.#next) return true;
    this.#next = at + 1;
    const line = parseLine(text.slice(start.length));
    if (line === undefined) this.#unknown += 1;
    else this.#lines.push(line);
    return true;
  }

  /** Is it the beginning of the next line? */
  #isTorn(bytes: Buffer): boolean {
    const text = bytes.toString("latin1");
    const [start, , number, length] = header.exec(text) ?? [];
    if (start === undefined) return headerStart.test(text);
    return Number(number) === this.#next && text.length < start.length + Number(length);
  }
}

function checksum(segment: number, rest: string): string {
  return createHash("sha256").update(`${segment} ${rest}`).digest("hex").slice(0, 16);
}
