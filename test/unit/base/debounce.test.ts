import assert from "node:assert/strict";
import { Debounce } from "../../../src/base/debounce";
import { ManualClock } from "../../fakes/manualClock";

describe("a debounced action", () => {
  let clock: ManualClock;
  let runs: number[];
  let debounce: Debounce;
  beforeEach(() => {
    clock = new ManualClock();
    runs = [];
    debounce = new Debounce(() => runs.push(clock.monotonic()), 250, clock);
  });
  afterEach(() => debounce.dispose());

  it("runs once, when it was quiet for long enough", async () => {
    const start = clock.monotonic();
    for (let n = 0; n < 20; n += 1) {
      debounce.request();
      await clock.advance(100);
    }
    assert.deepEqual(runs, []);
    await clock.advance(1000);
    assert.deepEqual(runs, [start + 1900 + 250]);
  });

  it("runs again for a later request", async () => {
    debounce.request();
    await clock.advance(250);
    debounce.request();
    await clock.advance(250);
    assert.equal(runs.length, 2);
  });

  it("runs no more after disposal", async () => {
    debounce.request();
    debounce.dispose();
    debounce.request();
    await clock.advance(1000);
    assert.deepEqual(runs, []);
  });
});
