import * as z from "zod/mini";
import { LineReader } from "../../src/runtime/lineReader";
import { mapNotification } from "../../src/runtime/codex/mapping";
import { initialMapping, type MappingState } from "../../src/runtime/codex/state";
import { listedView, reduceSession } from "../../src/core/sessionReducer";
import { aSession } from "../fakes/builders";
import { median, type Row } from "./table";

const messageSchema = z.object({ method: z.string(), params: z.unknown() });
const megabytes = 20;
const rounds = 5;

/** Lines like a busy turn's: mostly command output that is told by the item's end, usage after each. */
function recording(): Buffer {
  const lines: string[] = [];
  let size = 0;
  for (let n = 0; size < megabytes * 1_000_000; n += 1) {
    const item = { type: "commandExecution", id: `c${n}`, command: "npm test", status: "completed" };
    const ended = { ...item, aggregatedOutput: "ok\n".repeat(300), exitCode: 0, durationMs: 12 };
    const counts = { totalTokens: n, inputTokens: n, cachedInputTokens: 0, outputTokens: 0 };
    const total = { ...counts, reasoningOutputTokens: 0 };
    for (const [method, params] of [
      ["item/started", { threadId: "t", turnId: "u", item }],
      ["item/commandExecution/outputDelta", { threadId: "t", itemId: item.id, delta: "ok\n".repeat(100) }],
      ["item/completed", { threadId: "t", turnId: "u", item: ended }],
      [
        "thread/tokenUsage/updated",
        { threadId: "t", turnId: "u", tokenUsage: { total, last: total, modelContextWindow: 258_400 } },
      ],
    ] as const) {
      const line = JSON.stringify({ method, params });
      size += line.length + 1;
      lines.push(line);
    }
  }
  return Buffer.from(`${lines.join("\n")}\n`);
}

function chunksOf(bytes: Buffer): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 65_536) chunks.push(bytes.subarray(at, at + 65_536));
  return chunks;
}

function toState(chunks: readonly Buffer[]): void {
  let mapping: MappingState = { ...initialMapping, threadId: "t", turnId: "u" };
  let view = reduceSession(listedView(aSession()), { kind: "claiming", at: 0 });
  view = reduceSession(view, { kind: "claimed", leaseEndsAt: 900_000 });
  const reader = new LineReader({
    maxBytes: 10_000_000,
    onOverlong: () => undefined,
    onLine: (line) => {
      const message = messageSchema.parse(JSON.parse(line));
      const [next, events] = mapNotification(mapping, message.method, message.params);
      mapping = next;
      for (const event of events) view = reduceSession(view, { kind: "runtime", event });
    },
  });
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  if (view.usage === undefined) throw new Error("the recording reached no state");
}

function onlyParse(text: string): void {
  for (const line of text.split("\n")) if (line !== "") JSON.parse(line);
}

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** The coding tool's stream, from bytes to the session's state, against JSON.parse of the same bytes. */
export const stream: Row = {
  name: "stream",
  run: () => {
    const bytes = recording();
    const chunks = chunksOf(bytes);
    const text = bytes.toString("utf8");
    const ours: number[] = [];
    const parse: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      parse.push(timed(() => onlyParse(text)));
      ours.push(timed(() => toState(chunks)));
    }
    const ratio = median(ours) / median(parse);
    return Promise.resolve([
      {
        what: `app-server stream, ${megabytes} MB to state`,
        ours: `${median(ours).toFixed(0)} ms`,
        baseline: `${median(parse).toFixed(0)} ms JSON.parse`,
        ratio,
        goal: "≤ 3",
        met: ratio <= 3,
      },
    ]);
  },
};
