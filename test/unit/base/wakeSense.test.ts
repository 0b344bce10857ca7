import assert from "node:assert/strict";
import { WakeSense } from "../../../src/base/wakeSense";
import { ManualClock } from "../../fakes/manualClock";
import { seededRandom } from "../../fakes/seededRandom";

describe("the sense for a machine that slept", () => {
  it("notices a sleep whether the monotonic clock stood still or ran on, once each", () => {
    const clock = new ManualClock();
    const sense = new WakeSense(clock);
    assert.equal(sense.wakes(), 0);
    clock.suspend(6000);
    assert.equal(sense.wakes(), 1);
    assert.equal(sense.wakes(), 1);
    clock.suspend(16_000, true);
    assert.equal(sense.wakes(), 2);
    clock.suspend(3_600_000);
    assert.equal(sense.wakes(), 3);
  });

  it("takes neither small jumps nor a clock that is set back for a sleep", async () => {
    const clock = new ManualClock();
    const sense = new WakeSense(clock);
    const random = seededRandom(3);
    for (let second = 0; second < 3600; second += 1) {
      clock.jumpWall(Math.round((random.next() - 0.5) * 9000));
      clock.suspend(Math.round(random.next() * 10_000), true);
      if (second % 600 === 0) clock.jumpWall(-86_400_000);
      await clock.advance(1000);
      assert.equal(sense.wakes(), 0, `in second ${second}`);
    }
  });
});
