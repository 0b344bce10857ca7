import assert from "node:assert/strict";
import { beforeEach, describe, it } from "mocha";
import { systemClock } from "../../../src/base/clock";
import { silentLog } from "../../../src/base/log";
import { openJournal, type OpenedJournal } from "../../../src/machine/journal/journal";
import { aRecord } from "../../fakes/builders";
import { diskError, MemoryDisk } from "../../fakes/memoryDisk";

const context = { clock: { ...systemClock, now: () => 1 }, log: silentLog };
let disk: MemoryDisk;
let journal: OpenedJournal;
const open = async (): Promise<OpenedJournal> => await openJournal(disk, context);
const sessions = (one: OpenedJournal): string =>
  one
    .list()
    .map((record) => record.sessionId)
    .join("");
const save = async (sessionId: string): Promise<void> =>
  await journal.save(aRecord({ sessionId, startedAt: sessionId.charCodeAt(0) }));

/** What a later process finds is what was said to be noted. */
async function assertKept(expected: string): Promise<void> {
  assert.equal(sessions(journal), expected);
  const after = await open();
  assert.equal(after.damage, undefined);
  assert.equal(sessions(after), expected);
}

beforeEach(async () => {
  disk = new MemoryDisk();
  journal = await open();
  await save("a");
});

describe("a journal on a disk in trouble", () => {
  it("says what it could not note, and works on when there is room again", async () => {
    disk.room = 30;
    const full = /^JournalError: the disk has no room left \(\/memory, ENOSPC\)$/;
    await assert.rejects(save("b"), full);
    await assert.rejects(save("c"), full);
    assert.equal(sessions(journal), "a");
    disk.room = Infinity;
    await save("d");
    await assertKept("ad");
  });

  it("leaves a part of a line behind that the next process does not mind", async () => {
    disk.room = 30;
    await assert.rejects(save("b"));
    disk.room = Infinity;
    await assertKept("a");
  });

  it("turns those away that wait behind a failed write, so that nothing overtakes", async () => {
    disk.failing.set("append", diskError("EIO"));
    const waiting = ["b", "c", "d"].map((one) => save(one));
    const results = await Promise.allSettled(waiting);
    assert.deepEqual(
      results.map((one) => one.status),
      ["rejected", "rejected", "rejected"],
    );
    disk.failing.clear();
    await save("e");
    await assertKept("ae");
  });

  it("does not vouch for what the disk did not confirm", async () => {
    disk.failing.set("sync", diskError("EIO"));
    await assert.rejects(save("b"), /the disk failed/);
    disk.failing.clear();
    await save("c");
    await assertKept("ac");
  });

  it("writes everything anew where the file cannot be mended", async () => {
    disk.room = 30;
    await assert.rejects(save("b"));
    disk.room = Infinity;
    disk.failing.set("truncate", diskError("EIO"));
    await save("c");
    disk.failing.clear();
    await assertKept("ac");
  });

  it("waits until something works, and leaves nothing lying about meanwhile", async () => {
    for (const one of ["append", "truncate", "create"] as const) disk.failing.set(one, diskError("EROFS"));
    for (let n = 0; n < 50; n += 1) await assert.rejects(save("b"), /the disk can only be read/);
    assert.ok(disk.files.size <= 3, [...disk.files.keys()].join());
    disk.failing.clear();
    await save("c");
    await assertKept("ac");
  });

  it("writes everything anew where its files were removed", async () => {
    disk.files.clear();
    await assert.rejects(save("b"), /the folder was removed|were removed/);
    await save("c");
    await assertKept("ac");
  });

  it("does not open where it cannot write, changes nothing there, and opens later", async () => {
    const before = new Map(disk.files);
    disk.failing.set("create", diskError("ENOSPC"));
    for (let n = 0; n < 3; n += 1) await assert.rejects(open(), /the disk has no room left/);
    assert.deepEqual(disk.files, before);
    disk.failing.clear();
    assert.equal(sessions(await open()), "a");
  });

  it("works where old files cannot be removed", async () => {
    disk.failing.set("remove", diskError("EPERM"));
    journal = await open();
    await save("b");
    await assertKept("ab");
  });

  it("removes what a crash left of a file that was being made", async () => {
    disk.files.set(".01234567-89ab-cdef-0123-456789abcdef.tmp", Buffer.from("half"));
    await open();
    assert.deepEqual([...disk.files.keys()].sort(), ["0000000002.journal", "0000000002.owner"]);
  });
});

describe("a journal that another one replaced", () => {
  it("is turned away for good, with whatever it tries", async () => {
    const next = await open();
    await assert.rejects(save("b"), /^JournalError: another window keeps the notes of this worker now$/);
    await assert.rejects(save("c"), /another window/);
    await next.save(aRecord({ sessionId: "d", startedAt: 200 }));
    assert.equal(sessions(await open()), "ad");
  });

  it("does not mend its file into a newer one", async () => {
    disk.room = 30;
    await assert.rejects(save("b"));
    disk.room = Infinity;
    const next = await open();
    await assert.rejects(save("c"), /another window/);
    await next.save(aRecord({ sessionId: "d", startedAt: 200 }));
    assert.equal(sessions(await open()), "ad");
  });
});
