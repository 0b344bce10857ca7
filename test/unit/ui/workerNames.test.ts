import assert from "node:assert/strict";
import type { DelegationTargets } from "../../../src/core/actions";
import { silentLog } from "../../../src/base/log";
import { WorkerNames } from "../../../src/ui/workerNames";
import { minuteMs, settled, StillClock } from "./kit";

describe("the names of other workers", () => {
  const worker = { workerId: "w1", name: "Ada's laptop", status: "online", groupId: undefined };

  function names(list: () => Promise<DelegationTargets>) {
    const seen = { asked: 0, learnt: 0 };
    const clock = new StillClock();
    const asks = (): Promise<DelegationTargets> => {
      seen.asked++;
      return list();
    };
    return { seen, clock, names: new WorkerNames(asks, () => seen.learnt++, clock, silentLog) };
  }

  it("are asked for once one is missing, and known from then on", async () => {
    const { seen, names: known } = names(() => Promise.resolve({ workers: [worker], ownId: "w0" }));
    assert.deepEqual([known.nameOf("w1"), known.nameOf("w1"), seen.asked], [undefined, undefined, 1]);
    await settled();
    assert.deepEqual([known.nameOf("w1"), seen.asked, seen.learnt], ["Ada's laptop", 1, 1]);
  });

  it("are asked for again after five minutes where they were not told", async () => {
    const { seen, clock, names: known } = names(() => Promise.reject(new Error("offline")));
    known.nameOf("w1");
    await clock.advance(4 * minuteMs);
    known.nameOf("w1");
    assert.equal(seen.asked, 1);
    await clock.advance(minuteMs);
    assert.equal(known.nameOf("w1"), undefined);
    assert.deepEqual([seen.asked, seen.learnt], [2, 0]);
    await settled();
  });
});
