import assert from "node:assert/strict";
import fc from "fast-check";
import type { TimelineEntry, TimelineFact, WorkerStep } from "../../../src/core/timeline";
import { timeSpent } from "../../../src/core/timeSpent";
import { anyEntries } from "../../fakes/timelineEntries";

let count = 0;
const entry = (at: number, fact: TimelineFact): TimelineEntry => ({ id: `e${(count += 1)}`, at, ...fact });
const step = (at: number, name: WorkerStep): TimelineEntry =>
  entry(at, { kind: "worker", text: name, level: "info", step: name });
const command = (at: number, durationMs: number | undefined): TimelineEntry =>
  entry(at, {
    ...{ kind: "command", command: "x", outputTail: "", exitCode: undefined, durationMs },
    status: durationMs === undefined ? "running" : "ended",
  });
const question = (at: number, waitedMs: number | undefined): TimelineEntry =>
  entry(at, {
    ...{ kind: "question", text: "?", answer: undefined, waitedMs },
    status: waitedMs === undefined ? "open" : "answered",
  });
const spent = (waitingMs: number, modelMs: number, commandsMs: number, workerMs: number): object => ({
  waitingMs,
  modelMs,
  commandsMs,
  workerMs,
});

describe("where a session's time went", () => {
  for (const [what, entries, now, expected] of [
    ["nothing yet", [], 100, spent(0, 0, 0, 0)],
    ["preparing now", [step(10, "preparing")], 100, spent(0, 0, 0, 90)],
    [
      "all of an attempt",
      [step(0, "preparing"), step(10, "working"), step(70, "finishing"), step(80, "ended")],
      1000,
      spent(0, 60, 0, 20),
    ],
    [
      "commands one after another and beside each other",
      [step(0, "working"), command(10, 10), command(15, 10), command(40, undefined), step(60, "ended")],
      100,
      spent(0, 25, 35, 0),
    ],
    [
      "a question while a command runs",
      [step(0, "working"), command(10, 50), question(20, 30), step(100, "finishing")],
      100,
      spent(30, 50, 20, 0),
    ],
    ["a question that is open", [step(0, "working"), question(20, undefined)], 50, spent(30, 20, 0, 0)],
    [
      "an interruption that is over, and a command that nobody saw end",
      [step(0, "working"), command(10, undefined), step(20, "interrupted"), step(50, "preparing")],
      60,
      spent(30, 10, 20, 0),
    ],
    ["an interruption that lasts", [step(0, "working"), step(20, "interrupted")], 60, spent(40, 20, 0, 0)],
    [
      "a claim that was lost and came back",
      [step(0, "working"), step(20, "lost"), step(50, "preparing")],
      60,
      spent(30, 20, 0, 10),
    ],
    ["a claim that was lost for good", [step(0, "working"), step(20, "lost")], 60, spent(0, 20, 0, 0)],
    [
      "no time between an end and a new attempt",
      [step(0, "working"), step(20, "ended"), step(500, "preparing"), step(510, "ended")],
      600,
      spent(0, 20, 0, 10),
    ],
    ["a clock that was set back", [step(100, "working"), step(50, "finishing")], 110, spent(0, 0, 0, 10)],
    ["a time before which nothing is kept", [command(10, 5), step(30, "ended")], 60, spent(0, 15, 5, 0)],
  ] as const) {
    it(what, () => {
      assert.deepEqual(timeSpent(entries, now), expected);
    });
  }

  it("adds up, whatever happened and whatever the clock did", () => {
    fc.assert(
      fc.property(anyEntries, fc.nat(150_000), (entries, now) => {
        const { waitingMs, modelMs, commandsMs, workerMs } = timeSpent(entries, now);
        const parts = [waitingMs, modelMs, commandsMs, workerMs];
        assert.ok(parts.every((part) => part >= 0 && Number.isFinite(part)));
        const sum = parts.reduce((all, part) => all + part, 0);
        assert.equal(sum, lasted(entries, now));
      }),
    );
  });
});

/** How long the session was in somebody's hands, by its steps alone. */
function lasted(entries: readonly TimelineEntry[], now: number): number {
  const steps = entries.filter((one) => one.kind === "worker" && one.step !== undefined);
  const all = [...entries.slice(0, 1).map(({ at }) => ({ at, step: "working" })), ...steps, undefined];
  let sum = 0;
  let from = 0;
  all.forEach((one, index) => {
    const next = all[index + 1];
    if (one === undefined) return;
    const to = Math.max(from, next?.at ?? now);
    from = index === 0 ? one.at : from;
    const until = Math.max(from, to);
    const name = "step" in one ? one.step : undefined;
    if (name !== "ended" && !(name === "lost" && next === undefined)) sum += until - from;
    from = until;
  });
  return sum;
}
