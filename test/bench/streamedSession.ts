import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock as clock } from "../../src/base/clock";
import { LinkedAbort } from "../../src/base/abort";
import { silentLog as log } from "../../src/base/log";
import { systemRandom as random } from "../../src/base/random";
import { Redactor } from "../../src/base/redaction/redactor";
import { metadataOf, narrate } from "../../src/core/narrate";
import { OutboxLog } from "../../src/core/outboxLog";
import { cancelled } from "../../src/core/ports/person";
import type { Journal } from "../../src/core/ports/journal";
import type { RunRequest, Runtime, RuntimeEvent } from "../../src/core/ports/runtime";
import { redactedJournal } from "../../src/core/redacted/redactedJournal";
import { redactedRuntime } from "../../src/core/redacted/redactedRuntime";
import { Reporter } from "../../src/core/reporter";
import { Store } from "../../src/core/store";
import { openJournal } from "../../src/machine/journal/journal";
import { journalDisk } from "../../src/machine/journal/realDisk";
import { isRead, mapNotification } from "../../src/runtime/codex/mapping";
import { initialMapping, type MappingState } from "../../src/runtime/codex/state";
import { JsonRpcPeer } from "../../src/runtime/jsonRpc";
import { LineReader } from "../../src/runtime/lineReader";
import { redactedJson } from "../../src/runtime/redactedJson";
import { aSession } from "../fakes/builders";

const threadId = "t";
const turnId = "u";
const chunkBytes = 65_536;

/** Lines like a busy turn's: mostly command output that is told by the item's end, usage after each; in chunks. */
export function recordingOf(megabytes: number): readonly Buffer[] {
  const lines: string[] = [];
  let size = 0;
  for (let n = 0; size < megabytes * 1_000_000; n += 1) {
    const item = { type: "commandExecution", id: `c${n}`, command: "npm test", status: "completed" };
    const ended = { ...item, aggregatedOutput: "ok\n".repeat(300), exitCode: 0, durationMs: 12 };
    const counts = { totalTokens: n, inputTokens: n, cachedInputTokens: 0, outputTokens: 0 };
    const total = { ...counts, reasoningOutputTokens: 0 };
    for (const [method, params] of [
      ["item/started", { threadId, turnId, item }],
      ["item/commandExecution/outputDelta", { threadId, itemId: item.id, delta: "ok\n".repeat(100) }],
      ["item/completed", { threadId, turnId, item: ended }],
      [
        "thread/tokenUsage/updated",
        { threadId, turnId, tokenUsage: { total, last: total, modelContextWindow: 258_400 } },
      ],
    ] as const) {
      const line = JSON.stringify({ method, params });
      size += line.length + 1;
      lines.push(line);
    }
  }
  const bytes = Buffer.from(`${lines.join("\n")}\n`);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) chunks.push(bytes.subarray(at, at + chunkBytes));
  return chunks;
}

/**
 * What a session does with the bytes of its tool, part by part as the worker has it: lines, JSON-RPC, the mapping behind the
 * redactor, the store, the reporter with its outbox in a journal on the disk. The platform takes every report at once.
 */
export class StreamedSession {
  readonly store = new Store((error) => process.stderr.write(`${String(error)}\n`));
  /** Activities that were told. */
  told = 0;
  readonly #folder = mkdtempSync(join(tmpdir(), "bench-"));
  readonly #redactor = new Redactor();
  readonly #life = new LinkedAbort();
  readonly #opened: Promise<(chunk: Uint8Array | undefined) => void>;
  #feed: ((chunk: Uint8Array | undefined) => void) | undefined;
  #reporter: Reporter | undefined;
  #over: Promise<unknown> = Promise.resolve();

  constructor() {
    this.#redactor.add("T0ps3cret-Value/with+signs", "secret value");
    this.#opened = this.#open();
  }

  /** Resolves when it can be fed. */
  async open(): Promise<this> {
    this.#feed = await this.#opened;
    return this;
  }

  push(chunk: Uint8Array): void {
    this.#feed?.(chunk);
  }

