import assert from "node:assert/strict";
import fc from "fast-check";
import { chartPaths, timeShares, usageFigures } from "../../../src/webview/charts/figures";
import type { UsageEntry } from "../../../src/webview/timeline/model";

function told(at: number, totalTokens: number, contextTokens?: number, contextWindow?: number): UsageEntry {
  const counts = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, reasoningOutputTokens: 0 };
  return { id: `u${at}`, at, kind: "usage", contextTokens, usage: { ...counts, totalTokens, contextWindow } };
}

describe("the figures of usage", () => {
  it("are none before anything was told", () => {
    assert.equal(usageFigures([]), undefined);
  });

  it("are tokens over time and the share of the context window", () => {
    const figures = usageFigures([told(0, 100, 50, 200), told(10, 300, 100, 200)]);
    assert.deepEqual(figures, {
      tokens: [
        { at: 0, value: 100 },
        { at: 10, value: 300 },
      ],
      context: [
        { at: 0, value: 0.25 },
        { at: 10, value: 0.5 },
      ],
      totalTokens: 300,
      contextTokens: 100,
      contextWindow: 200,
    });
  });

  it("claim nothing about a window that nobody told", () => {
    assert.deepEqual(usageFigures([told(0, 5), told(1, 6, 5), told(2, 7, 5, 0)])?.context, []);
  });

  it("never show more than a whole window", () => {
    assert.deepEqual(usageFigures([told(0, 5, 900, 300)])?.context, [{ at: 0, value: 1 }]);
  });

  it("are thinned to what a small chart can show, first and last kept", () => {
    const figures = usageFigures(Array.from({ length: 5_000 }, (_, at) => told(at, at)));
    assert.ok((figures?.tokens.length ?? 0) <= 121);
    assert.deepEqual([figures?.tokens[0]?.value, figures?.tokens.at(-1)?.value], [0, 4_999]);
  });
});

describe("a chart's paths", () => {
  const box = { width: 100, height: 20 };

  it("are a staircase from edge to edge", () => {
    const points = [
      { at: 0, value: 0 },
      { at: 5, value: 5 },
      { at: 10, value: 10 },
    ];
    assert.equal(chartPaths(points, 10, box).line, "M0 20H50V10H100V0H100");
    assert.equal(chartPaths(points, 10, box).area, "M0 20H50V10H100V0H100V20H0Z");
  });

  it("are flat for one point, and nothing for none", () => {
    assert.equal(chartPaths([{ at: 7, value: 5 }], 10, box).line, "M0 10H100");
    assert.equal(chartPaths([], 10, box).line, "");
  });

  it("stay in their box, whatever was told", () => {
    const point = fc.record({ at: fc.nat(), value: fc.double({ noNaN: true }) });
    fc.assert(
      fc.property(fc.array(point), fc.nat(), (points, top) => {
        const ordered = points.toSorted((a, b) => a.at - b.at);
        const { line } = chartPaths(ordered, top, box);
        assert.doesNotMatch(line, /NaN|Infinity/u);
        for (const [, y] of line.matchAll(/V([-\d.]+)/gu)) {
          assert.ok(Number(y) >= 0 && Number(y) <= box.height);
        }
        for (const [, x] of line.matchAll(/H([-\d.]+)/gu)) {
          assert.ok(Number(x) >= 0 && Number(x) <= box.width);
        }
      }),
    );
  });
});

describe("where the time went", () => {
  it("leaves out what took none, the longest first", () => {
    const time = { modelMs: 10, commandsMs: 30, waitingMs: 0, workerMs: 0 };
    assert.deepEqual(timeShares(time), [
      { kind: "commands", ms: 30, percent: 75 },
      { kind: "model", ms: 10, percent: 25 },
    ]);
  });

  it("is nothing before anything took time", () => {
    assert.deepEqual(timeShares({ modelMs: 0, commandsMs: 0, waitingMs: 0, workerMs: 0 }), []);
  });

  it("adds up to a hundred", () => {
    const span = fc.nat({ max: 1_000_000_000 });
    fc.assert(
      fc.property(span, span, span, span, (modelMs, commandsMs, waitingMs, workerMs) => {
        const shares = timeShares({ modelMs, commandsMs, waitingMs, workerMs });
        const sum = shares.reduce((all, { percent }) => all + percent, 0);
        assert.equal(sum, shares.length === 0 ? 0 : 100);
      }),
    );
  });
});
