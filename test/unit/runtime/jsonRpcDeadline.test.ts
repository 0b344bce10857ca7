import assert from "node:assert/strict";
import { silentLog } from "../../../src/base/log";
import { JsonRpcPeer } from "../../../src/runtime/jsonRpc";
import { JsonRpcConnectionError } from "../../../src/runtime/jsonRpcErrors";
import { ManualClock, settle } from "../../fakes/manualClock";

describe("the deadline of a JSON-RPC request", () => {
  const isLate = (error: unknown): boolean =>
    error instanceof JsonRpcConnectionError && error.message.includes("waited 10000 ms");
  let clock: ManualClock;
  let peer: JsonRpcPeer;
  let ended: boolean;
  let answer: Promise<unknown>;

  beforeEach(async () => {
    clock = new ManualClock();
    const nobody = (): undefined => undefined;
    peer = new JsonRpcPeer({
      clock,
      log: silentLog,
      send: nobody,
      onNotification: nobody,
      onRequest: nobody,
    });
    ended = false;
    answer = peer.request("initialize", {}, 10_000).finally(() => (ended = true));
    answer.catch(nobody);
    await settle();
  });

  it("is kept to the millisecond while the machine is awake", async () => {
    await clock.advance(9999);
    assert.equal(ended, false);
    await clock.advance(1);
    await assert.rejects(answer, isLate);
    assert.equal(clock.sleeping, 0);
  });

  for (const monotonicRuns of [false, true]) {
    const kind = monotonicRuns ? "runs on" : "stands still";
    it(`does not count a sleep of the machine (the clock ${kind})`, async () => {
      await clock.advance(9500);
      clock.suspend(8 * 3_600_000, monotonicRuns);
      await clock.advance(9900);
      assert.equal(ended, false, "codex has all of its time again");
      peer.receive(JSON.stringify({ id: 1, result: "up" }));
      assert.equal(await answer, "up");
      assert.equal(clock.sleeping, 0);
    });

    it(`holds after a sleep too (the clock ${kind})`, async () => {
      await clock.advance(3000);
      clock.suspend(60_000, monotonicRuns);
      await clock.advance(11_000);
      await assert.rejects(answer, isLate);
    });
  }

  it("leaves no sleep behind when the connection closes", async () => {
    peer.close("gone");
    await assert.rejects(answer, /gone/);
    assert.equal(clock.sleeping, 0);
  });
});
