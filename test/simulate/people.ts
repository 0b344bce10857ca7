import { messageOf } from "../../src/base/log";
import { UserError } from "../../src/core/actions";
import type { Answer, Decision } from "../../src/core/ports/person";
import { Refusal } from "../../src/sandbox/refusal";
import type { SimWindow } from "./window";
import type { SimWorld } from "./world";

/** Plans all that people, editors, disks and nights do to a worker until the trouble ends. */
export function planTrouble(world: SimWorld): void {
  const { plan } = world;
  const acts: readonly (readonly [number, (world: SimWorld) => void])[] = [
    [plan.crashes, crash],
    [plan.reloads, reload],
    [plan.sleeps, sleep],
    [plan.wallSteps, stepWall],
    [plan.outages, outage],
    [plan.signals, signal],
    [plan.commands, command],
    [plan.cancellations, cancel],
    [plan.requeues, requeue],
    [plan.thefts, steal],
    [plan.diskTroubles, troubleDisk],
    [plan.bitRot, rot],
    [plan.answers, (one) => one.platform.answerAll()],
    [plan.editorAnswers, answerInEditor],
    [plan.newSessions, (one) => one.platform.addWork("Late work")],
  ];
  for (const [times, act] of acts) {
    for (let index = 0; index < times; index += 1) {
      world.timeline.after(world.dice.between(100, plan.troubleMs), () => {
        if (!world.weather.calm) act(world);
      });
    }
  }
  keepWindowsOpen(world);
}

/** A window that crashed or was closed comes back sooner or later. */
function keepWindowsOpen(world: SimWorld): void {
  const { timeline, dice, plan } = world;
  timeline.after(dice.between(200, 20_000), () => {
    if (world.weather.calm) return;
    if (world.open.length < plan.windows) world.openWindow();
    keepWindowsOpen(world);
  });
}

function crash(world: SimWorld): void {
  const { dice } = world;
  const window = dice.chance(0.8) ? (world.owner ?? dice.oneOf(world.open)) : dice.oneOf(world.open);
  if (window === undefined) return;
  if (dice.chance(0.4)) world.timeline.whenAwake(() => window.life.end());
  else window.life.dieAfter(dice.pick([dice.between(1, 10), dice.between(1, 60), dice.between(1, 200)]));
}

function reload(world: SimWorld): void {
  const window = world.dice.oneOf(world.open);
  if (window !== undefined && !world.timeline.asleep) world.closeWindow(window);
}

function sleep(world: SimWorld): void {
  const { dice, timeline, watch } = world;
  const ms = dice.pick([3000, 20_000, 70_000, 200_000, 400_000, 3_600_000]);
  watch.note(`the machine sleeps for ${ms} ms`);
  timeline.suspend(ms);
}

function stepWall(world: SimWorld): void {
  const { dice, timeline, watch } = world;
  const ms = dice.pick([-3_600_000, -30_000, -1000, 1000, 4000, 30_000, 7_200_000]);
  watch.note(`the wall clock is set by ${ms} ms`);
  timeline.setWall(ms);
}

function outage(world: SimWorld): void {
  const { dice, platform, timeline, watch, weather } = world;
  const ms = dice.pick([500, 5000, 20_000, 60_000]);
  watch.note(`the platform is down for ${ms} ms`);
  platform.downUntil = timeline.now + ms;
  weather.troubles += 1;
  weather.beatTroubles += 1;
  timeline.after(ms, () => {
    weather.troubles += 1;
    weather.beatTroubles += 1;
  });
}

function signal(world: SimWorld): void {
  const { dice, platform, timeline, watch } = world;
  const one = (): void => {
    const type = dice.pick(["pause", "resume", "stop", "restart", "pause", "resume"]);
    watch.note(`the platform asks for ${type}: ${platform.signal(type)}`);
  };
  one();
  if (dice.chance(0.4)) timeline.after(dice.between(50, 8000), one);
}

function command(world: SimWorld): void {
  const { dice, watch, timeline } = world;
  const window = dice.chance(0.7) ? (world.owner ?? dice.oneOf(world.open)) : dice.oneOf(world.open);
  const sessionId = dice.oneOf(world.platform.sessions)?.sessionId ?? "";
  const what = dice.pick(["stop", "start", "restart", "pause", "resume", "claim", "release", "fail"]);
  if (window === undefined || window.closing || timeline.asleep) return;
  watch.note(`a person: ${what} ${sessionId} in ${window.life.name}`);
  carryOut(world, window, what, sessionId);
}

type Command = "stop" | "start" | "restart" | "pause" | "resume" | "claim" | "release" | "fail";

