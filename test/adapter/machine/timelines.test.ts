import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, it } from "mocha";
import { systemClock } from "../../../src/base/clock";
import type { Disposable } from "../../../src/base/disposable";
import { silentLog, type Log } from "../../../src/base/log";
import type { TimelineNews } from "../../../src/core/ports/timeline";
import type { TimelineEntry } from "../../../src/core/timeline";
import { timelineDisk } from "../../../src/machine/timeline/realDisk";
import { Timelines, timelineName } from "../../../src/machine/timeline/timelines";
import { modeOf, temporaryMachine, type Machine } from "../../unit/machine/support";

const program = fileURLToPath(new URL("timelineProgram.ts", import.meta.url));
const message = (id: string): TimelineEntry => ({
  ...{ id, at: 1, kind: "message", text: `text of ${id}`, final: false },
});

describe("timelines on a real disk", () => {
  let machine: Machine;
  let folder: string;
  let path: string;
  let umask: number;
  let told: string[];
  const children: ChildProcess[] = [];
  const opened: Disposable[] = [];
  beforeEach(async () => {
    machine = await temporaryMachine();
    folder = join(machine.home, "state", "timelines");
    path = join(folder, timelineName("s1"));
    umask = process.umask(0);
    told = [];
  });
  afterEach(async () => {
    process.umask(umask);
    for (const one of opened.splice(0).reverse()) one.dispose();
    for (const child of children.splice(0)) await kill(child);
    await machine.remove();
  });

  const log: Log = { ...silentLog, warn: (text) => told.push(text), error: (text) => told.push(text) };
  const aWindow = (): Timelines => {
    const disk = timelineDisk(folder, systemClock);
    const timelines = new Timelines({ clock: systemClock, log, disk });
    opened.push(timelines);
    return timelines;
  };
  /** Resolves with all that was told once it holds what is waited for. */
  const until = (
    window: Timelines,
    holds: (news: readonly TimelineNews[]) => boolean,
  ): Promise<TimelineNews[]> =>
    new Promise((resolve) => {
      const news: TimelineNews[] = [];
      const following = window.follow("s1", (one) => {
        news.push(one);
        if (!holds(news)) return;
        following.dispose();
        resolve(news);
      });
      opened.push(following);
    });
  const idsOf = (news: readonly TimelineNews[]): ReadonlySet<string> =>
    new Set(news.flatMap((one) => one.entries.map((entry) => entry.id)));

  /** Writes until it is killed, `lines` entries at least. */
  const killedWriter = async (prefix: string, lines: number): Promise<readonly string[]> => {
    const child = spawn(process.execPath, ["--import", "tsx", program, folder, prefix], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    const written: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      written.push(line);
      if (written.length === lines) child.kill("SIGKILL");
    }
    await kill(child);
    return written;
  };

  it("are for this user alone, whatever the umask, also after they were compacted", async () => {
    const window = aWindow();
    const pen = await window.open("s1");
    pen.append([message("m1")]);
    await window.flush();
    assert.deepEqual([await modeOf(folder), await modeOf(path)], ["700", "600"]);
    for (let turn = 0; turn < 100; turn += 1) {
      const text = "x".repeat(90_000);
      pen.append([{ id: `b${turn}`, at: 2, kind: "message", text, final: false }]);
      await window.flush();
    }
    const bytes = await readFile(path);
    assert.ok(bytes.length < 8_000_000 && bytes.toString().startsWith('{"kind":"head"'));
    assert.equal(await modeOf(path), "600");
    assert.deepEqual(await readdir(folder), [timelineName("s1")]);
  });

  it("are read by two other windows while one writes", async () => {
    const [owner, one, other] = [aWindow(), aWindow(), aWindow()];
    const sees = (id: string) => (news: readonly TimelineNews[]) => idsOf(news).has(id);
    const [first, second] = [until(one, sees("m3")), until(other, sees("m3"))];
    const pen = await owner.open("s1");
    for (const id of ["m1", "m2", "m3"]) {
      pen.append([message(id)]);
      await owner.flush();
    }
    for (const news of [await first, await second]) {
      assert.deepEqual([...idsOf(news)], ["m1", "m2", "m3"]);
    }
  });

  it("outlive the SIGKILL of who writes them, but for the line it was at", async () => {
    const written = await killedWriter("a", 20);
    const again = await killedWriter("b", 20);
    const all = [...written, ...again];
    const [news] = await until(aWindow(), () => true);
    assert.ok(news?.kind === "timeline");
    const ids = idsOf([news]);
    assert.deepEqual(
      all.filter((id) => !ids.has(id)),
      [],
    );
    assert.ok(news.dropped <= 1, "at most the line that the first was at");
  });

  it("go on after a torn line", async () => {
    const window = aWindow();
    await mkdir(folder, { recursive: true });
    await writeFile(path, `${JSON.stringify(message("m1"))}\n{"id":"m2","at":1,"ki`);
    const pen = await window.open("s1");
    pen.append([message("m3")]);
    await window.flush();
    const [news] = await until(aWindow(), () => true);
    assert.deepEqual([...idsOf(news === undefined ? [] : [news])], ["m1", "m3"]);
    assert.equal(await modeOf(path), "600");
  });

  for (const [what, make] of [
    ["a folder in its place", () => mkdir(path)],
    ["a link to elsewhere", () => symlink(join(machine.home, "elsewhere"), path)],
    ["another program's text", () => writeFile(path, "hello\nworld\n")],
  ] as const) {
    it(`set aside what is no timeline: ${what}`, async () => {
      await mkdir(folder, { recursive: true });
      await make();
      const window = aWindow();
      const pen = await window.open("s1");
      pen.append([message("m1")]);
      await window.flush();
      const names = await readdir(folder);
      assert.equal(names.filter((name) => name.includes(".corrupt-")).length, 1, names.join());
      assert.equal((await readFile(path, "utf8")).trim(), JSON.stringify(message("m1")));
      assert.equal(told.length, 1);
      assert.deepEqual(await readdir(machine.home), ["state"]);
    });
  }

  it("do no harm where the folder cannot be made", async () => {
    await writeFile(join(machine.home, "state"), "a file in its place");
    const window = aWindow();
    const pen = await window.open("s1");
    pen.append([message("m1")]);
    await window.flush();
    const [news] = await until(window, () => true);
    assert.deepEqual([...idsOf(news === undefined ? [] : [news])], ["m1"]);
    assert.ok(told.some((text) => text.includes("cannot be written")));
  });
});

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}
