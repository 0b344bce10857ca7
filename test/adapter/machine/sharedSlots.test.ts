import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { systemClock } from "../../../src/base/clock";
import type { Disposable } from "../../../src/base/disposable";
import type { Slots } from "../../../src/core/ports/machine";
import { createExclusiveNames } from "../../../src/machine/exclusive";
import { readPlace } from "../../../src/machine/place";
import { createSlots } from "../../../src/machine/slots";
import { ManualClock } from "../../fakes/manualClock";
import { temporaryMachine, type Machine } from "../../unit/machine/support";
import { startHolder, type Holder } from "./processes";

describe("execution slots of containers that share a home", () => {
  let machine: Machine;
  let state: string;
  let foreign: string;
  /** On a wall clock that the test sets, and on the real one. */
  let slots: Slots;
  let live: Slots;
  let holders: Holder[];
  let held: Disposable[];
  // Where the system lets us, a real namespace; elsewhere a process that believes to be in one.
  const unshare = spawnSync("unshare", ["-n", "true"]).status === 0 ? ["unshare", "-n"] : undefined;
  const startElsewhere = (): Holder => {
    const holder =
      unshare === undefined
        ? startHolder(state, foreign, "darwin", "another place")
        : startHolder(state, foreign, process.platform, "", unshare);
    holders.push(holder);
    return holder;
  };
  /** The names of the system are told apart by their folder: other ones, as in another namespace. */
  const slotsAt = async (place: string, context = machine.context, names = state): Promise<Slots> =>
    createSlots(state, foreign, await createExclusiveNames(names, context, { place }), context, place);
  const take = async (limit: number, from = slots): Promise<boolean> => {
    const one = await from.tryAcquire(limit, "worker k1");
    if (one !== undefined) held.push(one);
    return one !== undefined;
  };
  const path = (index: number): string => join(state, "executions", `slot-${index}.json`);
  const files = async (): Promise<string[]> => (await readdir(join(state, "executions"))).sort();
  /** The file of a slot as another place has it, touched `agoMs` before now. */
  const leaseElsewhere = async (index: number, agoMs: number, text?: string): Promise<void> => {
    await writeFile(path(index), text ?? JSON.stringify({ version: 1, slot: index, place: "another place" }));
    const at = (machine.now - agoMs) / 1000;
    await utimes(path(index), at, at);
  };
  beforeEach(async () => {
    machine = await temporaryMachine();
    machine.now = Date.now();
    state = join(machine.home, "state", "vscode-worker");
    foreign = join(machine.home, "state", "local-executions");
    slots = await slotsAt(await readPlace());
    live = await slotsAt(await readPlace(), { ...machine.context, clock: systemClock });
    holders = [];
    held = [];
  });
  afterEach(async () => {
    for (const one of held) one.dispose();
    for (const holder of holders) await holder.kill();
    await machine.remove();
  });

  it("are one pool, both ways, and come back when they are given back", async () => {
    const elsewhere = startElsewhere();
    assert.equal(await elsewhere.ask("slot", "3"), "held");
    assert.deepEqual([await take(3, live), await take(3, live), await take(3, live)], [true, true, false]);
    assert.deepEqual(await files(), ["slot-0.json", "slot-1.json", "slot-2.json"]);
    assert.equal(await elsewhere.ask("slot", "3"), "taken");
    held.shift()?.dispose();
    assert.equal(await elsewhere.ask("slot", "3"), "held");
    assert.equal(await elsewhere.ask("give back", ""), "given back");
    assert.equal(await take(3, live), true);
    assert.deepEqual(
      machine.infos.filter((one) => one.includes("Another container")).length,
      1,
      "which is told once",
    );
  });

  it("never give the last one to two", async () => {
    const elsewhere = startElsewhere();
    for (let round = 0; round < 10; round += 1) {
      const [theirs, ours] = await Promise.all([elsewhere.ask("slot", "1"), take(1, live)]);
      assert.equal(Number(theirs === "held") + Number(ours), 1, `round ${round}`);
      if (theirs === "held") await elsewhere.ask("give back", "");
      held.pop()?.dispose();
    }
  });

  it("come back half a minute after a container was killed, and those of an older time at once", async () => {
    const elsewhere = startElsewhere();
    assert.equal(await elsewhere.ask("slot", "1"), "held");
    await elsewhere.kill();
    const { mtimeMs } = await stat(path(0));
    machine.now = mtimeMs + 29_000;
    assert.equal(await take(1), false);
    machine.now = mtimeMs + 31_000;
    assert.equal(await take(1), true);
    await leaseElsewhere(1, 3_600_000);
    await leaseElsewhere(2, -3_600_000);
    assert.deepEqual([await take(3), await take(3), await take(3)], [true, true, false]);
  });

  it("leave alone what is held there, also beyond the limit", async () => {
    assert.equal(await take(1), true);
    held.pop()?.dispose();
    await leaseElsewhere(0, 0);
    await leaseElsewhere(7, 0);
    const before = await readFile(path(0), "utf8");
    assert.equal(await take(2), false);
    assert.deepEqual(await files(), ["slot-0.json", "slot-7.json"]);
    assert.equal(await readFile(path(0), "utf8"), before);
    assert.equal(await take(3), true);
    assert.deepEqual(await files(), ["slot-0.json", "slot-1.json", "slot-7.json"]);
  });

  it("count no file that an older version or nobody wrote", async () => {
    assert.equal(await take(1), true);
    held.pop()?.dispose();
    await leaseElsewhere(0, 0, JSON.stringify({ version: 1, slot: 0, holder: "worker k9" }));
    await leaseElsewhere(1, 0, "{");
    assert.deepEqual([await take(2), await take(2), await take(2)], [true, true, false]);
  });

  it("are kept fresh as long as they are held, also where the file was cleared, and not after", async () => {
    const clock = new ManualClock(machine.now);
    const context = { ...machine.context, clock };
    const ours = await slotsAt(await readPlace(), context);
    const other = await slotsAt("another place", context, join(machine.home, "other names"));
    const touched = async (): Promise<number> => (await stat(path(0)).catch(() => undefined))?.mtimeMs ?? 0;
    const until = async (what: string, condition: () => Promise<boolean>): Promise<void> => {
      const end = performance.now() + 10_000;
      while (!(await condition())) {
        if (performance.now() > end) throw new Error(`not reached: ${what}`);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    assert.equal(await take(1, ours), true);
    for (let n = 0; n < 10; n += 1) {
      await until("it sleeps", () => Promise.resolve(clock.sleeping === 1));
      await clock.advance(5000);
      await until("it is touched", async () => Math.abs((await touched()) - clock.now()) < 1000);
    }
    assert.equal(await take(1, other), false);
    assert.ok(machine.infos.some((one) => one.includes("Another container")));
    await until("it sleeps", () => Promise.resolve(clock.sleeping === 1));
    await rm(path(0));
    await clock.advance(5000);
    await until("it is there again", async () => (await touched()) > 0 && clock.sleeping === 1);
    held.pop()?.dispose();
    assert.equal(clock.sleeping, 0);
    assert.deepEqual(await files(), []);
    assert.equal(await take(1, other), true);
  });
});
