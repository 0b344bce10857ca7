import assert from "node:assert/strict";
import { join } from "node:path";
import { neverAborted } from "../../../src/base/abort";
import type { Worktree } from "../../../src/core/ports/worktrees";
import type { GitWorktrees } from "../../../src/git/gitWorktrees";
import { seededRandom } from "../../fakes/seededRandom";
import { textOf } from "./gitFixture";
import { hurriedClock } from "./hurriedClock";
import { MortalGit } from "./mortalGit";
import { RunFixture } from "./runFixture";

const steps = ["take over", "begin a merge", "publish", "read"] as const;
type Step = (typeof steps)[number];

/** Three of each step in the suite; more by hand. */
const rounds = Number(process.env["GIT_KILL_ROUNDS"] ?? 12);

describe("a run's branch when git and all that calls it are killed in the middle", () => {
  let runs: RunFixture;
  beforeEach(async () => {
    runs = await RunFixture.create();
  });
  afterEach(() => runs.remove());

  const seed = Number(process.env["GIT_KILL_SEED"] ?? 1);
  const gitIn = (path: string, ...args: string[]): Promise<string> => runs.git.git(path, ...args);

  it(`is as it should be after the next attempt: ${rounds} rounds from seed ${seed}`, async function () {
    this.timeout(600_000);
    const random = seededRandom(seed);
    const mortal = new MortalGit(join(runs.git.home, "mortal"));
    /** How many calls each step makes; found out by a round without a kill. */
    const calls = new Map<Step, number>();
    const hits = new Map<Step, number>();
    for (let round = 0; round < rounds + steps.length; round++) {
      const step = steps[round % steps.length] ?? "publish";
      const known = calls.get(step);
      const killAt = known === undefined ? 0 : 1 + Math.floor(random.next() * known);
      const later = (random.next() * 0.01).toFixed(4);
      // The first of each step is hit for certain.
      const afterSeconds = random.next() < 0.5 || round < 2 * steps.length ? undefined : later;
      const forGood = random.next() < 0.7;
      try {
        await oneRound(`runs/k${round}`, step, mortal, () => mortal.make(killAt, afterSeconds, forGood));
      } catch (error) {
        const what = `round ${round} (${step}, call ${killAt}, ${String(forGood)}), GIT_KILL_SEED=${seed}`;
        throw new Error(`${what}: ${String(error)}`, { cause: error });
      }
      if (known === undefined) calls.set(step, await mortal.calls());
      hits.set(step, (hits.get(step) ?? 0) + (await mortal.hits()));
    }
    for (const step of steps) assert.ok((hits.get(step) ?? 0) > 0, `${step} was never hit`);
    await gitIn(runs.git.repo, "fsck", "--full");
    await gitIn(runs.origin, "fsck", "--full");
  });

  async function oneRound(
    branch: string,
    step: Step,
    mortal: MortalGit,
    arm: () => Promise<void>,
  ): Promise<void> {
    const PATH = `${mortal.folder}:${process.env["PATH"] ?? ""}`;
    const dying = runs.git.worktrees({ environment: { ...runs.git.environment(), PATH } });
    const living = runs.git.worktrees({ clock: hurriedClock });
    const dieIn = async (work: (worktrees: GitWorktrees) => Promise<unknown>): Promise<void> => {
      await arm();
      await work(dying).catch(() => undefined);
    };
    const act = { "take over": takeOver, "begin a merge": merge, publish, read }[step];
    await act(branch, dieIn, living);
  }

  type DieIn = (work: (worktrees: GitWorktrees) => Promise<unknown>) => Promise<void>;
  const prepare = (worktrees: GitWorktrees, branch: string, sessionId: string, mergeBase = false) =>
    worktrees.prepare(runs.request(sessionId, { kind: "run", branch, mergeBase }), neverAborted);

  /** A commit of an earlier session that is here only, and one that is on the remote only. */
  async function apart(worktrees: GitWorktrees, branch: string): Promise<{ ours: string; theirs: string }> {
    const made = await prepare(worktrees, branch, "early");
    await runs.git.write(join(made.path, "ours.txt"), `${branch}\n`);
    const { headCommit } = await worktrees.commit(made, runs.git.commitOptions("early"), neverAborted);
    await worktrees.release(made, "early");
    return { ours: headCommit, theirs: await runs.theirs("theirs.txt", `${branch}\n`, branch) };
  }

  async function assertHolds(made: Worktree, commits: readonly string[]): Promise<void> {
    for (const one of commits) await gitIn(made.path, "merge-base", "--is-ancestor", one, "HEAD");
    assert.equal(await gitIn(made.path, "symbolic-ref", "--short", "HEAD"), made.branch);
    assert.equal(await gitIn(made.path, "status", "--porcelain"), "");
  }

  async function takeOver(branch: string, dieIn: DieIn, living: GitWorktrees): Promise<void> {
    const { ours, theirs } = await apart(living, branch);
    await dieIn((worktrees) => prepare(worktrees, branch, "late"));
    const made = await prepare(living, branch, "late");
    await assertHolds(made, [ours, theirs]);
    assert.equal(await textOf(join(made.path, "theirs.txt")), `${branch}\n`);
    await living.release(made, "late");
  }

  async function merge(branch: string, dieIn: DieIn, living: GitWorktrees): Promise<void> {
    await runs.theirs("readme.txt", `${branch}\n`, branch);
    await runs.theirs("readme.txt", `base beside ${branch}\n`, "main");
    await dieIn((worktrees) => prepare(worktrees, branch, "late", true));
    const made = await prepare(living, branch, "late", true);
    assert.deepEqual(made.conflicts, ["readme.txt"]);
    await runs.git.write(join(made.path, "readme.txt"), "both\n");
    const { headCommit } = await living.commit(made, runs.git.commitOptions("late"), neverAborted);
    await assertHolds(made, [await runs.tip(branch), await runs.tip("main")]);
    assert.equal((await gitIn(made.path, "rev-list", "--parents", "-1", headCommit)).split(" ").length, 3);
    await living.release(made, "late");
  }

  async function publish(branch: string, dieIn: DieIn, living: GitWorktrees): Promise<void> {
    const { ours, theirs } = await apart(living, branch);
    const options = { sessionId: "early", gitHooks: false, quarantine: runs.git.quarantine };
    const before = await prepare(living, branch, "early");
    await living.release(before, "early");
    const later = await runs.theirs("more.txt", `${branch}\n`, branch);
    await dieIn((worktrees) => worktrees.publishRun(before, options, neverAborted));
    const made = await prepare(living, branch, "early");
    const { commit } = await living.publishRun(made, options, neverAborted);
    assert.equal(await runs.tip(branch), commit);
    await assertHolds(made, [ours, theirs, later]);
    assert.equal(await gitIn(made.path, "rev-parse", "HEAD"), commit);
    await living.release(made, "early");
  }

  async function read(branch: string, dieIn: DieIn, living: GitWorktrees): Promise<void> {
    await runs.theirs("a.txt", `${branch}\n`, branch);
    const request = runs.request(branch, { kind: "detached", branch, required: true });
    await dieIn(async (worktrees) => {
      const made = await worktrees.prepare(request, neverAborted);
      await worktrees.discard(made, branch, neverAborted);
    });
    const made = await living.prepare(request, neverAborted);
    assert.equal(await gitIn(made.path, "rev-parse", "HEAD"), await runs.tip(branch));
    assert.equal(await gitIn(made.path, "status", "--porcelain"), "");
    await living.discard(made, branch, neverAborted);
    assert.equal(await textOf(join(made.path, "a.txt")), undefined);
  }
});
