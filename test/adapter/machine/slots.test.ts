import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import type { Disposable } from "../../../src/base/disposable";
import type { Slots } from "../../../src/core/ports/machine";
import { createExclusiveNames } from "../../../src/machine/exclusive";
import { readForeignLeases } from "../../../src/machine/foreignLeases";
import { readPlace } from "../../../src/machine/place";
import { createSlots } from "../../../src/machine/slots";
import { hurriedClock, modeOf, temporaryMachine, type Machine } from "../../unit/machine/support";
import { startHolder, type Holder } from "./processes";

describe("execution slots", () => {
  let machine: Machine;
  let state: string;
  let foreign: string;
  let slots: Slots;
  let holders: Holder[];
  let held: Disposable[];
  const start = (): Holder => {
    const holder = startHolder(state, foreign);
    holders.push(holder);
    return holder;
  };
  const take = async (limit: number): Promise<boolean> => {
    const one = await slots.tryAcquire(limit, "worker k1");
    if (one !== undefined) held.push(one);
    return one !== undefined;
  };
  const files = async (): Promise<string[]> => (await readdir(join(state, "executions"))).sort();
  beforeEach(async () => {
    machine = await temporaryMachine();
    machine.now = Date.now();
    state = join(machine.home, "state", "vscode-worker");
    foreign = join(machine.home, "state", "local-executions");
    const names = await createExclusiveNames(state, machine.context);
    slots = createSlots(state, foreign, names, machine.context, await readPlace());
    holders = [];
    held = [];
  });
  afterEach(async () => {
    for (const one of held) one.dispose();
    for (const holder of holders) await holder.kill();
    await machine.remove();
  });

  it("gives as many as the limit and takes them back", async () => {
    assert.deepEqual([await take(2), await take(2), await take(2)], [true, true, false]);
    assert.deepEqual(await files(), ["slot-0.json", "slot-1.json"]);
    assert.equal(await modeOf(join(state, "executions", "slot-0.json")), "600");
    held.shift()?.dispose();
    assert.deepEqual(await files(), ["slot-1.json"]);
    assert.deepEqual([await take(2), await take(2)], [true, false]);
  });

  it("counts what a worker with a higher limit holds", async () => {
    assert.deepEqual([await take(3), await take(3), await take(3)], [true, true, true]);
    held.shift()?.dispose();
    held.shift()?.dispose();
    assert.equal(await take(1), false, "slot 2 is held");
    held.shift()?.dispose();
    assert.equal(await take(1), true);
  });

  it("counts a slot whose file is gone", async () => {
    assert.equal(await take(1), true);
    await rm(join(state, "executions", "slot-0.json"));
    assert.equal(await take(1), false);
  });

  it("never gives one to two at the same time", async () => {
    const results = await Promise.all(Array.from({ length: 12 }, () => take(3)));
    assert.equal(results.filter(Boolean).length, 3);
  });

  it("is one pool for all processes, and a killed one gives its slots back at once", async () => {
    const contenders = Array.from({ length: 4 }, start);
    const answers = await Promise.all(
      contenders.flatMap((one) => [one.ask("slot", "3"), one.ask("slot", "3")]),
    );
    assert.equal(answers.filter((one) => one === "held").length, 3, answers.join());
    assert.equal(answers.filter((one) => one === "taken").length, 5, answers.join());
    assert.equal(await take(3), false);
    for (const holder of holders) await holder.kill();
    assert.deepEqual([await take(3), await take(3), await take(3), await take(3)], [true, true, true, false]);
  });

  it("cleans up after killed processes", async () => {
    const holder = start();
    for (let n = 0; n < 3; n += 1) assert.equal(await holder.ask("slot", "3"), "held");
    await holder.kill();
    assert.equal((await files()).length, 3);
    assert.equal(await take(1), true);
    assert.deepEqual(await files(), ["slot-0.json"]);
  });

  it("counts fresh leases of other programs and changes none of them", async () => {
    await mkdir(foreign, { recursive: true, mode: 0o755 });
    const minutesAgo = async (name: string, minutes: number): Promise<void> => {
      await writeFile(join(foreign, name), "not ours {");
      const at = (machine.now - minutes * 60_000) / 1000;
      await utimes(join(foreign, name), at, at);
    };
    await minutesAgo("fresh-1.json", 0);
    await minutesAgo("fresh-2.json", 14);
    await minutesAgo("old.json", 16);
    await minutesAgo("other.txt", 0);
    await mkdir(join(foreign, "folder.json"));
    const before = await Promise.all(
      (await readdir(foreign)).map(async (name) => await stat(join(foreign, name))),
    );
    assert.deepEqual([await take(3), await take(3)], [true, false]);
    machine.now += 2 * 60_000;
    assert.deepEqual([await take(3), await take(3)], [true, false]);
    const after = await Promise.all(
      (await readdir(foreign)).map(async (name) => await stat(join(foreign, name))),
    );
    assert.deepEqual(
      after.map((one) => [one.ino, one.mtimeMs, one.ctimeMs, one.mode]),
      before.map((one) => [one.ino, one.mtimeMs, one.ctimeMs, one.mode]),
    );
    assert.equal(await readFile(join(foreign, "fresh-1.json"), "utf8"), "not ours {");
  });

  it("takes links, folders, pipes and files of a time to come for no leases, and leaves them alone", async () => {
    await mkdir(foreign, { recursive: true });
    await writeFile(join(machine.home, "target"), "somebody's");
    await symlink(join(machine.home, "target"), join(foreign, "link.json"));
    await symlink("/nowhere", join(foreign, "dangling.json"));
    await mkdir(join(foreign, "folder.json"));
    await writeFile(join(foreign, "future.json"), "");
    const future = machine.now / 1000 + 86_400;
    await utimes(join(foreign, "future.json"), future, future);
    await writeFile(join(foreign, ".json"), "");
    const leases = await readForeignLeases(foreign, machine.context);
    assert.deepEqual(leases, { fresh: 1, ignored: 1, ignoredNames: ["future.json"], trouble: undefined });
    assert.deepEqual([await take(2), await take(2)], [true, false]);
    assert.equal(await readFile(join(machine.home, "target"), "utf8"), "somebody's");
    assert.equal((await readdir(foreign)).length, 5);
  });

  it("finds the fresh leases among 10,000 old ones, names some of those, and tells them once", async () => {
    await mkdir(foreign, { recursive: true });
    const old = machine.now / 1000 - 3600;
    for (let n = 0; n < 10_000; n += 100) {
      await Promise.all(
        Array.from({ length: 100 }, async (_, index) => {
          const path = join(foreign, `old-${n + index}.json`);
          await writeFile(path, "");
          await utimes(path, old, old);
        }),
      );
    }
    for (const name of ["a.json", "zz.json"]) await writeFile(join(foreign, name), "");
    const leases = await readForeignLeases(foreign, machine.context);
    assert.equal(leases.fresh, 2);
    assert.equal(leases.ignored, 10_000);
    assert.equal(leases.ignoredNames.length, 50);
    assert.deepEqual([await take(3), await take(3)], [true, false]);
    assert.deepEqual(
      machine.infos.filter((one) => one.includes("ignored")),
      ["Old execution leases of other programs are ignored"],
    );
  });

  it("gives slots though the other programs' folder cannot be read, and says so once", async () => {
    await mkdir(join(machine.home, "state"), { recursive: true });
    await writeFile(foreign, "no folder");
    assert.deepEqual([await take(2), await take(2)], [true, true]);
    assert.equal(machine.warnings.length, 1);
  });

  it("gives none, and says so, while another process counts for long", async () => {
    const names = await createExclusiveNames(state, machine.context);
    const gate = await names.hold("slots gate");
    const context = { ...machine.context, clock: hurriedClock(20) };
    assert.equal(
      await createSlots(state, foreign, names, context, "here").tryAcquire(3, "worker k1"),
      undefined,
    );
    assert.equal(machine.warnings.length, 1);
    gate?.dispose();
    assert.equal(await take(3), true);
  });

  it("gives no slot whose lease it cannot write down, and keeps none back", async () => {
    await mkdir(join(state, "executions", "slot-0.json", "in the way"), { recursive: true });
    await assert.rejects(take(1));
    await rm(join(state, "executions", "slot-0.json"), { recursive: true });
    assert.equal(await take(1), true);
  });
});
