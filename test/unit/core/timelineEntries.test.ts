import assert from "node:assert/strict";
import { timelineLimit, type TimelineEntry } from "../../../src/core/timeline";
import { TimelineEntries } from "../../../src/core/timelineEntries";

const message = (index: number): TimelineEntry => ({
  ...{ id: `m${index}`, at: index, kind: "message", text: `message ${index}`, final: false },
});
const usage = (index: number): TimelineEntry => ({
  id: `u${index}`,
  at: index,
  kind: "usage",
  usage: {
    ...{ inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, reasoningOutputTokens: 0 },
    ...{ totalTokens: index, contextWindow: undefined },
  },
});
const claimed: TimelineEntry = {
  ...{ id: "claimed", at: 0, kind: "worker", text: "Claimed", level: "info" },
  ...{ step: "preparing", attempt: 1 },
};

describe("the entries of a timeline", () => {
  it("put one with a known id in the place and at the instant of the first", () => {
    const entries = new TimelineEntries();
    [message(1), message(2)].forEach((one) => entries.put(one));
    const again: TimelineEntry = { ...message(9), id: "m1" };
    assert.deepEqual(entries.put(again), { ...again, at: 1 });
    assert.deepEqual(
      entries.list().map((one) => [one.id, one.at]),
      [
        ["m1", 1],
        ["m2", 2],
      ],
    );
  });

  it("are bounded: the newest stay, and where the time went", () => {
    const entries = new TimelineEntries();
    entries.put(claimed);
    for (let index = 0; index < 3 * timelineLimit; index += 1) entries.put(message(index));
    const kept = entries.list();
    assert.ok(kept.length <= timelineLimit && kept.length >= timelineLimit * 0.9);
    assert.equal(kept[0], claimed);
    assert.equal(kept.at(-1)?.id, `m${3 * timelineLimit - 1}`);
    assert.equal(entries.dropped, 3 * timelineLimit + 1 - kept.length);
  });

  it("drop samples of the usage before what people read", () => {
    const entries = new TimelineEntries();
    for (let index = 0; index < timelineLimit; index += 1) {
      entries.put(index % 2 === 0 ? message(index) : usage(index));
    }
    entries.drop(1000);
    const kept = entries.list();
    assert.equal(kept.filter((one) => one.kind === "message").length, timelineLimit / 2);
    assert.equal(kept.length, timelineLimit - 1000);
  });
});
