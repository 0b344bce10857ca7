import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { systemClock } from "../../../src/base/clock";
import { silentLog } from "../../../src/base/log";
import type { OutboxEntry } from "../../../src/core/outbox";
import { openJournal, type OpenedJournal } from "../../../src/machine/journal/journal";
import { aRecord } from "../../fakes/builders";
import { diskError, MemoryDisk } from "../../fakes/memoryDisk";

const context = { clock: { ...systemClock, now: () => 1 }, log: silentLog };
const open = async (disk: MemoryDisk): Promise<OpenedJournal> => await openJournal(disk, context);

const activity = fc.record({
  activityId: fc.constantFrom("a1", "a2", "a3"),
  sequence: fc.integer({ min: 1, max: 5 }),
  type: fc.constant("progress" as const),
  message: fc.string({ unit: "binary" }),
  occurredAt: fc.nat(),
});
const metadata = fc.record({ plan: fc.string() }, { requiredKeys: [] });
const entryId = fc.constantFrom("1", "2", "3");
const entry: fc.Arbitrary<OutboxEntry> = fc.oneof(
  fc.record({
    kind: fc.constant("said" as const),
    said: fc.record({
      entryId,
      type: fc.constant("plan" as const),
      text: fc.string({ unit: "binary" }),
      at: fc.nat(),
    }),
  }),
  fc.record({ kind: fc.constant("sending" as const), activity, covers: fc.array(entryId) }),
  fc.record({
    kind: fc.constant("accepted" as const),
    activityId: fc.constantFrom("a1", "a2"),
    sequence: fc.integer({ min: 0, max: 9 }),
  }),
  fc.record({ kind: fc.constantFrom("noted" as const, "patched" as const), metadata }),
);
type Step =
  | {
      readonly kind: "save";
      readonly session: string;
      readonly outcome: "running" | "completed" | "abandoned";
    }
  | {
      readonly kind: "append";
      readonly session: string;
      readonly claim: string;
      readonly entry: OutboxEntry;
    };
const session = fc.constantFrom("s1", "s2", "s3");
const claim = fc.constantFrom("c1", "c2");
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("save" as const),
    session,
    outcome: fc.constantFrom("running", "completed", "abandoned"),
  }),
  fc.record({ kind: fc.constant("append" as const), session, claim, entry }),
);

async function take(journal: OpenedJournal, one: Step): Promise<void> {
  if (one.kind === "append") await journal.append(one.session, one.claim, one.entry);
  else {
    await journal.save(aRecord({ sessionId: one.session, outcome: one.outcome, title: one.outcome }));
  }
}

/** All that a journal says, to be compared. */
function said(journal: OpenedJournal): string {
  const outboxes = ["s1", "s2", "s3"].flatMap((one) =>
    ["c1", "c2"].map((other) => [one, other, journal.outbox(one, other)]),
  );
  const records = [...journal.list()].sort((one, other) => (one.sessionId < other.sessionId ? -1 : 1));
  return JSON.stringify([records, outboxes]);
}

