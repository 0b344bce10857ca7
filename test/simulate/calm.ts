import { answerInEditor, carryOut } from "./people";
import type { SimWorld } from "./world";

const final = new Set(["complete", "error", "cancelled"]);

/** The trouble ends: what runs runs well, and a person brings the worker up again where it was stopped. */
export function becalm(world: SimWorld): void {
  world.watch.note("calm");
  world.weather.calm = true;
  world.weather.beatTroubles += 1;
  world.weather.troubles += 1;
  world.platform.downUntil = 0;
  world.platter.trouble = undefined;
  world.tool.calm = true;
  world.git.calm = true;
  takeCare(world);
}

function takeCare(world: SimWorld): void {
  world.timeline.after(5000, () => {
    if (world.settled) return;
    const { dice, plan } = world;
    if (dice.chance(plan.patience)) dice.chance(0.5) ? world.platform.answerAll() : answerInEditor(world);
    if (world.open.every((window) => window.closing)) world.openWindow();
    for (const window of world.open) {
      if (window.closing) continue;
      if (window.phase === "stopped" || window.phase === "rejected") carryOut(world, window, "start", "");
      if (window.phase === "paused") carryOut(world, window, "resume", "");
    }
    takeCare(world);
  });
}

export function allEnded(world: SimWorld): boolean {
  return world.platform.sessions.every(({ status }) => final.has(status));
}

/** A session was given back, and only a person takes it again. */
export function someWait(world: SimWorld): boolean {
  return !allEnded(world);
}

/** Why the world has not come to rest yet; undefined when it has. */
export function unrest(world: SimWorld): string | undefined {
  const { owner } = world;
  if (owner === undefined) return `no worker runs: ${world.open.map((one) => one.phase).join()}`;
  if (owner.phase !== "online") return `the worker is ${owner.phase}`;
  for (const { sessionId, status } of world.platform.sessions) {
    const view = owner.store.state.sessions.get(sessionId);
    // The next poll finds out what became of it.
    if (view?.phase === "interrupted") return `${sessionId} shows as interrupted`;
    const waits = (status === "queued" || status === "stale") && view?.phase === "released";
    if (!final.has(status) && !waits) {
      return `${sessionId} is ${status} and shows as ${String(view?.phase)}: ${view?.detail ?? ""}`;
    }
    const record = owner.journal?.list().find((one) => one.sessionId === sessionId);
    if (record?.outcome === "running") return `${sessionId} is noted as running, and is ${status}`;
  }
  if (world.tool.processes.size > 0 && [...world.tool.processes].some((one) => !one.orphaned)) {
    return "the tool runs";
  }
  if (world.machine.slotsHeld > 0) return "a slot is held";
  return undefined;
}

const shown: Readonly<Record<string, readonly string[]>> = {
  complete: ["complete", "claimLost", "elsewhere", "listed", "released"],
  error: ["failed", "claimLost", "elsewhere", "listed", "released"],
  cancelled: ["cancelled", "claimLost", "listed", "released", "failed", "elsewhere"],
  queued: ["released"],
  stale: ["released"],
};

/** What must be true at rest. */
export function checkRest(world: SimWorld): void {
  const { watch, owner, platform } = world;
  for (const { sessionId, status } of platform.sessions) {
    if (!world.notesLost) watch.reports.checkOrder(sessionId);
    const phase = owner?.store.state.sessions.get(sessionId)?.phase;
    if (phase !== undefined && shown[status]?.includes(phase) !== true) {
      watch.fail(`${sessionId} is ${status} and shows as ${phase}`);
    }
  }
}

/** What must be true once all windows are closed: nothing of them is left. */
export function checkLeft(world: SimWorld): void {
  const { watch, machine, windows } = world;
  for (const { life } of windows) {
    if (life.timers.size > 0) watch.fail(`${life.name} leaves ${life.timers.size} timers`);
    if (life.pending > 0 && !life.over) watch.fail(`${life.name} leaves ${life.pending} calls`);
  }
  if (machine.locked.length > 0) watch.fail(`still held: ${machine.locked.join()}`);
  if (machine.slotsHeld > 0) watch.fail("slots are not given back");
  if (watch.beating.size > 0) watch.fail("a heartbeat goes on");
}
