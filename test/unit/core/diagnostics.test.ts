import assert from "node:assert/strict";
import { LinkedAbort, neverAborted } from "../../../src/base/abort";
import { runChecks, type Check, type CheckedRow, type Finding } from "../../../src/core/diagnostics";
import { ManualClock, settle } from "../../fakes/manualClock";

const check = (id: string, find: Check["find"], more: Partial<Check> = {}): Check => ({
  ...{ id, name: id, expected: "e", group: "machine", limitMs: 1_000 },
  ...more,
  find,
});
const good: Finding = { verdict: "passed", found: "well" };
const brief = (rows: readonly CheckedRow[]): readonly string[] =>
  rows.map((row) => `${row.id} ${row.verdict}: ${row.found}`);

describe("a run of checks", () => {
  it("tells all of them in the order of their groups, each as it comes", async () => {
    const told: string[] = [];
    const rows = await runChecks(
      [
        check("w", () => Promise.resolve(good), { group: "worker" }),
        check("a", () => Promise.resolve(good)),
        check("b", () => Promise.resolve({ ...good, verdict: "attention" })),
      ],
      new ManualClock(),
      (row) => told.push(row.id),
      neverAborted,
    );
    assert.deepEqual(brief(rows), ["a passed: well", "b attention: well", "w passed: well"]);
    assert.deepEqual([...told].sort(), ["a", "b", "w"]);
  });

  it("goes on when one of them throws, at once or later", async () => {
    const rows = await runChecks(
      [
        check("a", () => {
          throw new Error("at once");
        }),
        check("b", () => Promise.reject(new Error("later"))),
        check("c", () => Promise.resolve(good)),
      ],
      new ManualClock(),
      () => undefined,
      neverAborted,
    );
    assert.deepEqual(brief(rows), ["a failed: at once", "b failed: later", "c passed: well"]);
  });

  it("waits for none longer than its limit, and holds up no other group", async () => {
    const clock = new ManualClock();
    const told: string[] = [];
    const running = runChecks(
      [
        check("never", () => new Promise<Finding>(() => undefined)),
        check("after", () => Promise.resolve(good)),
        check("other", () => Promise.resolve(good), { group: "tool" }),
      ],
      clock,
      (row) => told.push(row.id),
      neverAborted,
    );
    await settle();
    assert.deepEqual(told, ["other"]);
    await clock.advance(1_000);
    const rows = await running;
    assert.deepEqual(brief(rows), [
      "never failed: No answer within 1 s.",
      "after passed: well",
      "other passed: well",
    ]);
    assert.equal(rows[0]?.tookMs, 1_000);
  });

  it("ends when it is cancelled, keeps what is known and tries nothing more", async () => {
    const abort = new LinkedAbort();
    let tried = false;
    const rows = await runChecks(
      [
        check("a", () => Promise.resolve(good)),
        check("b", () => {
          abort.abort(new Error("cancelled"));
          return new Promise<Finding>(() => undefined);
        }),
        check("c", () => {
          tried = true;
          return Promise.resolve(good);
        }),
      ],
      new ManualClock(),
      () => undefined,
      abort.signal,
    );
    assert.deepEqual(brief(rows), [
      "a passed: well",
      "b notTried: The check was cancelled.",
      "c notTried: The check was cancelled.",
    ]);
    assert.equal(tried, false);
    assert.equal(rows[2]?.tookMs, undefined);
  });
});
