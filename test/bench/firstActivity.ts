import { neverAborted } from "../../src/base/abort";
import { Store } from "../../src/core/store";
import { TimedPlatform } from "./calls";
import { median, type Row } from "./table";
import { Workshop } from "./workshop";

const sessions = 10;
const trips = 5;

/** From the platform's answer to the claim until it has taken the session's first activity, against a plain read of it. */
export const firstActivity: Row = {
  name: "first-activity",
  run: async () => {
    const workshop = await Workshop.open();
    try {
      const timed = new TimedPlatform(workshop.platform);
      const store = new Store((error) => process.stderr.write(`${String(error)}\n`));
      const worker = await workshop.start(store, workshop.config(), timed.platform);
      const firsts: number[] = [];
      const roundTrips: number[] = [];
      for (let count = 1; count <= sessions; count += 1) {
        await workshop.queue(`Task ${count}`, "Please add a note.");
        worker.pollNow();
        await timed.completed(count);
        const claim = timed.of("claim").at(-1);
        const first = timed.of("activity").find((one) => one.sessionId === claim?.sessionId);
        firsts.push((first?.answeredAt ?? Number.NaN) - (claim?.answeredAt ?? Number.NaN));
        for (let trip = 0; trip < trips; trip += 1) roundTrips.push(await roundTrip(workshop));
      }
      store.dispose();
      const ratio = median(firsts) / median(roundTrips);
      const longest = Math.max(...firsts);
      return [
        {
          what: `claim accepted to first activity, ${sessions} sessions`,
          ours: `${median(firsts).toFixed(1)} ms (longest ${longest.toFixed(1)})`,
          baseline: `${median(roundTrips).toFixed(1)} ms one round trip`,
          ratio,
          goal: "≤ 1 s and ≤ 20",
          met: longest <= 1000 && ratio <= 20,
        },
      ];
    } finally {
      await workshop.close();
    }
  },
};

async function roundTrip({ platform, identity }: Workshop): Promise<number> {
  const startedAt = performance.now();
  await platform.getWorker(identity, neverAborted);
  return performance.now() - startedAt;
}