describe("journal, whatever happens", () => {
  it("says after a crash at any byte what was acknowledged, or one entry more", async () => {
    const property = fc.asyncProperty(
      fc.array(step, { maxLength: 12 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(20),
      async (steps, part, zeros) => {
        const disk = new MemoryDisk();
        const journal = await open(disk);
        const name = disk.segments[0] ?? "";
        const states = [{ size: disk.bytes.length, text: said(journal) }];
        for (const one of steps) {
          await take(journal, one);
          states.push({ size: disk.bytes.length, text: said(journal) });
        }
        const first = states[0]?.size ?? 0;
        const cut = first + Math.floor(part * (disk.bytes.length - first));
        disk.files.set(name, Buffer.concat([disk.bytes.subarray(0, cut), Buffer.alloc(zeros)]));
        const acknowledged = states.findLastIndex((one) => one.size <= cut);
        const after = await open(disk);
        assert.equal(after.damage, undefined);
        const allowed = states.slice(acknowledged, acknowledged + 2).map((one) => one.text);
        assert.ok(allowed.includes(said(after)));
        assert.equal(said(await open(disk)), said(after));
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });

  it("keeps every line that was not touched, and tells of the others", async () => {
    const count = 8;
    const disk = new MemoryDisk();
    const journal = await open(disk);
    const name = disk.segments[0] ?? "";
    const ends: number[] = [];
    for (let n = 0; n < count; n += 1) {
      await journal.save(aRecord({ sessionId: `s${n}`, title: "x".repeat(n * 9) }));
      ends.push(disk.bytes.length);
    }
    const whole = Buffer.from(disk.bytes);
    const property = fc.asyncProperty(
      fc.nat(whole.length - 1),
      fc.oneof(fc.nat(5), fc.nat(900)),
      fc.uint8Array({ maxLength: 400 }),
      async (start, length, replacement) => {
        const end = Math.min(whole.length, start + length);
        const bytes = Buffer.concat([whole.subarray(0, start), replacement, whole.subarray(end)]);
        const after = await open(new MemoryDisk([[name, bytes]]));
        const there = new Set(after.list().map((one) => one.sessionId));
        const lost = ends.map((_, n) => n).filter((n) => !there.has(`s${n}`));
        for (const n of lost) {
          const from = n === 0 ? 0 : ends[n - 1];
          assert.ok(start < (ends[n] ?? 0) && end >= (from ?? 0), `line ${n} was not touched`);
        }
        // What a crash may leave as well cannot be told from one: a last part that is missing, or never was written.
        const shorter = bytes.length < whole.length;
        const asTorn =
          (end === whole.length && (shorter || bytes.at(-1) === 0)) ||
          (shorter && whole.subarray(0, bytes.length).equals(bytes));
        assert.ok(
          lost.length === 0 || after.damage !== undefined || asTorn,
          `${lost.join()} lost in silence`,
        );
      },
    );
    await fc.assert(property, { numRuns: 1500 });
  });

  it("has on the disk what it acknowledged, whichever calls fail", async () => {
    const fault = fc.record({
      room: fc.option(fc.nat(600), { nil: Infinity }),
      failing: fc.subarray(["truncate", "create", "append", "remove", "list", "sync"] as const),
      code: fc.constantFrom("EIO", "ENOSPC", "EROFS", "EMFILE"),
    });
    const property = fc.asyncProperty(fc.array(fc.option(fault), { maxLength: 15 }), async (faults) => {
      const disk = new MemoryDisk();
      const journal = await open(disk);
      const acknowledged: string[] = [];
      for (const [index, one] of faults.entries()) {
        disk.room = one?.room ?? Infinity;
        disk.failing.clear();
        for (const kind of one?.failing ?? []) disk.failing.set(kind, diskError(one?.code ?? ""));
        const pair = [`${index}x`, `${index}y`];
        const saves = pair.map(async (sessionId) => {
          await journal.save(aRecord({ sessionId, startedAt: index }));
          acknowledged.push(sessionId);
        });
        await Promise.allSettled(saves);
      }
      disk.room = Infinity;
      disk.failing.clear();
      assert.deepEqual(
        journal.list().map((one) => one.sessionId),
        acknowledged,
      );
      await journal.save(aRecord({ sessionId: "last", startedAt: 99 }));
      const after = await open(disk);
      assert.equal(after.damage, undefined);
      assert.deepEqual(
        after.list().map((one) => one.sessionId),
        [...acknowledged, "last"],
      );
    });
    await fc.assert(property, { numRuns: 300 });
  });

  it("loses nothing that was acknowledged to an owner that another one replaces, in any order of their steps", async () => {
    const property = fc.asyncProperty(fc.scheduler(), fc.boolean(), async (scheduler, mending) => {
      const disk = new MemoryDisk();
      const first = await open(disk);
      if (mending) {
        disk.room = 10;
        await assert.rejects(first.save(aRecord()));
        disk.room = Infinity;
      }
      disk.pace = () => scheduler.schedule(Promise.resolve());
      const acknowledged: string[] = [];
      const writeTo = async (journal: OpenedJournal, names: string): Promise<void> => {
        for (const sessionId of names) {
          const done = journal.save(aRecord({ sessionId })).then(() => acknowledged.push(sessionId));
          await done.catch(() => undefined);
        }
      };
      const work = Promise.all([
        writeTo(first, "abcd"),
        open(disk).then((second) => writeTo(second, "mnop")),
        open(disk).then((third) => writeTo(third, "wxyz")),
      ]);
      await scheduler.waitFor(work);
      disk.pace = () => Promise.resolve();
      const after = await open(disk);
      assert.equal(after.damage, undefined);
      const there = new Set(after.list().map((one) => one.sessionId));
      for (const one of acknowledged) assert.ok(there.has(one), `${one} is lost`);
      assert.ok(acknowledged.includes("p") || acknowledged.includes("z"), "nobody came through");
    });
    await fc.assert(property, { numRuns: 300 });
  });
});
