// Runs many schedules side by side: node test/simulate/run.mjs --seeds N [--from S] [--jobs J] [--mutant NAME]
// One of them again, to be read:      node test/simulate/run.mjs --seed S --trace
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { bundle } from "./build.mjs";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "2000" },
    from: { type: "string", default: "1" },
    jobs: { type: "string", default: String(availableParallelism()) },
    seed: { type: "string" },
    trace: { type: "boolean", default: false },
    mutant: { type: "string" },
  },
});

const mostShown = 20;
const replay = (seed) =>
  `npm run simulate -- --seed ${seed} --trace${values.mutant === undefined ? "" : ` --mutant ${values.mutant}`}`;
const total = { done: 0, events: 0, failed: [], toldAt: performance.now(), broken: false };

/** One process for a share of the seeds. */
async function share(file, args, onLine) {
  const child = spawn(process.execPath, ["--max-semi-space-size=64", "--single-threaded-gc", file, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(signal ?? code));
  });
  for await (const line of createInterface({ input: child.stdout })) onLine(line);
  const how = await ended;
  if (how === 0) return;
  console.log(`a share of the schedules ended early (${how})`);
  total.broken = true;
}

/** A long run says every half minute how far it is. */
function tellProgress() {
  const now = performance.now();
  if (now - total.toldAt < 30_000) return;
  total.toldAt = now;
  const seconds = (now - startedAt) / 1000;
  console.log(`${total.done} schedules, ${(total.done / seconds).toFixed(0)} per second`);
}

function hear(line) {
  if (!line.startsWith("{")) {
    console.log(line);
    return;
  }
  const told = JSON.parse(line);
  total.done += told.done ?? 0;
  total.events += told.events ?? 0;
  if (told.done !== undefined) tellProgress();
  if (told.hash !== undefined) console.log(`seed ${told.seed}: trace ${told.hash}`);
  if (told.failure === undefined) return;
  total.failed.push(told.seed);
  if (total.failed.length <= mostShown)
    console.log(`seed ${told.seed}: ${told.failure}\n  ${replay(told.seed)}`);
}

async function runAll(file) {
  const mutant = values.mutant === undefined ? [] : ["--mutant", values.mutant];
  if (values.seed !== undefined) {
    await share(file, ["--seed", values.seed, ...(values.trace ? ["--trace"] : []), ...mutant], hear);
    return;
  }
  const [seeds, from, jobs] = [values.seeds, values.from, values.jobs].map(Number);
  const shares = Array.from({ length: Math.min(jobs, seeds) }, (_one, index) => {
    const own = Math.ceil((seeds - index) / jobs);
    return ["--from", String(from + index), "--seeds", String(own), "--step", String(jobs), ...mutant];
  });
  await Promise.all(shares.map((args) => share(file, args, hear)));
}

const folder = await mkdtemp(join(tmpdir(), "one-horizon-simulate-"));
const startedAt = performance.now();
try {
  const file = join(folder, "simulate.cjs");
  await bundle(file);
  await runAll(file);
} finally {
  await rm(folder, { recursive: true, force: true });
}
const seconds = (performance.now() - startedAt) / 1000;
console.log(
  `${total.done} schedules in ${seconds.toFixed(1)} s, ${(total.done / seconds).toFixed(0)} per second, ${total.events} events, ${total.failed.length} broken`,
);
if (total.failed.length > 0) console.log(`broken: ${total.failed.sort((a, b) => a - b).join(" ")}`);
process.exitCode = total.failed.length > 0 || total.broken ? 1 : 0;
