import assert from "node:assert/strict";
import { withBeat, type BeatMark } from "../../../src/core/beatHistory";
import { BeatPulse } from "../../../src/ui/beatPulse";
import { beatSentence, beatStrip } from "../../../src/ui/beatStrip";
import { seededRandom } from "../../fakes/seededRandom";
import { english, noon, settled, StillClock } from "./kit";

/** The last characters of the strip; there are thirty in all. */
function tail(beats: readonly BeatMark[], now: number): string {
  const strip = beatStrip(beats, now)?.strip ?? "";
  assert.equal(strip.length, 30);
  return strip.replace(/^▁+/, "");
}

const accepted = (seconds: number): BeatMark => ({ at: noon + seconds * 1_000, kind: "accepted" });
const failed = (seconds: number): BeatMark => ({ at: noon + seconds * 1_000, kind: "failed" });

describe("the strip of beats", () => {
  it("is not there before the first beat", () => {
    assert.equal(beatStrip([], noon), undefined);
    assert.equal(beatStrip([accepted(0)], noon + 300_000), undefined);
  });

  it("shows the worst of each ten seconds", () => {
    assert.equal(tail([accepted(1), accepted(11), failed(22), accepted(23)], noon + 25_000), "▇▇×");
    assert.equal(tail([accepted(1), { ...accepted(25), kind: "late" }], noon + 26_000), "▇▁▄");
  });

  it("fills what lies between two beats in time, and leaves the silence open", () => {
    const drifting = [accepted(9), accepted(20), accepted(31)];
    assert.equal(tail(drifting, noon + 32_000), "▇▇▇▇");
    assert.equal(tail(drifting, noon + 40_000), "▇▇▇▇▇", "the next one is not due yet");
    assert.equal(tail([accepted(9), failed(19)], noon + 20_500), "▇×▁", "what failed is not in time");
    assert.equal(tail(drifting, noon + 44_000), "▇▇▇▇▁");
    assert.equal(tail(drifting, noon + 65_000), "▇▇▇▇▁▁▁");
  });

  it("has no hole where no beat was late, however they drift", () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const random = seededRandom(seed);
      let beats: readonly BeatMark[] = [];
      let at = noon + Math.floor(random.next() * 10_000);
      for (let beat = 0; beat < 60; beat += 1) {
        const last = beats.at(-1)?.at;
        beats = withBeat(beats, last, { kind: "accepted", at });
        const now = at + Math.floor(random.next() * 1_500);
        assert.match(tail(beats, now), /^▇+$/, `seed ${seed}`);
        at += 10_000 + Math.floor(random.next() * 1_900);
      }
    }
  });

  it("is read aloud with what its marks mean", () => {
    const say = (beats: readonly BeatMark[], seconds: number): string => {
      const strip = beatStrip(beats, noon + seconds * 1_000);
      assert.ok(strip !== undefined);
      return beatSentence(strip, english);
    };
    assert.equal(say([accepted(1)], 5), "Heartbeats of the last 5 minutes: 1 accepted");
    assert.equal(
      say([accepted(1), failed(31)], 35),
      "Heartbeats of the last 5 minutes: 1 accepted, 1 failed (×), none where ▁ stands",
    );
    const full = Array.from({ length: 30 }, (_, index) => accepted(index * 10 + 1));
    assert.equal(say(full, 295), "Heartbeats of the last 5 minutes: 30 accepted");
    assert.equal(
      say([...full.slice(0, -1), failed(291)], 295),
      "Heartbeats of the last 5 minutes: 29 accepted, 1 failed (×)",
    );
  });
});

describe("the pulse", () => {
  let clock: StillClock;
  let shown: boolean[];
  let pulse: BeatPulse;
  const yes = (): boolean => true;
  beforeEach(() => {
    clock = new StillClock();
    shown = [];
    pulse = new BeatPulse(noon, clock, (bright) => shown.push(bright));
  });
  afterEach(() => pulse.dispose());

  it("brightens for half a second at each new beat", async () => {
    pulse.seen(noon, yes);
    assert.deepEqual(shown, [], "an old one");
    pulse.seen(noon + 1, yes);
    pulse.seen(noon + 1, yes);
    assert.deepEqual(shown, [true]);
    await clock.advance(499);
    assert.deepEqual(shown, [true]);
    await clock.advance(1);
    assert.deepEqual(shown, [true, false]);
  });

  it("stays quiet where motion is not wanted, and does not make up for it", () => {
    pulse.seen(noon + 1, () => false);
    pulse.seen(noon + 1, yes);
    pulse.seen(undefined, yes);
    assert.deepEqual(shown, []);
  });

  it("dims once where two beats follow each other, and not after its end", async () => {
    pulse.seen(noon + 1, yes);
    await clock.advance(300);
    pulse.seen(noon + 2, yes);
    await clock.advance(300);
    assert.deepEqual(shown, [true, true]);
    pulse.dispose();
    await clock.advance(1_000);
    await settled();
    assert.deepEqual(shown, [true, true]);
  });
});
