import assert from "node:assert/strict";
import type { World } from "./world";

/** What must hold at any instant, whatever went wrong before. */
export function assertPromises(world: World): void {
  assert.deepEqual(world.errors, [], "nothing failed inside the worker");
  assert.equal(
    world.slots.taken - world.slots.givenBack,
    world.slots.held.length,
    "each slot is given back once",
  );
  assert.deepEqual(world.platform.deadCalls, [], "nothing is sent with a claim that was seen to be dead");
  // What a dead process showed last is shown to nobody.
  const views = world.dead ? [] : world.store.state.sessions.values();
  for (const view of views) {
    if (view.phase !== "running") continue;
    assert.ok(
      world.runtime.live.has(view.sessionId),
      `${view.sessionId} shows as running without a live run`,
    );
  }
  for (const sessionId of world.platform.ids) assertTelling(world, sessionId);
}

/** Each claim's activities are numbered 1 to n without a repetition, and it ends at most once, after all of them. */
function assertTelling(world: World, sessionId: string): void {
  const { activities, finishes } = world.platform.of(sessionId);
  for (const claimId of new Set(activities.map((one) => one.claimId))) {
    const told = activities.filter((one) => one.claimId === claimId).map((one) => one.activity);
    const first = told[0]?.sequence ?? 1;
    assert.deepEqual(
      told.map((one) => one.sequence),
      told.map((_one, index) => first + index),
      `${sessionId} is told in order`,
    );
    assert.equal(new Set(told.map((one) => one.activityId)).size, told.length);
  }
  const ids = activities.map((one) => one.activity.activityId);
  assert.equal(new Set(ids).size, ids.length, `${sessionId}: a report is stored once`);
  const claims = finishes.map((one) => one.claimId);
  assert.equal(new Set(claims).size, claims.length, `${sessionId}: a claim is finished once`);
}
