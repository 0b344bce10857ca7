import type { Readable } from "node:stream";

/** A line longer than this ends the tool: no client of this protocol sends one. */
const longestLineBytes = 10 * 1024 * 1024;

/** Calls `onLine` for each line until the input ends. Throws on a line beyond 10 MiB. */
export async function eachLine(input: Readable, onLine: (line: string) => void): Promise<void> {
  let rest = Buffer.alloc(0);
  for await (const chunk of input) {
    rest = Buffer.concat([rest, Buffer.from(chunk)]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      onLine(rest.subarray(0, end).toString("utf8"));
      rest = rest.subarray(end + 1);
    }
    if (rest.length > longestLineBytes) throw new Error("A line is too long.");
  }
}
