import { Redactor } from "../../src/base/redaction/redactor";
import { median, type Row } from "./table";

const megabytes = 4;
const rounds = 5;
const chunkChars = 4096;

/** What commands print, with a secret now and then. */
function output(secret: string): string[] {
  const lines: string[] = [];
  let size = 0;
  for (let n = 0; size < megabytes * 1_000_000; n += 1) {
    const line =
      n % 500 === 0
        ? `curl -H 'Authorization: ${secret}' https://api.example.com/things/${n}\n`
        : `  ✔ src/core/reporter.ts:${n} tells the platform "what changed" (${n % 90}ms) 0a1b2c3d4e5f60718293\n`;
    size += line.length;
    lines.push(line);
  }
  const text = lines.join("");
  return Array.from({ length: Math.ceil(text.length / chunkChars) }, (_one, at) =>
    text.slice(at * chunkChars, (at + 1) * chunkChars),
  );
}

/** The least that a stage of a text's way can do: each character looked at and put down again. */
function copy(chunks: readonly string[]): number {
  let length = 0;
  for (const chunk of chunks) {
    const units = new Uint16Array(chunk.length);
    for (let at = 0; at < chunk.length; at += 1) units[at] = chunk.charCodeAt(at);
    length += String.fromCharCode(...units).length;
  }
  return length;
}

function redacted(redactor: Redactor, chunks: readonly string[]): number {
  const stream = redactor.stream();
  let hidden = 0;
  for (const chunk of chunks) if (stream.push(chunk).includes("[hidden:")) hidden += 1;
  stream.end();
  return hidden;
}

function timed(work: () => number): number {
  const start = performance.now();
  if (work() === 0) throw new Error("nothing was done");
  return performance.now() - start;
}

/** Command output through the streaming redactor, against copying it character by character. */
export const redaction: Row = {
  name: "redaction",
  run: () => {
    const secret = "T0ps3cret-Value/with+signs";
    const redactor = new Redactor();
    redactor.add(secret, "secret value");
    const chunks = output(secret);
    const ours: number[] = [];
    const plain: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      plain.push(timed(() => copy(chunks)));
      ours.push(timed(() => redacted(redactor, chunks)));
    }
    const ratio = median(ours) / median(plain);
    const speed = megabytes / (median(ours) / 1000);
    return Promise.resolve([
      {
        what: `redaction, ${megabytes} MB in chunks of ${chunkChars / 1024} KB`,
        ours: `${speed.toFixed(0)} MB/s`,
        baseline: `${(megabytes / (median(plain) / 1000)).toFixed(0)} MB/s copied`,
        ratio,
        goal: "≤ 20",
        met: ratio <= 20,
      },
    ]);
  },
};
