import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock";
import { silentLog } from "../../src/base/log";
import { Redactor } from "../../src/base/redaction/redactor";
import { systemRandom } from "../../src/base/random";
import { markerName } from "../../src/runtime/environment";
import { Family } from "../../src/runtime/keeper/family";
import { readEntry } from "../../src/runtime/keeper/processTable";
import { startProcess } from "../../src/runtime/processTransport";
import { median, type Row } from "./table";

const pairs = 20;
const looks = 100;
const bytes = 200_000_000;
const keeper = { execPath: process.execPath, bundlePath: join(__dirname, "../../dist/processKeeper.js") };

/** Runs a program to its end, with the process keeper; milliseconds. */
async function kept(command: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  const tool = await startProcess({
    command,
    workingDirectory: tmpdir(),
    environment: { PATH: process.env["PATH"] ?? "", [markerName]: systemRandom.uuid() },
    clock: systemClock,
    log: silentLog,
    redactor: new Redactor(),
    keeper,
    onOutput: () => undefined,
  });
  await tool.exited;
  const tookMs = performance.now() - startedAt;
  await tool.close();
  return tookMs;
}

/** The same without it. */
async function plain([program = "", ...args]: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  // In a session of its own too, which a scheduler may treat as one.
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], detached: true });
  child.stdout.resume();
  await once(child, "close");
  return performance.now() - startedAt;
}

/** A tool under its process keeper, against the same program without one, in alternating pairs. */
export const keeperRow: Row = {
  name: "keeper",
  run: async () => {
    const start = { ours: [] as number[], plain: [] as number[] };
    const stream = { ours: [] as number[], plain: [] as number[] };
    const pour = ["head", "-c", String(bytes), "/dev/zero"];
    for (let pair = 0; pair < pairs; pair += 1) {
      // The keeper is a Node: what its start costs is measured by that.
      start.plain.push(await plain([process.execPath, "-e", "0"]));
      start.ours.push(await kept(["true"]));
      if (pair % 4 !== 0) continue;
      stream.plain.push(await plain(pour));
      stream.ours.push(await kept(pour));
    }
    const family = new Family(`${markerName}=${systemRandom.uuid()}`);
    const child = spawn("sleep", ["1000"], { detached: true, stdio: "ignore" });
    const { pid = 0 } = child;
    family.addFirst({ pid, startedAt: readEntry(pid)?.startedAt ?? "" });
    const before = process.cpuUsage();
    for (let look = 0; look < looks; look += 1) await family.find();
    const { user, system } = process.cpuUsage(before);
    const lookMs = (user + system) / 1000 / looks;
    child.kill("SIGKILL");
    const startRatio = median(start.ours) / median(start.plain);
    const ratio = median(stream.ours) / median(stream.plain);
    const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).length;
    return [
      {
        what: "start of a program under its keeper",
        ours: `${median(start.ours).toFixed(0)} ms`,
        baseline: `${median(start.plain).toFixed(0)} ms (a Node)`,
        ratio: startRatio,
        goal: "≤ 2.00",
        met: startRatio <= 2,
      },
      {
        what: `${bytes / 1e6} MB of its output`,
        ours: `${median(stream.ours).toFixed(0)} ms`,
        baseline: `${median(stream.plain).toFixed(0)} ms (spawn)`,
        ratio,
        goal: "≤ 1.50",
        met: ratio <= 1.5,
      },
      {
        what: `one look at ${processes} processes`,
        ours: `${lookMs.toFixed(1)} ms of a processor`,
        baseline: "–",
        ratio: undefined,
        goal: "≤ 5 ms",
        met: lookMs <= 5,
      },
    ];
  },
};
