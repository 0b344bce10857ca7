import type { Clock } from "../../src/base/clock";
import { WorktreeError, type Worktrees } from "../../src/core/ports/worktrees";
import { FakeWorktrees } from "../fakes/fakeWorktrees";
import type { Dice } from "./dice";
import type { Life } from "./life";
import type { Plan } from "./plan";

/** The repository: git takes its time and fails now and then; what it did before a process died stays done. */
export class Git {
  readonly paper = new FakeWorktrees();
  readonly #dice: Dice;
  readonly #plan: Plan;
  calm = false;

  constructor(dice: Dice, plan: Plan) {
    this.#dice = dice;
    this.#plan = plan;
  }

  worktreesOf(life: Life, clock: Clock): Worktrees {
    const { paper } = this;
    const slow = async <T>(most: number, signal: AbortSignal, act: () => Promise<T>): Promise<T> =>
      await life.call(async () => {
        await clock.sleep(this.#dice.between(1, most), signal);
        this.#fail();
        return await act();
      });
    return {
      prepare: (request, signal) =>
        slow(this.#dice.pick([50, 3000, 30_000]), signal, () => paper.prepare(request, signal)),
      setUp: (worktree, signal) => slow(50, signal, () => paper.setUp(worktree)),
      verify: (noted, signal) => slow(50, signal, () => paper.verify(noted, signal)),
      commit: (worktree, options, signal) =>
        slow(1000, signal, () => paper.commit(worktree, options, signal)),
      diffStat: (worktree, signal) => slow(50, signal, () => paper.diffStat(worktree, signal)),
      publish: () => life.call(() => paper.publish()),
      publishRun: (worktree, options, signal) =>
        slow(3000, signal, () => paper.publishRun(worktree, options, signal)),
      discard: (worktree, sessionId, signal, before) =>
        slow(200, signal, () => paper.discard(worktree, sessionId, signal, before)),
      release: (worktree, sessionId) => life.call(() => paper.release(worktree, sessionId)),
      check: () => life.call(() => paper.check()),
    };
  }

  #fail(): void {
    if (!this.calm && this.#dice.chance(this.#plan.gitFailures)) {
      throw new WorktreeError("failed", "Git failed. Nothing was changed. Try again.");
    }
  }
}
