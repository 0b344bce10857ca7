import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock";
import { silentLog } from "../../src/base/log";
import { Store } from "../../src/core/store";
import { openJournal } from "../../src/machine/journal/journal";
import { journalDisk } from "../../src/machine/journal/realDisk";
import { aRecord } from "../fakes/builders";
import { median, type Row } from "./table";

const sessions = 100_000;
const rounds = 20;
const context = { clock: systemClock, log: silentLog };

/** From the files to the rows that the views show, milliseconds. */
async function startUp(stateFolder: string, workerId: string): Promise<number> {
  const start = performance.now();
  const journal = await openJournal(
    journalDisk(stateFolder, { origin: "o", workerId }, systemClock),
    context,
  );
  const store = new Store((error) => {
    throw error;
  });
  store.dispatch({ kind: "restored", records: journal.list() });
  const took = performance.now() - start;
  store.dispose();
  return took;
}

/** As a worker leaves it that has run for years: each session noted as it ran and as it ended. */
async function makeHistory(stateFolder: string): Promise<void> {
  const disk = journalDisk(stateFolder, { origin: "o", workerId: "old" }, systemClock);
  const journal = await openJournal(disk, context);
  const endedAt = systemClock.now();
  for (let n = 0; n < sessions; n += 1) {
    const running = aRecord({ sessionId: `session-${n}`, startedAt: endedAt - sessions + n });
    const ended = { ...running, outcome: "completed", endedAt, step: "ended" } as const;
    // Saves that wait together are one write, as in a busy worker; the last of each session decides.
    const saves = [journal.save(running), journal.save(ended)];
    if (n % 100 === 0) await Promise.all(saves);
    else for (const save of saves) save.catch(() => undefined);
  }
  await journal.save(aRecord({ sessionId: "last" }));
}

/** Bringing the worker's notes back after years, against a worker that has none. */
export const journal: Row = {
  name: "journal",
  run: async () => {
    const root = mkdtempSync(join(tmpdir(), "bench-"));
    try {
      await makeHistory(root);
      const old: number[] = [];
      const empty: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        empty.push(await startUp(root, `new-${round}`));
        old.push(await startUp(root, "old"));
      }
      const ratio = median(old) / median(empty);
      return [
        {
          what: `journal, start-up after ${sessions.toLocaleString("en")} sessions`,
          ours: `${median(old).toFixed(1)} ms`,
          baseline: `${median(empty).toFixed(1)} ms empty`,
          ratio,
          goal: "≤ 1.2",
          met: ratio <= 1.2,
        },
      ];
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  },
};
