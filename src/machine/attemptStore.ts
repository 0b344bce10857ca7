import { readdir } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import { KeyedQueue } from "../base/keyedQueue";
import { messageOf } from "../base/log";
import { applyOutbox, emptyOutbox, type OutboxState } from "../core/outbox";
import type { AttemptRecord, Journal } from "../core/ports/journal";
import { ensurePrivateFolder, removePrivateFile } from "./files";
import { readJsonFile, writeJsonFile, type StateContext } from "./jsonFile";
import { hashedName } from "./paths";

const keptMs = 30 * 24 * 3_600_000;
/** Finished attempts beyond this many are dropped, oldest first. */
const keptFinished = 500;

const text = z.string().check(z.maxLength(5000));
const time = z.number();
const schema = z.object({
  version: z.literal(1),
  sessionId: text.check(z.minLength(1)),
  claimId: text,
  title: text,
  startedAt: time,
  worktreePath: z.optional(text),
  workingDirectory: z.optional(text),
  branch: z.optional(text),
  baseCommit: z.optional(text),
  baseBranch: z.optional(text),
  threadId: z.optional(text),
  step: z.enum(["claiming", "preparing", "executing", "committing", "publishing", "finishing", "ended"]),
  headCommit: z.optional(text),
  marker: z.optional(text),
  tries: z.int().check(z.minimum(0)),
  outcome: z.enum(["running", "completed", "failed", "released", "cancelled", "abandoned", "interrupted"]),
  endedAt: z.optional(time),
  detail: z.optional(text),
  stat: z.optional(z.object({ files: z.number(), added: z.number(), deleted: z.number() })),
  usage: z.optional(
    z.object({
      inputTokens: z.number(),
      cachedInputTokens: z.number(),
      outputTokens: z.number(),
      reasoningOutputTokens: z.number(),
      totalTokens: z.number(),
      contextWindow: z.optional(z.number()),
    }),
  ),
  releasedByPerson: z.boolean(),
  archived: z.boolean(),
});

/** The attempts of one worker on this machine, a file each. Only the worker's owner process opens it for writing. */
export interface OpenedAttemptStore extends Journal {
  /** How many files were damaged and set aside when the store was opened: a person should know. */
  readonly damaged: number;
}

/**
 * Loads the attempts of a worker. Finished ones older than 30 days are dropped from the disk; one file that cannot be
 * read does not hide the others.
 */
export async function openAttemptStore(
  stateFolder: string,
  worker: { readonly origin: string; readonly workerId: string },
  context: StateContext,
): Promise<OpenedAttemptStore> {
  const attempts = join(stateFolder, "attempts");
  const folder = join(attempts, hashedName(worker.origin, worker.workerId));
  for (const one of [stateFolder, attempts, folder]) await ensurePrivateFolder(one);
  const fileOf = (sessionId: string): string => join(folder, `${hashedName(sessionId)}.json`);
  const loaded = await loadAll(folder, context);
  const dropped = outdated(loaded.records, context.clock.now());
  for (const one of dropped) await removePrivateFile(fileOf(one.sessionId));

  const records = new Map<string, AttemptRecord>();
  for (const one of loaded.records) if (!dropped.has(one)) records.set(one.sessionId, one);
  const queue = new KeyedQueue();
  const outboxes = new Map<string, OutboxState>();
  const outbox = (sessionId: string, claimId: string): OutboxState =>
    outboxes.get(`${sessionId} ${claimId}`) ?? emptyOutbox;
  return {
    outbox,
    append: (sessionId, claimId, entry) => {
      outboxes.set(`${sessionId} ${claimId}`, applyOutbox(outbox(sessionId, claimId), entry));
      return Promise.resolve();
    },
    damaged: loaded.damaged,
    list: () => [...records.values()].sort((one, other) => one.startedAt - other.startedAt),
    save: async (record) =>
      await queue.run(record.sessionId, async () => {
        const stored = schema.parse({
          ...record,
          version: 1,
          title: record.title.slice(0, 1000),
          detail: record.detail?.slice(0, 5000),
        });
        await writeJsonFile(fileOf(record.sessionId), stored);
        records.set(record.sessionId, toRecord(stored));
      }),
  };
}

async function loadAll(
  folder: string,
  context: StateContext,
): Promise<{ readonly records: readonly AttemptRecord[]; readonly damaged: number }> {
  const records: AttemptRecord[] = [];
  let damaged = 0;
  for (const name of await readdir(folder)) {
    if (!/^[0-9a-f]{40}\.json$/.test(name)) continue;
    const path = join(folder, name);
    const matching = schema.check(z.refine((one) => `${hashedName(one.sessionId)}.json` === name));
    try {
      const stored = await readJsonFile(path, matching, context);
      if (stored === undefined) damaged += 1;
      else records.push(toRecord(stored));
    } catch (error) {
      damaged += 1;
      context.log.warn("A note about an attempt could not be read", { path, reason: messageOf(error) });
    }
  }
  return { records, damaged };
}

function outdated(records: readonly AttemptRecord[], now: number): ReadonlySet<AttemptRecord> {
  const finished = records
    .filter((one) => one.endedAt !== undefined || !["running", "interrupted"].includes(one.outcome))
    .sort((one, other) => (other.endedAt ?? other.startedAt) - (one.endedAt ?? one.startedAt));
  return new Set(
    finished.filter((one, index) => index >= keptFinished || now - (one.endedAt ?? one.startedAt) > keptMs),
  );
}

function toRecord(stored: z.infer<typeof schema>): AttemptRecord {
  return {
    sessionId: stored.sessionId,
    claimId: stored.claimId,
    title: stored.title,
    startedAt: stored.startedAt,
    worktreePath: stored.worktreePath,
    workingDirectory: stored.workingDirectory,
    branch: stored.branch,
    baseCommit: stored.baseCommit,
    baseBranch: stored.baseBranch,
    threadId: stored.threadId,
    step: stored.step,
    headCommit: stored.headCommit,
    marker: stored.marker,
    tries: stored.tries,
    ran: undefined,
    ending: undefined,
    outcome: stored.outcome,
    endedAt: stored.endedAt,
    detail: stored.detail,
    stat: stored.stat,
    usage: stored.usage && { ...stored.usage, contextWindow: stored.usage.contextWindow },
    releasedByPerson: stored.releasedByPerson,
    archived: stored.archived,
  };
}
