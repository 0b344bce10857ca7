import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import type { GitWorktrees } from "../../../src/git/gitWorktrees";
import { seededRandom } from "../../fakes/seededRandom";
import { exists, removeBy, removeIt, restoreAs } from "./cleanUpFixture";
import { GitFixture } from "./gitFixture";
import { MortalGit } from "./mortalGit";
import { treeImage } from "./treeImage";

type Step = "prepare" | "commit" | "remove";

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

  const seed = Number(process.env["GIT_KILL_SEED"] ?? 1);

  it(`loses nothing, and the next attempt works: ${rounds} rounds from seed ${seed}`, async function () {
    this.timeout(400_000);
    const random = seededRandom(seed);
    const mortal = new MortalGit(join(fixture.home, "mortal"));
    /** How many calls each step makes; found out by a round without a kill. */
    const calls = { prepare: 0, commit: 0, remove: 0 };
    const hits = { prepare: 0, commit: 0, remove: 0 };
    for (let round = 0; round < rounds + 3; round++) {
      const step = (["prepare", "commit", "remove"] as const)[round % 3] ?? "prepare";
      const killAt = round < 3 ? 0 : 1 + Math.floor(random.next() * calls[step]);
      const later = (random.next() * 0.01).toFixed(4);
      // The first of each step is hit for certain.
      const afterSeconds = random.next() < 0.5 || round < 6 ? undefined : later;
      try {
        await mortal.make(killAt, afterSeconds);
        await oneRound(`session-${round}`, step, mortal);
      } catch (error) {
        const what = `round ${round} (${step}, call ${killAt}), GIT_KILL_SEED=${seed}`;
        throw new Error(`${what}: ${String(error)}`, { cause: error });
      }
      if (round < 3) calls[step] = await mortal.calls();
      hits[step] += await mortal.hits();
    }
    for (const [step, count] of Object.entries(hits)) assert.ok(count > 0, `${step} was never hit`);
    await fixture.git(fixture.repo, "fsck", "--full");
  });

  async function oneRound(id: string, step: Step, mortal: MortalGit): Promise<void> {
    const mortalPath = `${mortal.folder}:${process.env["PATH"] ?? ""}`;
    const environment = { ...fixture.environment(), PATH: mortalPath };
    const tryIn = async (one: Step, work: (worktrees: GitWorktrees) => Promise<unknown>): Promise<void> => {
      if (one === step) await work(fixture.worktrees({ environment })).catch(() => undefined);
    };
    await tryIn("prepare", (worktrees) => worktrees.prepare(fixture.request(id), neverAborted));
    const made = await fixture.prepare(id);
    assert.equal((await readdir(join(made.path, "many"))).length, 7);
    assert.equal(await fixture.git(made.path, "status", "--porcelain"), "");

    await writeFiles(join(made.path, "new"), id);
    const commit = (worktrees: GitWorktrees): Promise<unknown> =>
      worktrees.commit(made, fixture.commitOptions(id), neverAborted);
    await tryIn("commit", commit);
    await commit(fixture.worktrees());
    assert.equal(await fixture.git(made.path, "status", "--porcelain"), "");
    assert.equal(await fixture.git(fixture.repo, "show", `${made.branch}:new/19.txt`), id);

    await writeFiles(join(made.path, "late"), id);
    const image = await treeImage(made.path);
    await tryIn("remove", (worktrees) => removeBy(worktrees, fixture, made));
    if (await exists(made.path)) {
      assert.deepEqual(await treeImage(made.path), image);
      if (step !== "remove") return;
      const { restore } = await removeIt(fixture, made);
      await restoreAs(fixture, restore);
      assert.deepEqual(await treeImage(made.path), image);
    } else await assertSnapshot(made.path, id);
  }

  async function writeFiles(folder: string, text: string): Promise<void> {
    for (let file = 0; file < 20; file++) await fixture.write(join(folder, `${file}.txt`), `${text}\n`);
  }

  async function assertSnapshot(path: string, id: string): Promise<void> {
    const refs = `refs/one-horizon/snapshots/${path.split("/").at(-1) ?? ""}`;
    const names = await fixture.git(fixture.repo, "for-each-ref", "--format=%(refname)", refs);
    const last = names.split("\n").at(-1) ?? "";
    assert.equal(await fixture.git(fixture.repo, "show", `${last}:late/19.txt`), id);
  }
});
