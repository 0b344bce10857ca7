import assert from "node:assert/strict";
import { beforeEach, describe, it } from "mocha";
import { systemClock } from "../../../src/base/clock";
import { silentLog } from "../../../src/base/log";
import { openJournal, readJournal, type OpenedJournal } from "../../../src/machine/journal/journal";
import { encodeLines } from "../../../src/machine/journal/segment";
import { aRecord } from "../../fakes/builders";
import { MemoryDisk } from "../../fakes/memoryDisk";

const context = { clock: { ...systemClock, now: () => 1 }, log: silentLog };
let disk: MemoryDisk;
const open = async (): Promise<OpenedJournal> => await openJournal(disk, context);
const sessions = (journal: OpenedJournal): string =>
  journal
    .list()
    .map((one) => one.sessionId)
    .join("");

/** The lines of a segment that a, b and c were saved to: the head, then one each. */
const change = (edit: (lines: readonly string[]) => string): Buffer =>
  Buffer.from(edit(Buffer.from(disk.bytes).toString("latin1").split("\n")), "latin1");
const joined = (...lines: readonly (string | undefined)[]): string => lines.map((one) => `${one}\n`).join("");
const flipped = (line = "", at = 40): string =>
  `${line.slice(0, at)}${String.fromCharCode(line.charCodeAt(at) ^ 1)}${line.slice(at + 1)}`;

beforeEach(async () => {
  disk = new MemoryDisk();
  const journal = await open();
  for (const [index, sessionId] of ["a", "b", "c"].entries()) {
    await journal.save(aRecord({ sessionId, startedAt: index }));
  }
});

const damages: readonly (readonly [
  name: string,
  kept: string,
  edit: (lines: readonly string[]) => string,
])[] = [
  ["a bit that turned", "ac", ([head, a, b, c]) => joined(head, a, flipped(b), c)],
  ["a checksum that turned", "bc", ([head, a, b, c]) => joined(head, flipped(a, 3), b, c)],
  ["a line number that turned", "bc", ([head, a, b, c]) => joined(head, flipped(a, 17), b, c)],
  ["a bit that turned in the last line", "ab", ([head, a, b, c]) => joined(head, a, b, flipped(c))],
  ["a lost line", "ac", ([head, a, , c]) => joined(head, a, c)],
  ["a doubled line", "abc", ([head, a, b, c]) => joined(head, a, b, b, c)],
  ["lines that changed places", "ac", ([head, a, b, c]) => joined(head, a, c, b)],
  ["a line cut in two", "ac", ([head, a, b, c]) => joined(head, a, b?.slice(0, 50), b?.slice(50), c)],
  ["a line end that is lost", "a", ([head, a, b, c]) => joined(head, a, `${b}${c}`)],
  ["a last line end that turned", "abc", ([head, a, b, c]) => `${joined(head, a, b)}${c}x`],
  ["something behind the last line", "abc", (lines) => `${lines.join("\n")}some text`],
  ["a strange line", "abc", ([head, a, b, c]) => joined(head, a, "", b, c)],
  ["no head", "abc", ([, a, b, c]) => joined(a, b, c)],
  ["a head that turned", "abc", ([head, a, b, c]) => joined(flipped(head), a, b, c)],
  ["zeros in the middle", "ac", ([head, a, b, c]) => joined(head, a, "\0".repeat(b?.length ?? 0), c)],
  ["nothing left in it", "", () => ""],
  ["nothing but zeros", "", () => "\0".repeat(5000)],
  ["foreign content", "", () => '{"version":1}\n'],
];

describe("a damaged journal", () => {
  for (const [name, kept, edit] of damages) {
    it(`with ${name} is told, kept, and read as far as it checks out`, async () => {
      const segment = disk.segments[0] ?? "";
      const damaged = change(edit);
      disk.files.set(segment, damaged);
      const journal = await open();
      assert.equal(sessions(journal), kept);
      const [path = "", ...more] = journal.damage?.keptFiles ?? [];
      assert.deepEqual(more, []);
      assert.match(path, /^\/memory\/0000000001\.journal\.corrupt-/);
      assert.deepEqual(disk.files.get(path.slice("/memory/".length)), damaged);
      await journal.save(aRecord({ sessionId: "z", startedAt: 9 }));
      const again = await open();
      assert.equal(again.damage, undefined);
      assert.equal(sessions(again), `${kept}z`);
    });
  }

  it("that cannot be read at all is told and kept", async () => {
    disk.unreadable.add(disk.segments[0] ?? "");
    const before = disk.bytes;
    const journal = await open();
    assert.equal(sessions(journal), "");
    assert.equal(journal.damage?.keptFiles.length, 1);
    assert.ok([...disk.files.values()].includes(before));
  });

  it("does not take its place of what an older whole one says", async () => {
    const older = disk.bytes;
    await open();
    disk.files.set("0000000001.journal", older);
    const young = Buffer.from(disk.bytes);
    young.write("x", 60);
    disk.files.set("0000000002.journal", young);
    const journal = await open();
    assert.equal(sessions(journal), "abc");
    assert.equal(journal.damage?.keptFiles.length, 1);
    assert.equal(disk.segments.length, 1);
  });

  it("that was left behind by a crash while it was salvaged is kept all the same", async () => {
    const damaged = change(([head, a, b, c]) => joined(head, a, flipped(b), c));
    await open();
    disk.files.set("0000000001.journal", damaged);
    const journal = await open();
    assert.equal(sessions(journal), "abc");
    assert.equal(journal.damage?.keptFiles.length, 1);
    assert.ok([...disk.files.values()].includes(damaged));
  });
});

describe("a journal of another version", () => {
  const lines: readonly (readonly [string, string])[] = [
    ["a kind of line", '{"kind":"dream"}'],
    ["a kind of entry", '{"kind":"entry","sessionId":"a","claimId":"c","entry":{"kind":"sung"}}'],
    ["a step", JSON.stringify({ kind: "record", record: { ...aRecord(), step: "dreaming" } })],
    ["a format", '{"kind":"head","format":2,"at":1,"lines":0}'],
  ];
  for (const [name, json] of lines) {
    it(`with ${name} that is not known is refused and left alone`, async () => {
      disk.files.set("0000000001.journal", Buffer.concat([disk.bytes, encodeLines(1, 4, [json])]));
      const before = new Map(disk.files);
      await assert.rejects(open(), /written by another version of this extension/);
      await assert.rejects(readJournal(disk, context), /written by another version/);
      assert.deepEqual(disk.files, before);
    });
  }

  it("may have fields that are not known", async () => {
    const record = { ...aRecord({ sessionId: "d", startedAt: 9 }), mood: "good" };
    const json = JSON.stringify({ kind: "record", record, at: 4 });
    disk.files.set("0000000001.journal", Buffer.concat([disk.bytes, encodeLines(1, 4, [json])]));
    assert.equal(sessions(await open()), "abcd");
  });
});
