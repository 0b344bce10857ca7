import { Store } from "../../src/core/store";
import { TimedPlatform } from "./calls";
import { median, type Row } from "./table";
import { Workshop } from "./workshop";

const sessions = 12;
const pollIntervalMs = 30_000;

/** From the platform's answer to a completion until the next claim leaves, with work waiting and one place to do it in. */
export const nextClaim: Row = {
  name: "next-claim",
  run: async () => {
    const workshop = await Workshop.open();
    try {
      const timed = new TimedPlatform(workshop.platform);
      const store = new Store((error) => process.stderr.write(`${String(error)}\n`));
      for (let n = 0; n < sessions; n += 1) await workshop.queue(`Task ${n}`, "Please add a note.");
      const config = { ...workshop.config(pollIntervalMs), maxConcurrentSessions: 1 };
      await workshop.start(store, config, timed.platform);
      await timed.completed(sessions);
      store.dispose();
      const claims = timed.of("claim").slice(1);
      const gaps = timed
        .of("complete")
        .slice(0, -1)
        .map((end, at) => (claims[at]?.startedAt ?? Number.NaN) - end.answeredAt);
      const longest = Math.max(...gaps);
      return [
        {
          what: `finished session to next claim, ${sessions} sessions`,
          ours: `${median(gaps).toFixed(0)} ms (longest ${longest.toFixed(0)})`,
          baseline: `${pollIntervalMs / 1000} s poll interval`,
          ratio: median(gaps) / pollIntervalMs,
          goal: "≤ 1 s",
          met: longest <= 1000,
        },
      ];
    } finally {
      await workshop.close();
    }
  },
};
