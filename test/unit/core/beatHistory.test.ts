import assert from "node:assert/strict";
import { historyMs, mostBeats, staleMs, withBeat, type BeatMark } from "../../../src/core/beatHistory";
import { mirrored } from "../../../src/core/mirror";
import { reduce } from "../../../src/core/reducer";
import { initialState, type WorkerState } from "../../../src/core/state";
import { ownerMessage, workerOf } from "../../../src/machine/windowMessages";
import { seededRandom } from "../../fakes/seededRandom";

const start = 1_000_000;

/** The state after these results, each "+" or "-" with its time in seconds. */
function after(...results: readonly (readonly ["+" | "-", number])[]): WorkerState {
  return results.reduce(
    (state, [kind, seconds]) =>
      reduce(state, {
        kind: "beat",
        result:
          kind === "+"
            ? { kind: "accepted", at: start + seconds * 1_000, from: "thread" }
            : {
                kind: "failed",
                at: start + seconds * 1_000,
                from: "thread",
                reason: "unreachable",
                message: "gone",
              },
      }),
    initialState,
  );
}

const shown = ({ beats }: WorkerState): string =>
  beats.map(({ at, kind }) => `${(at - start) / 1_000} ${kind}`).join(", ");

describe("the history of beats", () => {
  it("knows accepted, failed, and late for one after the worker was stale", () => {
    assert.equal(
      shown(after(["+", 0], ["+", 10], ["-", 22], ["+", 23], ["+", 33])),
      "0 accepted, 10 accepted, 22 failed, 23 late, 33 accepted",
    );
    assert.equal(shown(after(["+", 0], ["+", staleMs / 1_000])), "0 accepted, 12 accepted");
    assert.equal(shown(after(["-", 0], ["+", 100])), "0 failed, 100 accepted", "a first one is not late");
  });

  it("forgets what is older than five minutes, and what a clock that was set back left", () => {
    assert.equal(shown(after(["+", 0], ["+", 290], ["+", 300])), "290 late, 300 accepted");
    assert.equal(shown(after(["+", 1_000], ["+", 5])), "5 accepted");
  });

  it("takes tries in vain that follow each other fast for one", () => {
    assert.equal(shown(after(["-", 0], ["-", 1], ["-", 4], ["-", 5])), "0 failed, 5 failed");
  });

  it("stays in order, recent and bounded whatever comes", () => {
    const random = seededRandom(7);
    let beats: readonly BeatMark[] = [];
    let at = start;
    for (let step = 0; step < 5_000; step += 1) {
      at += Math.floor(random.next() * 6_000);
      const kind = random.next() < 0.5 ? "accepted" : "failed";
      beats = withBeat(beats, undefined, { kind, at });
      assert.ok(beats.length <= mostBeats);
      assert.ok(beats.every((beat) => at - beat.at < historyMs));
      assert.deepEqual(
        beats,
        beats.toSorted((one, other) => one.at - other.at),
      );
    }
  });

  it("is told to other windows of the folder, and an older one's silence is none", () => {
    const state = after(["+", 0], ["-", 12]);
    const message = {
      kind: "state",
      worker: workerOf(state),
      changed: [],
      removed: [],
      whole: true,
    } as const;
    const sent: unknown = JSON.parse(JSON.stringify(message));
    const parsed = ownerMessage.parse(sent);
    assert.ok(parsed.kind === "state");
    assert.deepEqual(parsed.worker?.beats, state.beats);
    assert.deepEqual(mirrored(state).beats, state.beats);
    const { beats: _beats, ...older } = message.worker;
    const read = ownerMessage.parse({ ...message, worker: older });
    assert.ok(read.kind === "state");
    assert.deepEqual(read.worker?.beats, []);
  });
});
