import assert from "node:assert/strict";
import { mkdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readForeignLeases } from "../../../src/machine/foreignLeases";
import { temporaryMachine, type Machine } from "./support";

const minuteMs = 60_000;

describe("execution leases of other programs", () => {
  let machine: Machine;
  let folder: string;
  beforeEach(async () => {
    machine = await temporaryMachine();
    folder = join(machine.home, "local-executions");
    await mkdir(folder);
  });
  afterEach(() => machine.remove());
  const lease = async (name: string, ageMs: number): Promise<void> => {
    const path = join(folder, name);
    await writeFile(path, "{}");
    const at = new Date(machine.now - ageMs);
    await utimes(path, at, at);
  };

  /** Those that count and those that are ignored. */
  const counts = async (): Promise<readonly number[]> => {
    const { fresh, ignored } = await readForeignLeases(folder, machine.context);
    return [fresh, ignored];
  };

  it("count while they are fresh", async () => {
    await lease("a.json", minuteMs);
    await lease("b.json", 14 * minuteMs);
    await lease("c.json", 16 * minuteMs);
    assert.deepEqual(await counts(), [2, 1]);
  });

  it("do not block this machine for hours when the clock is set back", async () => {
    await lease("a.json", minuteMs);
    machine.now -= 10 * minuteMs;
    assert.deepEqual(await counts(), [1, 0]);
    machine.now -= 120 * minuteMs;
    assert.deepEqual(await counts(), [0, 1]);
  });
});
