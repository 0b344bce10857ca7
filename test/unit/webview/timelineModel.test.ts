import assert from "node:assert/strict";
import type { TimelineEntry } from "../../../src/core/timeline";
import { TimelineModel, type TimelineRow } from "../../../src/webview/timeline/model";

const noon = Date.UTC(2026, 10, 21, 12);
const minute = 60_000;
const day = (at: number): string => new Date(at).toISOString().slice(0, 10);

function note(id: string, at = noon, text = id): TimelineEntry {
  return { id, at, kind: "worker", level: "info", text };
}

function usage(id: string, totalTokens: number): TimelineEntry {
  const counts = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, reasoningOutputTokens: 0 };
  return { id, at: noon, kind: "usage", usage: { ...counts, totalTokens, contextWindow: undefined } };
}

function keys(rows: readonly TimelineRow[]): readonly string[] {
  return rows.map(({ key }) => key);
}

describe("the panel's timeline", () => {
  it("keeps the order in which things came, also where clocks went back", () => {
    const model = new TimelineModel(10);
    model.add([note("a"), note("b", noon - 5), note("c")]);
    assert.deepEqual(keys(model.rows(day)), ["entry a", "entry b", "entry c"]);
  });

  it("replaces an entry in its place, with the time of the first", () => {
    const model = new TimelineModel(10);
    model.add([note("a"), note("b")]);
    assert.equal(model.add([note("a", noon + minute, "new"), note("c")]), 1);
    const [first, ...rest] = model.rows(day);
    assert.deepEqual(
      first?.kind === "entry" ? [first.entry.at, first.entry.kind === "worker" && first.entry.text] : [],
      [noon, "new"],
    );
    assert.deepEqual(keys(rest), ["entry b", "entry c"]);
  });

  it("gives an entry that did not change back as it was, so that it is not drawn again", () => {
    const model = new TimelineModel(10);
    model.add([note("a")]);
    const [before] = model.rows(day);
    model.add([note("b")]);
    const [after] = model.rows(day);
    assert.equal(before?.kind === "entry" && after?.kind === "entry" && before.entry === after.entry, true);
  });

  it("keeps the newest and counts those that it dropped", () => {
    const model = new TimelineModel(3);
    model.replaceAll([note("a"), note("b"), note("c")], 5);
    model.add([note("d"), note("e")]);
    const rows = model.rows(day);
    assert.deepEqual(keys(rows), ["dropped", "entry c", "entry d", "entry e"]);
    assert.equal(rows[0]?.kind === "dropped" ? rows[0].count : 0, 7);
  });

  it("begins anew with a whole timeline", () => {
    const model = new TimelineModel(10);
    model.add([note("a")]);
    model.replaceAll([note("b")], 0);
    assert.deepEqual(keys(model.rows(day)), ["entry b"]);
  });

  it("tells usage apart: charts show it, no line does, and nobody missed it", () => {
    const model = new TimelineModel(10);
    assert.equal(model.add([usage("u", 5), note("a"), usage("v", 9)]), 1);
    assert.deepEqual(keys(model.rows(day)), ["entry a"]);
    assert.deepEqual(
      model.usage().map((one) => one.usage.totalTokens),
      [5, 9],
    );
  });

  it("says a minute once, and a new day before its first entry", () => {
    const model = new TimelineModel(10);
    const nextDay = noon + 13 * 60 * minute;
    model.add([note("a"), note("b", noon + 1), note("c", noon + minute), note("d", nextDay)]);
    const rows = model.rows(day);
    assert.deepEqual(keys(rows), ["entry a", "entry b", "entry c", "day d", "entry d"]);
    assert.deepEqual(
      rows.map((row) => row.kind === "entry" && row.newMinute),
      [true, false, true, false, true],
    );
  });
});
