import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import { systemClock } from "../../../src/base/clock";
import { seededRandom } from "../../fakes/seededRandom";
import { exists, removeIt, restoreAs } from "./cleanUpFixture";
import { GitFixture } from "./gitFixture";
import { treeImage } from "./treeImage";

/** Git processes that descend from this one and work on this fixture, each with the processes below it. */
async function gitChildren(fixture: GitFixture): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const program = await readFile(`/proc/${name}/comm`, "utf8").catch(() => "");
    if (!program.startsWith("git")) continue;
    const environment = await readFile(`/proc/${name}/environ`, "utf8").catch(() => "");
    if (environment.includes(`HOME=${fixture.home}\0`)) found.push(Number(name));
  }
  return found;
}

function killNow(pid: number): boolean {
  try {
    process.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}

/** For how long a step is let run at most before git is killed, milliseconds. It follows how long the step takes here. */
class Pace {
  #ms = 60;

  get ms(): number {
    return this.#ms;
  }

  tell(hit: boolean): void {
    this.#ms = hit ? Math.min(this.#ms * 1.3 + 1, 1000) : this.#ms / 3;
  }
}

/** Kills git while `work` runs: one process or all, after a random while, until the work is over or enough were killed. */
async function whileKilling(
  fixture: GitFixture,
  random: () => number,
  pace: Pace,
  work: Promise<unknown>,
): Promise<{ readonly killed: number }> {
  const ended = new AbortController();
  const done = work
    .then(
      () => undefined,
      () => undefined,
    )
    .finally(() => ended.abort());
  await systemClock.sleep(random() * pace.ms, neverAborted);
  let killed = 0;
  const all = random() < 0.5;
  while (!ended.signal.aborted && killed === 0) {
    const children = await gitChildren(fixture);
    const chosen = all ? children : children.slice(-1);
    killed += chosen.filter(killNow).length;
    await systemClock.sleep(1, neverAborted);
  }
  await done;
  pace.tell(killed > 0);
  return { killed };
}

/** Five of each step in the suite; more by hand. */
const rounds = Number(process.env["GIT_KILL_ROUNDS"] ?? 15);

describe("git that is killed in the middle", () => {
  let fixture: GitFixture;
  beforeEach(async () => {
    fixture = await GitFixture.withCommit();
    for (let file = 0; file < 30; file++) {
      await fixture.write(join(fixture.repo, `many/${file % 7}/${file}.txt`), `${file}\n`.repeat(50));
    }
    await fixture.git(fixture.repo, "add", "-A");
    await fixture.git(fixture.repo, "commit", "--quiet", "-m", "Many");
  });
  afterEach(() => fixture.remove());

  const seed = Number(process.env["GIT_KILL_SEED"] ?? Date.now() % 1_000_000);

  it(`loses nothing, and the next attempt works: ${rounds} rounds from seed ${seed}`, async function () {
    this.timeout(400_000);
    const seeded = seededRandom(seed);
    const random = (): number => seeded.next();
    const kills = { prepare: 0, commit: 0, remove: 0 };
    const paces = { prepare: new Pace(), commit: new Pace(), remove: new Pace() };
    for (let round = 0; round < rounds; round++) {
      const id = `session-${round}`;
      const step = (["prepare", "commit", "remove"] as const)[round % 3] ?? "prepare";
      try {
        kills[step] += await oneRound(id, step, random, paces[step]);
      } catch (error) {
        throw new Error(`round ${round} (${step}), GIT_KILL_SEED=${seed}: ${String(error)}`, {
          cause: error,
        });
      }
    }
    for (const [step, count] of Object.entries(kills)) assert.ok(count > 0, `${step} was never hit`);
    await fixture.git(fixture.repo, "fsck", "--full");
  });

  async function oneRound(
    id: string,
    step: "prepare" | "commit" | "remove",
    random: () => number,
    pace: Pace,
  ): Promise<number> {
    const prepared = fixture.worktrees().prepare(fixture.request(id), neverAborted);
    let killed = 0;
    if (step === "prepare") killed += (await whileKilling(fixture, random, pace, prepared)).killed;
    else await prepared;
    const made = await fixture.prepare(id);
    assert.equal((await readdir(join(made.path, "many"))).length, 7);
    assert.equal(await fixture.git(made.path, "status", "--porcelain"), "");

    for (let file = 0; file < 20; file++) {
      await fixture.write(join(made.path, `new/${file}.txt`), `${id} ${file}\n`);
    }
    const commit = (): Promise<unknown> =>
      fixture.worktrees().commit(made, fixture.commitOptions(id), neverAborted);
    if (step === "commit") killed += (await whileKilling(fixture, random, pace, commit())).killed;
    await commit();
    assert.equal(await fixture.git(made.path, "status", "--porcelain"), "");
    assert.equal(await fixture.git(fixture.repo, "show", `${made.branch}:new/19.txt`), `${id} 19`);

    for (let file = 0; file < 20; file++) {
      await fixture.write(join(made.path, `late/${file}.txt`), `${id} late\n`);
    }
    const image = await treeImage(made.path);
    if (step === "remove")
      {killed += (await whileKilling(fixture, random, pace, removeIt(fixture, made))).killed;}
    if (await exists(made.path)) {
      assert.deepEqual(await treeImage(made.path), image);
      if (step !== "remove") return killed;
      const { restore } = await removeIt(fixture, made);
      await restoreAs(fixture, restore);
      assert.deepEqual(await treeImage(made.path), image);
    } else {
      const key = made.path.split("/").at(-1) ?? "";
      const refs = await fixture.git(
        fixture.repo,
        "for-each-ref",
        "--format=%(refname)",
        `refs/one-horizon/snapshots/${key}`,
      );
      assert.equal(
        await fixture.git(fixture.repo, "show", `${refs.split("\n").at(-1) ?? ""}:late/19.txt`),
        `${id} late`,
      );
    }
    return killed;
  }
});
