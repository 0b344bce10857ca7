import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import * as z from "zod/mini";
import { createDailyLog } from "../../../src/machine/dailyLog";
import { modeOf, temporaryMachine, type Machine } from "./support";

const record = z.record(z.string(), z.unknown());

describe("dailyLog", () => {
  let machine: Machine;
  let folder: string;
  beforeEach(async () => {
    machine = await temporaryMachine();
    folder = join(machine.home, ".one", "logs");
  });
  afterEach(() => machine.remove());

  const lines = async (day: string): Promise<Record<string, unknown>[]> => {
    const text = await readFile(join(folder, `vscode-worker-${day}.log`), "utf8");
    assert.ok(text.endsWith("\n"));
    return text
      .trimEnd()
      .split("\n")
      .map((line) => record.parse(JSON.parse(line)));
  };

  it("appends one JSON line per call, in order, with 0600", async () => {
    const log = createDailyLog(folder, machine.context.clock);
    log.info("one\ntwo", { sessionId: "s1", attempt: 2, ok: true, nothing: undefined });
    log.debug("d");
    await log.flush();
    log.warn("w");
    log.error("e");
    await log.flush();
    const written = await lines("2026-03-10");
    assert.deepEqual(written[0], {
      at: "2026-03-10T12:00:00.000Z",
      level: "info",
      message: "one\ntwo",
      processId: process.pid,
      fields: { sessionId: "s1", attempt: 2, ok: true },
    });
    assert.deepEqual(
      written.map((one) => one["level"]),
      ["info", "debug", "warn", "error"],
    );
    assert.equal(await modeOf(join(folder, "vscode-worker-2026-03-10.log")), "600");
  });

  it("starts a file per day and keeps 14, its own only", async () => {
    await mkdir(join(folder, "vscode-worker-2025-01-01.log"), { recursive: true });
    const others = ["one-2020-01-01.log", "vscode-worker-2020-01-01.log.gz", "vscode-worker-notes.log"];
    const own = [
      "vscode-worker-2026-02-24.log",
      "vscode-worker-2026-02-25.log",
      "vscode-worker-2026-02-26.log",
      "vscode-worker-2026-03-08.log",
      "vscode-worker-2026-03-09.log",
    ];
    for (const name of [...others, ...own]) await writeFile(join(folder, name), "x");
    const log = createDailyLog(folder, machine.context.clock);
    log.info("today");
    machine.now += 12 * 3_600_000;
    log.info("tomorrow");
    await log.flush();
    assert.equal((await lines("2026-03-10")).length, 1);
    assert.equal((await lines("2026-03-11")).length, 1);
    assert.deepEqual(
      (await readdir(folder)).sort(),
      [
        ...others,
        "vscode-worker-2025-01-01.log",
        "vscode-worker-2026-02-26.log",
        "vscode-worker-2026-03-08.log",
        "vscode-worker-2026-03-09.log",
        "vscode-worker-2026-03-10.log",
        "vscode-worker-2026-03-11.log",
      ].sort(),
    );
  });

  it("removes nothing early because the clock is far ahead for a day or two", async () => {
    await mkdir(folder, { recursive: true });
    const own = ["06", "07", "08", "09"].map((day) => `vscode-worker-2026-03-${day}.log`);
    for (const name of own) await writeFile(join(folder, name), "x");
    const names = async (): Promise<readonly string[]> =>
      (await readdir(folder)).filter((name) => name.includes("2026-03-0"));
    const start = machine.now;
    for (const days of [400, 401]) {
      machine.now = start + days * 24 * 3_600_000;
      const log = createDailyLog(folder, machine.context.clock);
      log.info("ahead");
      await log.flush();
      assert.deepEqual((await names()).toSorted(), own);
    }
    machine.now = start;
    const log = createDailyLog(folder, machine.context.clock);
    log.info("right again");
    await log.flush();
    assert.deepEqual((await names()).toSorted(), own);
    machine.now = start + 402 * 24 * 3_600_000;
    const last = createDailyLog(folder, machine.context.clock);
    last.info("a third day says the same");
    await last.flush();
    assert.deepEqual(await names(), []);
  });

  it("leaves a shared folder's mode, makes its own file private", async () => {
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o755);
    await writeFile(join(folder, "vscode-worker-2026-03-10.log"), "");
    await chmod(join(folder, "vscode-worker-2026-03-10.log"), 0o644);
    const log = createDailyLog(folder, machine.context.clock);
    log.info("x");
    await log.flush();
    assert.equal(await modeOf(folder), "755");
    assert.equal(await modeOf(join(folder, "vscode-worker-2026-03-10.log")), "600");
  });

  it("never throws, and tells later how many lines the disk did not take", async () => {
    await mkdir(join(machine.home, ".one"));
    await writeFile(folder, "a file in the way");
    const log = createDailyLog(folder, machine.context.clock);
    for (let n = 0; n < 3; n += 1) log.error("lost");
    await log.flush();
    await rm(folder);
    log.info("back");
    await log.flush();
    const written = await lines("2026-03-10");
    assert.deepEqual(
      written.map((one) => one["message"]),
      ["back", "Log lines were dropped"],
    );
    assert.deepEqual(written[1]?.["fields"], { lines: 3 });
  });

  it("begins a line of its own after one that was cut short", async () => {
    await mkdir(folder, { recursive: true });
    const path = join(folder, "vscode-worker-2026-03-10.log");
    await writeFile(path, '{"message":"ha');
    const log = createDailyLog(folder, machine.context.clock);
    log.info("whole");
    await log.flush();
    log.info("more");
    await log.flush();
    const [cut, ...whole] = (await readFile(path, "utf8")).trimEnd().split("\n");
    assert.equal(cut, '{"message":"ha');
    assert.deepEqual(
      whole.map((line) => record.parse(JSON.parse(line))["message"]),
      ["whole", "more"],
    );
  });

  it("does not write through a link", async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(machine.home, "target"), "");
    await symlink(join(machine.home, "target"), join(folder, "vscode-worker-2026-03-10.log"));
    const log = createDailyLog(folder, machine.context.clock);
    log.info("x");
    await log.flush();
    assert.equal(await readFile(join(machine.home, "target"), "utf8"), "");
  });

  it("bounds a line and the lines that wait", async () => {
    const log = createDailyLog(folder, machine.context.clock);
    log.info("m".repeat(100_000), { long: "f".repeat(100_000) });
    for (let n = 0; n < 6000; n += 1) log.debug("many");
    await log.flush();
    const written = await lines("2026-03-10");
    assert.ok(JSON.stringify(written[0]).length < 10_000);
    assert.equal(written.length, 5001);
    assert.deepEqual(written.at(-1)?.["fields"], { lines: 1001 });
  });

  it("shares a day's file with another window line by line", async () => {
    const windows = [
      createDailyLog(folder, machine.context.clock),
      createDailyLog(folder, machine.context.clock),
    ];
    for (let n = 0; n < 200; n += 1) for (const one of windows) one.info("x".repeat(500));
    await Promise.all(windows.map((one) => one.flush()));
    assert.equal((await lines("2026-03-10")).length, 400);
  });
});
