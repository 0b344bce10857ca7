import { allEnded, becalm, checkLeft, checkRest, someWait, unrest } from "./calm";
import type { Mutant } from "./mutant";
import { mostListeners } from "./quickAbort";
import { planTrouble } from "./people";
import { SimWorld } from "./world";

/** How long the calm may take until everything has come to rest, milliseconds. */
const calmLimitMs = 2 * 3_600_000;
/** Loops, deadlines and calls of a handful of sessions listen to one signal, and no more. */
const listenerLimit = 40;
/** Rest must last: nothing may come after it, and where a session waits two polls may not change that. */
const restMs = 2000;
const waitMs = 70_000;
/** Trouble has nothing left to trouble so long after the last session ended. */
const quietMs = 3000;

export interface SeedResult {
  readonly seed: number;
  readonly failure: string | undefined;
  readonly hash: string;
  readonly events: number;
  readonly lines: readonly string[] | undefined;
}

/** One schedule from its first to its last event. */
export async function simulate(
  seed: number,
  options: { readonly keepTrace?: boolean; readonly mutant?: Mutant } = {},
): Promise<SeedResult> {
  const { keepTrace = false, mutant } = options;
  const world = new SimWorld(seed, { keepTrace, ...(mutant === undefined ? {} : { mutant }) });
  const onLost = (error: unknown): void => world.watch.fail(`nobody hears of: ${String(error)}`);
  process.on("unhandledRejection", onLost);
  try {
    await live(world);
    const listeners = mostListeners();
    if (listeners > listenerLimit) world.watch.fail(`${listeners} listeners gathered on one signal`);
  } catch (error) {
    world.watch.fail(
      `the simulation failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  } finally {
    process.off("unhandledRejection", onLost);
  }
  const { hash, events, lines } = world.trace;
  return { seed, failure: world.watch.failure, hash, events, lines };
}

async function live(world: SimWorld): Promise<void> {
  const { timeline, watch } = world;
  await world.begin();
  planTrouble(world);
  if (!(await advance(world, troubleEnds(world)))) return;
  becalm(world);
  const until = timeline.elapsed + calmLimitMs;
  let restsSince: number | undefined;
  let lookedAt = 0;
  const rests = (): boolean => {
    if (timeline.elapsed < lookedAt + 500) return false;
    lookedAt = timeline.elapsed;
    const why = unrest(world);
    if (why !== undefined) restsSince = undefined;
    else restsSince ??= timeline.elapsed;
    if (timeline.elapsed > until) watch.fail(`no rest: ${why ?? ""}`);
    return restsSince !== undefined && timeline.elapsed - restsSince > (someWait(world) ? waitMs : restMs);
  };
  if (!(await advance(world, rests))) return;
  checkRest(world);
  await close(world);
}

function troubleEnds(world: SimWorld): () => boolean {
  const { timeline, plan } = world;
  let endedAt: number | undefined;
  return () => {
    if (timeline.asleep) return false;
    if (!allEnded(world)) endedAt = undefined;
    else if (plan.newSessions === 0) endedAt ??= timeline.elapsed;
    return (
      timeline.elapsed >= plan.troubleMs || (endedAt !== undefined && timeline.elapsed >= endedAt + quietMs)
    );
  };
}

async function close(world: SimWorld): Promise<void> {
  world.settled = true;
  world.timeline.after(0, () => {
    for (const window of world.open) world.closeWindow(window);
  });
  const until = world.timeline.elapsed + 4900;
  const gone = (): boolean => world.open.length === 0 || world.timeline.elapsed > until;
  if (!(await advance(world, gone))) return;
  if (world.open.length > 0) world.watch.fail(`${world.open.length} windows do not close`);
  checkLeft(world);
}

/** False when a promise was broken on the way. */
async function advance(world: SimWorld, done: () => boolean): Promise<boolean> {
  while (!done()) {
    if (!(await world.timeline.step())) {
      world.watch.fail("nothing happens any more");
    }
    world.look();
    if (world.watch.failure !== undefined) return false;
  }
  return world.watch.failure === undefined;
}
