import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import * as z from "zod/mini";
import { bundle } from "../../simulate/build.mjs";

const run = promisify(execFile);
/** Enough for a loaded machine; an idle one needs a tenth. */
const longestMs = 180_000;

const told = z.object({
  seed: z.optional(z.number()),
  hash: z.optional(z.string()),
  failure: z.optional(z.string()),
  done: z.optional(z.number()),
  mutant: z.optional(z.string()),
  tried: z.optional(z.number()),
});

describe("the whole worker in a simulated world", function () {
  this.timeout(longestMs);
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "one-horizon-simulate-"));
    await bundle(join(folder, "simulate.cjs"));
  });

  after(() => rm(folder, { recursive: true, force: true }));

  async function simulated(...args: readonly string[]): Promise<readonly z.infer<typeof told>[]> {
    const all = ["--max-semi-space-size=64", join(folder, "simulate.cjs"), ...args];
    const { stdout } = await run(process.execPath, all, { maxBuffer: 64_000_000 });
    return stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => told.parse(JSON.parse(line)));
  }

  it("keeps every promise in 2,000 schedules of trouble", async () => {
    const jobs = Math.min(4, availableParallelism());
    const shares = Array.from({ length: jobs }, (_one, index) =>
      simulated("--from", `${index + 1}`, "--step", `${jobs}`, "--seeds", `${Math.ceil(2000 / jobs)}`),
    );
    const lines = (await Promise.all(shares)).flat();
    const broken = lines.flatMap(({ seed, failure }) =>
      failure === undefined ? [] : [`${failure}\n  npm run simulate -- --seed ${seed ?? 0} --trace`],
    );
    assert.deepEqual(broken, []);
    const done = lines.reduce((sum, one) => sum + (one.done ?? 0), 0);
    assert.ok(done >= 2000, `${done} schedules`);
  });

  it("does the same with the same seed", async () => {
    const [first, second] = await Promise.all([
      simulated("--from", "5000", "--seeds", "60", "--hashes"),
      simulated("--from", "5000", "--seeds", "60", "--hashes"),
    ]);
    assert.deepEqual(first, second);
    const hashes = new Set(first.flatMap(({ hash }) => hash ?? []));
    assert.equal(hashes.size, 60, "each schedule is another one");
  });

  it("catches workers that are wrong in one thing each", async () => {
    const caught = await simulated("--mutants", "--seeds", "250");
    assert.ok(caught.length >= 10);
    const missed = caught.filter(({ failure }) => failure === undefined).map(({ mutant }) => mutant);
    assert.deepEqual(missed, []);
  });
});