/** A refusal that is put in words for the person is an answer like any other. */
export function carryOut(world: SimWorld, window: SimWindow, what: Command, sessionId: string): void {
  const { controller, life } = window;
  const acts: Readonly<Record<Command, () => Promise<void> | void>> = {
    claim: () => controller.claim(sessionId),
    release: () => controller.release(sessionId),
    fail: () => controller.fail(sessionId, "I do not want it any more."),
    pause: () => controller.pause(),
    resume: () => controller.resume(),
    stop: () => controller.stop(),
    start: () => controller.start(),
    restart: () => controller.restart(),
  };
  const doIt = async (): Promise<void> => {
    const round = world.platform.rounds.get(sessionId);
    if (what === "stop" || what === "start" || what === "restart") world.watch.forgetGivenBack(life);
    if (what === "claim") world.watch.givenBack.delete(sessionId);
    await acts[what]();
    if (what !== "release" || world.platform.session(sessionId).status !== "queued") return;
    // What the platform has not heard of ends with the process that knew of it.
    const told = world.platform.rounds.get(sessionId) !== round;
    world.watch.givenBack.set(sessionId, told ? undefined : life);
  };
  doIt().catch((error: unknown) => {
    if (error instanceof UserError || life.over || window.closing) return;
    world.watch.fail(`${what} failed: ${messageOf(error)}`);
  });
}

/** A person answers one of the questions that a window shows. */
export function answerInEditor(world: SimWorld): void {
  const { dice, watch, timeline } = world;
  const shown = world.open.flatMap((window) =>
    [...window.store.state.sessions.values()].flatMap(({ sessionId, questions }) =>
      questions.map((question) => ({ window, sessionId, question })),
    ),
  );
  const one = dice.oneOf(shown);
  if (one === undefined || one.window.closing || timeline.asleep) return;
  const { window, sessionId, question } = one;
  const { what, questionId } = question;
  const answer = dice.pick(answers);
  try {
    window.controller.answer(sessionId, questionId, answer);
  } catch (error) {
    if (error instanceof UserError) return;
    watch.fail(`an answer failed: ${messageOf(error)}`);
    return;
  }
  watch.note(`a person answers ${what} of ${sessionId} in ${window.life.name}: ${JSON.stringify(answer)}`);
  watch.questions.given(what, answer);
  // Twice in a row is once too often.
  if (dice.chance(0.2)) {
    try {
      window.controller.answer(sessionId, questionId, answer);
      watch.fail(`${what} takes an answer twice`);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  }
}

const decided = (decision: Decision, guidance?: string): Answer => ({ kind: "decision", decision, guidance });
const answers: readonly [Answer, ...Answer[]] = [
  decided("approve"),
  decided("approve"),
  decided("approveForSession"),
  decided("deny", "Do it otherwise."),
  decided("deny"),
  decided("cancel"),
  { kind: "texts", texts: ["right"] },
  { kind: "texts", texts: ["neither"] },
];

function onSession(world: SimWorld, act: (sessionId: string) => void): void {
  const sessionId = world.dice.oneOf(world.platform.sessions)?.sessionId;
  if (sessionId === undefined) return;
  try {
    act(sessionId);
  } catch (error) {
    // It is in no state for that.
    if (!(error instanceof Refusal)) throw error;
  }
}

function cancel(world: SimWorld): void {
  onSession(world, (sessionId) => {
    world.platform.cancel(sessionId);
    world.watch.note(`${sessionId} is cancelled`);
  });
}

function requeue(world: SimWorld): void {
  onSession(world, (sessionId) => {
    world.platform.requeue(sessionId);
    world.watch.givenBack.delete(sessionId);
    world.watch.note(`${sessionId} is queued again`);
  });
}

function steal(world: SimWorld): void {
  onSession(world, (sessionId) => {
    const how = world.dice.pick([
      { kind: "complete", summary: "done elsewhere" },
      { kind: "fail", message: "failed elsewhere", reason: "x" },
    ] as const);
    world.platform.takeElsewhere(sessionId, how);
    world.watch.note(`another worker takes ${sessionId}`);
  });
}

function troubleDisk(world: SimWorld): void {
  const { dice, platter, timeline, watch } = world;
  const code = dice.pick(["ENOSPC", "EIO", "EROFS", "EACCES"]);
  const ms = dice.pick([100, 2000, 20_000, 60_000]);
  watch.note(`the disk is in trouble: ${code} for ${ms} ms`);
  platter.trouble = { until: timeline.now + ms, code, share: dice.pick([0.3, 1]) };
}

function rot(world: SimWorld): void {
  world.watch.note("a bit rots");
  world.platter.rot(world.dice);
}
