import assert from "node:assert/strict";
import { mkdir, readFile, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { silentLog } from "../../../src/base/log";
import { systemRandom } from "../../../src/base/random";
import type { AttemptRecord } from "../../../src/core/ports/journal";
import { makeAttemptFolders } from "../../../src/machine/attemptFolders";
import { removeOldAttempts } from "../../../src/machine/oldAttempts";
import { aRecord } from "../../fakes/builders";
import { ManualClock } from "../../fakes/manualClock";
import { temporaryMachine, type Machine } from "./support";

const dayMs = 24 * 3_600_000;

type Made = Awaited<ReturnType<typeof makeAttemptFolders>>;

describe("what attempts left for a person", () => {
  let machine: Machine;
  let tmp: string;
  let logs: string;
  let clock: ManualClock;
  beforeEach(async () => {
    machine = await temporaryMachine();
    tmp = join(machine.home, ".one", "tmp");
    logs = join(machine.home, ".one", "logs");
    clock = new ManualClock();
    await mkdir(tmp, { recursive: true });
    await mkdir(logs, { recursive: true });
    await usedOn(-2, -1, 0);
  });
  afterEach(() => machine.remove());

  /** Days on which something was logged, counted from now. */
  const usedOn = async (...days: readonly number[]): Promise<void> => {
    for (const day of days) {
      const date = new Date(clock.now() + day * dayMs).toISOString().slice(0, 10);
      await writeFile(join(logs, `vscode-worker-${date}.log`), "");
    }
  };
  /** An attempt that left a file so many days ago. */
  const left = async (sessionId: string, daysAgo: number): Promise<Made> => {
    const made = await makeAttemptFolders(tmp, sessionId, systemRandom);
    await writeFile(join(made.artifacts.path, "refused.exe"), "x");
    await made.tidy();
    const at = new Date(clock.now() - daysAgo * dayMs);
    for (const path of [made.artifacts.path, dirname(made.artifacts.path)]) await utimes(path, at, at);
    return made;
  };
  const clean = (...records: readonly AttemptRecord[]): Promise<void> =>
    removeOldAttempts({ clock, log: silentLog, tmp, logs, records: () => Promise.resolve(records) });
  const isThere = async ({ artifacts }: Made): Promise<boolean> =>
    await stat(join(artifacts.path, "refused.exe")).then(
      () => true,
      () => false,
    );

  it("goes after 14 days, with its session's folder when that is empty", async () => {
    const old = await left("s1", 15);
    const recent = await left("s2", 13);
    const older = await left("s2", 20);
    await clean();
    assert.deepEqual(await Promise.all([old, recent, older].map((one) => isThere(one))), [
      false,
      true,
      false,
    ]);
    await assert.rejects(stat(dirname(dirname(old.artifacts.path))), /ENOENT/);
  });

  for (const [outcome, step, stays] of [
    ["running", "executing", true],
    ["abandoned", "ended", true],
    ["completed", "publishing", true],
    ["completed", "ended", false],
    ["failed", "ended", false],
    ["released", "ended", false],
  ] as const) {
    it(`${stays ? "stays" : "goes"} when the attempt is ${outcome} (${step})`, async () => {
      const made = await left("s1", 400);
      await clean(aRecord({ sessionId: "s1", outcome, step, folders: made.id }));
      assert.equal(await isThere(made), stays);
    });
  }

  it("stays while it is not known what runs", async () => {
    const made = await left("s1", 400);
    const records = (): Promise<never> => Promise.reject(new Error("the journal cannot be read"));
    await removeOldAttempts({ clock, log: silentLog, tmp, logs, records });
    assert.ok(await isThere(made));
  });

  it("stays while a clock that is far ahead has not been so for three days", async () => {
    const made = await left("s1", 1);
    await clock.advance(1000 * dayMs);
    await usedOn(0);
    await clean();
    assert.ok(await isThere(made));
  });

  it("is all that goes: what others keep there, and what links lead to, stays", async () => {
    const other = join(tmp, "vscode-worker", "notes");
    const outside = join(machine.home, "mine");
    await mkdir(outside);
    await writeFile(join(outside, "file"), "mine");
    const made = await left("s1", 15);
    await mkdir(other);
    await symlink(outside, join(made.artifacts.path, "link"));
    const at = new Date(clock.now() - 15 * dayMs);
    await utimes(made.artifacts.path, at, at);
    await clean();
    assert.ok(!(await isThere(made)));
    assert.equal(await readFile(join(outside, "file"), "utf8"), "mine");
    assert.ok((await stat(other)).isDirectory());
  });

  it("is no trouble where nothing was ever left", async () => {
    await removeOldAttempts({
      ...{ clock, log: silentLog, logs: join(logs, "none"), tmp: join(tmp, "none") },
      records: () => Promise.resolve([]),
    });
  });
});
