import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { LockError, type Held } from "../../../src/core/ports/machineLock";
import { createExclusiveNames } from "../../../src/machine/exclusive";
import { createMachineLock, type FencedMachineLock } from "../../../src/machine/machineLock";
import { OwnerNotes } from "../../../src/machine/ownerNotes";
import { hashedName } from "../../../src/machine/paths";
import { readPlace } from "../../../src/machine/place";
import { ManualClock } from "../../fakes/manualClock";
import { modeOf, temporaryMachine, type Machine } from "../../unit/machine/support";
import { startHolder, type Holder } from "./processes";

/** Waits on real files between steps of a clock that is moved by hand. */
async function until(what: string, condition: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not reached: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("owner notes between places that share a home", () => {
  let machine: Machine;
  let state: string;
  let clock: ManualClock;
  let held: Held[];
  const notesAt = (place: string): OwnerNotes => new OwnerNotes(state, place, { ...machine.context, clock });
  const claim = async (notes: OwnerNotes): Promise<Held | undefined> => {
    const one = await notes.claim("worker");
    if (one !== undefined) held.push(one);
    return one;
  };
  const folder = (): string => join(state, "owners", hashedName("worker"));
  const note = async (): Promise<string> => {
    const [file = ""] = await readdir(folder());
    return await readFile(join(folder(), file), "utf8");
  };
  /** Moves time on by one touch of a live owner, and waits until its file has changed. */
  const touch = async (): Promise<void> => {
    const before = await note();
    await clock.advance(5000);
    await until("the note is renewed", async () => (await note()) !== before);
  };
  /** Looks each second for `seconds`, as a waiting window does. */
  const watch = async (notes: OwnerNotes, seconds: number): Promise<Held | undefined> => {
    for (let second = 0; second < seconds; second += 1) {
      const one = await claim(notes);
      if (one !== undefined) return one;
      await clock.advance(1000);
    }
    return undefined;
  };
  beforeEach(async () => {
    machine = await temporaryMachine();
    state = join(machine.home, "state");
    await mkdir(state, { mode: 0o700 });
    clock = new ManualClock();
    held = [];
  });
  afterEach(async () => {
    for (const one of held) one.dispose();
    assert.equal(clock.sleeping, 0, "nothing goes on renewing");
    await machine.remove();
  });

  it("refuses another place while the owner lives, with a message, and lets it in once it is given back", async () => {
    const first = await claim(notesAt("one"));
    assert.ok(first);
    const other = notesAt("two");
    assert.equal(await claim(other), undefined, "not known yet");
    await touch();
    await assert.rejects(claim(other), (error) => {
      assert.ok(error instanceof LockError && error.passing);
      assert.match(error.message, /another container.*Nothing was started here.*by itself/);
      return true;
    });
    first.dispose();
    assert.ok(await claim(other));
  });

  it("follows an owner of the same place at once: the system has said that it is gone", async () => {
    assert.ok(await claim(notesAt("one")));
    assert.ok(await claim(notesAt("one")));
    assert.equal((await readdir(folder())).length, 1);
  });

  it("takes over what was left behind for 30 watched seconds, not sooner", async () => {
    const left = await claim(notesAt("one"));
    assert.ok(left);
    const text = await note();
    left.dispose();
    await writeFile(join(folder(), "1.json"), text);
    const other = notesAt("two");
    assert.equal(await watch(other, 29), undefined);
    assert.ok(await watch(other, 4));
    assert.ok(machine.warnings.some((one) => one.includes("left its note behind")));
  });

  it("does not count the time that the watching machine slept", async () => {
    const left = await claim(notesAt("one"));
    const text = await note();
    left?.dispose();
    await writeFile(join(folder(), "1.json"), text);
    const other = notesAt("two");
    assert.equal(await watch(other, 3), undefined);
    await clock.advance(3_600_000);
    assert.equal(await watch(other, 10), undefined);
  });

  it("tells the loser, which lets go", async () => {
    const loser = await claim(notesAt("one"));
    assert.ok(loser?.lost);
    // The loser's host hangs for half a minute: its clock stands still for it.
    const other = new OwnerNotes(state, "two", { ...machine.context, clock: new ManualClock() });
    await assert.rejects(
      (async () => {
        await other.claim("worker");
        await touch();
        await other.claim("worker");
      })(),
      LockError,
    );
    await writeFile(join(folder(), "2.json"), (await note()).replace(/"owner":"[^"]*"/, '"owner":"other"'));
    await clock.advance(5000);
    await until("the loser hears of it", () => loser.lost?.aborted === true);
    loser.dispose();
    const [, second = ""] = (await readdir(folder())).sort();
    assert.match(
      await readFile(join(folder(), second), "utf8"),
      /"state":"held"/,
      "the winner's is untouched",
    );
  });

  it("gives one of two places that begin together, and one of two that take over together", async () => {
    for (let round = 0; round < 20; round += 1) {
      const both = await Promise.all([claim(notesAt(`a${round}`)), claim(notesAt(`b${round}`))]);
      assert.equal(both.filter((one) => one !== undefined).length, 1);
      for (const one of held.splice(0)) one.dispose();
    }
  });

  it("makes its note again when somebody cleared the folder, and gives up where it cannot for long", async () => {
    const own = await claim(notesAt("one"));
    await rm(folder(), { recursive: true });
    await clock.advance(5000);
    await until("the note is there again", async () =>
      (await readdir(folder()).catch((): string[] => [])).includes("1.json"),
    );
    assert.ok(own?.lost);
    assert.equal(own.lost.aborted, false);
    await rm(folder(), { recursive: true });
    await writeFile(folder(), "in the way");
    for (let n = 0; n < 5; n += 1) {
      await clock.advance(5000);
      await until("it has tried", () => clock.sleeping === 1 || own.lost?.aborted === true);
    }
    await until("it gives up", () => own.lost?.aborted === true);
  });

  it("watches a damaged note like another's", async () => {
    await claim(notesAt("one"));
    for (const one of held.splice(0)) one.dispose();
    await writeFile(join(folder(), "1.json"), "{");
    assert.equal(await watch(notesAt("one"), 29), undefined);
    assert.ok(await watch(notesAt("one"), 40));
  });

  it("is private", async () => {
    await claim(notesAt("one"));
    await chmod(folder(), 0o755);
    await claim(notesAt("one"));
    assert.equal(await modeOf(folder()), "700");
  });
});

describe("one owner across network namespaces", () => {
  let machine: Machine;
  let holders: Holder[];
  let lock: FencedMachineLock;
  let state: string;
  // Where the system lets us, a real namespace; elsewhere a process that believes to be in one.
  const unshare = spawnSync("unshare", ["-n", "true"]).status === 0 ? ["unshare", "-n"] : undefined;
  const startElsewhere = (): Holder => {
    const holder =
      unshare === undefined
        ? startHolder(state, "", "darwin", "another place")
        : startHolder(state, "", process.platform, "", unshare);
    holders.push(holder);
    return holder;
  };
  beforeEach(async () => {
    machine = await temporaryMachine();
    state = join(machine.home, "state");
    holders = [];
    const names = await createExclusiveNames(state, machine.context);
    lock = createMachineLock(
      state,
      names,
      machine.context,
      new OwnerNotes(state, await readPlace(), machine.context),
    );
  });
  afterEach(async () => {
    for (const holder of holders) await holder.kill();
    await machine.remove();
  });

  it("keeps out the other namespace, both ways, though the system's names do not", async () => {
    const elsewhere = startElsewhere();
    assert.match(await elsewhere.ask("lock", "a"), /^\d+$/);
    assert.equal(await lock.tryHold("a"), undefined);
    const mine = await lock.tryHold("b");
    assert.ok(mine);
    assert.equal(await elsewhere.ask("lock", "b"), "taken");
    mine.dispose();
    assert.match(await elsewhere.ask("lock", "b"), /^\d+$/, "given back, it can be had at once");
    assert.equal(await elsewhere.ask("give back", ""), "given back");
    const own = await lock.tryHold("b");
    assert.ok(own);
    own.dispose();
  });
});
