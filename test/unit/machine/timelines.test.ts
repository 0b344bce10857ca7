import assert from "node:assert/strict";
import fc from "fast-check";
import type { Disposable } from "../../../src/base/disposable";
import { silentLog, type Log } from "../../../src/base/log";
import type { TimelineNews } from "../../../src/core/ports/timeline";
import { timelineLimit, type TimelineEntry } from "../../../src/core/timeline";
import { encodeEntry, LineDecoder } from "../../../src/machine/timeline/lines";
import { Timelines, timelineName } from "../../../src/machine/timeline/timelines";
import { diskError } from "../../fakes/memoryDisk";
import { ManualClock } from "../../fakes/manualClock";
import { MemoryTimelines } from "../../fakes/memoryTimelines";
import { anyEntries } from "../../fakes/timelineEntries";

const message = (id: number | string, text = `text ${id}`): TimelineEntry => ({
  ...{ id: `m${id}`, at: 1, kind: "message", text, final: false },
});
const many = (from: number, to: number, text?: string): readonly TimelineEntry[] =>
  Array.from({ length: to - from }, (_, index) => message(from + index, text));
const name = timelineName("s1");

describe("timelines", () => {
  let clock: ManualClock;
  let disk: MemoryTimelines;
  let told: string[];
  const opened: Disposable[] = [];
  beforeEach(() => {
    clock = new ManualClock();
    disk = new MemoryTimelines();
    told = [];
  });
  afterEach(() => {
    for (const one of opened.splice(0).reverse()) one.dispose();
  });

  const log: Log = {
    ...silentLog,
    warn: (text) => told.push(`warn ${text}`),
    error: (text) => told.push(`error ${text}`),
  };
  /** The timelines as one window has them. */
  const aWindow = (): Timelines => {
    const timelines = new Timelines({ clock, log, disk });
    opened.push(timelines);
    return timelines;
  };
  const follow = (timelines: Timelines): TimelineNews[] => {
    const news: TimelineNews[] = [];
    opened.push(timelines.follow("s1", (one) => news.push(one)));
    return news;
  };
  const ids = (news: TimelineNews | undefined): readonly string[] => news?.entries.map((one) => one.id) ?? [];
  const written = (): readonly TimelineEntry[] => new LineDecoder().push(Buffer.from(disk.text)).entries;

  it("have on the disk what was told, every field of it, whatever pieces it is read in", () => {
    fc.assert(
      fc.property(anyEntries, fc.integer({ min: 1, max: 50 }), (entries, size) => {
        const bytes = Buffer.from(entries.map(encodeEntry).join(""));
        const decoder = new LineDecoder();
        const read: TimelineEntry[] = [];
        for (let from = 0; from < bytes.length; from += size) {
          read.push(...decoder.push(bytes.subarray(from, from + size)).entries);
        }
        assert.deepEqual(JSON.parse(JSON.stringify(read)), JSON.parse(JSON.stringify(entries)));
      }),
    );
  });

  it("write at most four times a second, and all of it when told to", async () => {
    const window = aWindow();
    const pen = await window.open("s1");
    for (let turn = 0; turn < 100; turn += 1) {
      pen.append([message(turn)]);
      await clock.advance(10);
    }
    assert.ok(disk.writes <= 5, String(disk.writes));
    pen.append([message("last")]);
    await window.flush();
    assert.equal(written().length, 101);
  });

  it("are told live, whole first and then what follows, here and in another window", async () => {
    const [owner, viewer] = [aWindow(), aWindow()];
    const pen = await owner.open("s1");
    pen.append([message(1)]);
    const [here, there] = [follow(owner), follow(viewer)];
    assert.deepEqual([here, there], [[], []], "never within the call");
    await clock.advance(600);
    pen.append([message(2), message(1, "again")]);
    await clock.advance(600);
    for (const news of [here, there]) {
      assert.equal(news[0]?.kind, "timeline");
      const entries = news.slice(1).flatMap((one) => one.entries);
      assert.ok(entries.some((one) => one.id === "m2"));
      assert.ok(entries.some((one) => one.kind === "message" && one.text === "again"));
    }
    const before = [here.length, there.length];
    await clock.advance(5000);
    assert.deepEqual([here.length, there.length], before, "nothing is told where nothing is new");
  });

  it("tell at most four times a second", async () => {
    const window = aWindow();
    const pen = await window.open("s1");
    const news = follow(window);
    for (let turn = 0; turn < 200; turn += 1) {
      pen.append([message(turn)]);
      await clock.advance(5);
    }
    await clock.advance(300);
    assert.ok(news.length <= 6, String(news.length));
    assert.equal(new Set(news.flatMap(ids)).size, 200);
  });

  it("go on in another window when the session does, and nobody who follows misses it", async () => {
    const [one, other] = [aWindow(), aWindow()];
    const news = follow(one);
    await clock.advance(10);
    assert.deepEqual(news, [{ kind: "timeline", entries: [], dropped: 0 }]);
    const first = await one.open("s1");
    first.append([message(1)]);
    await clock.advance(1000);
    first.release();
    await clock.advance(1000);
    const second = await other.open("s1");
    assert.deepEqual(
      second.entries.map((entry) => entry.id),
      ["m1"],
    );
    second.append([message(2)]);
    await clock.advance(1000);
    second.release();
    assert.deepEqual(ids(news.at(-1)), ["m2"]);
    const third = await one.open("s1");
    assert.equal(third.entries.length, 2);
  });

  it("tolerate a torn end and junk, and count what they could not read", async () => {
    const lines = [message(1), message(2)].map(encodeEntry);
    disk.set(name, `${lines[0]}{"kind":"of the future"}\nnot json\n${lines[1]}{"id":"m3","at":1,"kin`);
    const window = aWindow();
    const news = follow(window);
    await clock.advance(10);
    assert.deepEqual(ids(news[0]), ["m1", "m2"]);
    assert.equal(news[0]?.kind === "timeline" && news[0].dropped, 2);
    const pen = await window.open("s1");
    pen.append([message(4)]);
    await window.flush();
    assert.deepEqual(
      written().map((one) => one.id),
      ["m1", "m2", "m4"],
    );
    assert.deepEqual(told, []);
  });

  it("set aside what cannot be read or is no timeline, say so, and begin anew", async () => {
    for (const prepare of [
      () => disk.unreadable.add(name),
      () => disk.set(name, "something else\naltogether\n"),
    ]) {
      disk.set(name, encodeEntry(message(1)));
      prepare();
      told = [];
      const window = aWindow();
      const pen = await window.open("s1");
      assert.deepEqual(pen.entries, []);
      assert.ok(disk.files.has(`${name}.corrupt`));
      assert.match(told.join(), /kept under a new name/);
      disk.files.clear();
    }
  });

  it("lose nothing that is kept in memory to a disk that is full for a while, and say so once", async () => {
    const window = aWindow();
    const pen = await window.open("s1");
    pen.append([message(1)]);
    await clock.advance(1000);
    disk.failing = diskError("ENOSPC");
    disk.takes = 17;
    for (let turn = 2; turn < 40; turn += 1) {
      pen.append([message(turn)]);
      await clock.advance(1000);
    }
    const news = follow(window);
    await clock.advance(10);
    assert.equal(ids(news[0]).length, 39, "this window still shows it");
    assert.deepEqual(
      told.map((one) => one.slice(0, 5)),
      ["error"],
    );
    assert.ok(disk.writes + disk.rewrites <= 12, "it is not tried over and over");
    disk.failing = undefined;
    pen.append([message(40)]);
    await clock.advance(6000);
    assert.equal(written().length, 40);
    pen.release();
  });

  it("that ended on a full disk are still shown here", async () => {
    disk.failing = diskError("ENOSPC");
    const window = aWindow();
    const pen = await window.open("s1");
    pen.append([message(1)]);
    pen.release();
    await clock.advance(1000);
    const news = follow(window);
    await clock.advance(10);
    assert.deepEqual(ids(news[0]), ["m1"]);
  });

  it("are bounded in entries and bytes: the newest stay, and readers are told all of it anew", async () => {
    const [owner, viewer] = [aWindow(), aWindow()];
    const pen = await owner.open("s1");
    pen.append(many(0, 100, "old"));
    const news = follow(viewer);
    await clock.advance(1000);
    for (let from = 100; from < 1100; from += 100) {
      pen.append(many(from, from + 100, "x".repeat(19_000)));
      await clock.advance(300);
      assert.ok(disk.text.length <= 8_100_000);
    }
    await clock.advance(1000);
    assert.ok(disk.rewrites >= 1);
    const wholes = news.filter((one) => one.kind === "timeline");
    assert.ok(wholes.length >= 2);
    const last = wholes.at(-1);
    assert.ok(last?.kind === "timeline" && last.dropped > 100);
    assert.ok(written().some((one) => one.id === "m1099"));
    pen.append(many(2000, 2000 + 2 * timelineLimit));
    assert.ok(pen.entries.length <= timelineLimit);
  });

  it("wait for no disk", async () => {
    const window = aWindow();
    const pen = await window.open("s1");
    disk.pace = () => new Promise(() => undefined);
    pen.append(many(0, 100));
    await clock.advance(60_000);
    pen.append(many(100, 200));
    assert.equal(pen.entries.length, 200);
  });

  it("of two who follow go on when one leaves or fails", async () => {
    const window = aWindow();
    const pen = await window.open("s1");
    const news = follow(window);
    const leaves: TimelineNews[] = [];
    const leaving = window.follow("s1", (one) => leaves.push(one));
    opened.push(
      window.follow("s1", () => {
        throw new Error("it fails");
      }),
    );
    await clock.advance(300);
    leaving.dispose();
    pen.append([message(1)]);
    await clock.advance(300);
    assert.deepEqual(ids(news.at(-1)), ["m1"]);
    assert.equal(leaves.length, 1);
    assert.equal(told.filter((one) => one.startsWith("error a listener")).length, 2);
  });
});
