import assert from "node:assert/strict";
import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { silentLog } from "../../../src/base/log";
import type { AttemptRecord } from "../../../src/core/ports/journal";
import { removeOldTimelines } from "../../../src/machine/timeline/oldTimelines";
import { timelineName } from "../../../src/machine/timeline/timelines";
import { aRecord } from "../../fakes/builders";
import { ManualClock } from "../../fakes/manualClock";
import { temporaryMachine, type Machine } from "./support";

const dayMs = 24 * 3_600_000;

describe("timelines of sessions that are gone", () => {
  let machine: Machine;
  let timelines: string;
  let logs: string;
  let clock: ManualClock;
  beforeEach(async () => {
    machine = await temporaryMachine();
    timelines = join(machine.home, "timelines");
    logs = join(machine.home, "logs");
    clock = new ManualClock();
    await mkdir(timelines);
    await mkdir(logs);
    for (const day of [-2, -1, 0]) {
      const date = new Date(clock.now() + day * dayMs).toISOString().slice(0, 10);
      await writeFile(join(logs, `vscode-worker-${date}.log`), "");
    }
  });
  afterEach(() => machine.remove());

  const left = async (name: string, daysAgo: number): Promise<string> => {
    const at = new Date(clock.now() - daysAgo * dayMs);
    await writeFile(join(timelines, name), "x");
    await utimes(join(timelines, name), at, at);
    return name;
  };
  const clean = (records: () => Promise<readonly AttemptRecord[]>): Promise<void> =>
    removeOldTimelines({ clock, log: silentLog, timelines, logs, records });

  it("go after 14 days, with what was set aside of them; what a journal knows and others' files stay", async () => {
    const old = timelineName("old");
    await left(old, 15);
    await left(`${old}.corrupt-2030-01-01T00-00-00-000Z-ab`, 15);
    await left(".0f8fad5b-d9cb-469f-a165-70867728950e.tmp", 15);
    const stay = [
      await left(timelineName("recent"), 13),
      await left(timelineName("known"), 300),
      await left("theirs.jsonl", 300),
    ];
    await clean(() => Promise.resolve([aRecord({ sessionId: "known" })]));
    assert.deepEqual((await readdir(timelines)).sort(), stay.sort());
  });

  it("stay where nobody knows which sessions there are, or the clock is far ahead", async () => {
    const name = await left(timelineName("old"), 15);
    await clean(() => Promise.reject(new Error("a journal cannot be read")));
    clock.jumpWall(400 * dayMs);
    await left(name, 100);
    await clean(() => Promise.resolve([]));
    assert.deepEqual(await readdir(timelines), [name]);
  });

  it("need no folder", async () => {
    timelines = join(machine.home, "nowhere");
    await clean(() => Promise.resolve([]));
  });
});