  /** The stream is over; resolves when all of it was told. */
  async end(): Promise<void> {
    this.#feed?.(undefined);
    await this.#reporter?.flush();
    this.#life.abort(new Error("the session is over"));
    await this.#over;
    this.store.dispose();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #open(): Promise<(chunk: Uint8Array | undefined) => void> {
    const disk = journalDisk(this.#folder, { origin: "o", workerId: "w" }, clock);
    const journal = redactedJournal(await openJournal(disk, { clock, log }), this.#redactor);
    const reporter = this.#makeReporter(journal);
    this.#reporter = reporter;
    const session = aSession();
    const { sessionId } = session;
    this.store.dispatch({ kind: "polled", at: 0, sessions: [session] });
    this.store.dispatch({ kind: "session", sessionId, change: { kind: "claiming", at: 0 } });
    this.store.dispatch({ kind: "session", sessionId, change: { kind: "claimed", leaseEndsAt: 900_000 } });
    const hear = (event: RuntimeEvent): void => {
      const change = { kind: "runtime", event, at: clock.now() } as const;
      this.store.dispatch({ kind: "session", sessionId, change });
      const narration = narrate(event);
      if (narration !== undefined) reporter.tell(narration.type, narration.text);
      const metadata = metadataOf(event);
      if (metadata !== undefined) reporter.note(metadata);
    };
    return await this.#connect(hear);
  }

  #makeReporter(journal: Journal): Reporter {
    const sessionId = aSession().sessionId;
    const outbox = new OutboxLog({
      ...{ log, sessionId, initial: journal.outbox(sessionId, "c") },
      append: (entry) => journal.append(sessionId, "c", entry),
    });
    const reporter = new Reporter({
      ...{ clock, random, log, sessionId, outbox, continued: false },
      sendActivity: () => Promise.resolve("stored"),
      sendMetadata: () => Promise.resolve(),
      onAccepted: () => (this.told += 1),
    });
    this.#over = reporter.run(this.#life.signal).catch(() => undefined);
    return reporter;
  }

  /** The way from the tool's bytes to its events, as the runtime has it; fed until it gets undefined. */
  #connect(hear: (event: RuntimeEvent) => void): Promise<(chunk: Uint8Array | undefined) => void> {
    return new Promise((resolve) => {
      const run: Runtime["run"] = (_request, onEvent) => {
        let state: MappingState = { ...initialMapping, threadId, turnId };
        const rpc = new JsonRpcPeer({
          ...{ clock, log, send: () => undefined, onRequest: () => undefined },
          onNotification: (method, params) => {
            if (!isRead(method)) return;
            const [next, events] = mapNotification(state, method, redactedJson(params, this.#redactor));
            state = next;
            for (const event of events) onEvent(event);
          },
        });
        const reader = new LineReader({
          ...{ maxBytes: 10_000_000, onOverlong: () => undefined },
          onLine: (line) => rpc.receive(line),
        });
        return new Promise((ended) => {
          resolve((chunk) => {
            if (chunk !== undefined) {
              reader.push(chunk);
              return;
            }
            reader.end();
            ended({ kind: "completed", finalMessage: undefined });
          });
        });
      };
      const probe: Runtime["probe"] = () => Promise.reject(new Error("nothing is probed"));
      const runtime = { provider: "codex", run, probe, endLeftovers: () => Promise.resolve(0) };
      void redactedRuntime(runtime, this.#redactor).run(request, hear, this.#life.signal);
    });
  }
}

const request: RunRequest = {
  ...{ sessionId: "s", provider: "codex", workingDirectory: "/w", artifactsDirectory: "/a" },
  ...{ trustedInstructions: "", untrustedInput: "", command: ["codex"], model: undefined, effort: undefined },
  ...{ environmentNames: [], workerName: "w", marker: "m", turnTimeoutMs: 1, stallTimeoutMs: 1 },
  policy: { sandbox: "workspace-write", approvals: "never", network: false },
  ...{ resumeThreadId: threadId, workKey: "k", ask: () => Promise.resolve(cancelled) },
  useTool: () => Promise.resolve({ ok: false, text: "" }),
};
