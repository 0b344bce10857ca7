import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { EditorUnderTest } from "../host/harness/harness.mjs";
import { launch, signIn, untilPolled } from "../host/ui/kit";
import { ask, extensionHost, wish, withPackages } from "./editors";
import { median, type Figure, type Row } from "./table";

/** One extension host in the minutes that were watched. */
interface Host {
  /** Of one core, in percent. */
  readonly cpuShare: number;
  readonly rssMb: number;
  /** In use on the main heap after a full collection. */
  readonly heapMb: number;
}

const ticksPerSecond = 100; // as Linux tells them, whatever the kernel counts in
const sampleMs = 5_000;

/**
 * Two editors at the same time, in both of which nothing happens: one whose worker is signed in and polls at the usual pace,
 * one with an empty extension (test/bench/probe). Shorter: `-- idle --minutes=1`.
 */
export const idle: Row = {
  name: "idle",
  run: () =>
    withPackages(async ({ ours, probe }) => {
      const worker = await launch({ name: "bench", files: {}, vsix: ours, furtherVsix: [probe] });
      try {
        const empty = await launch({ name: "bench", files: {}, vsix: probe });
        try {
          return await compare(worker, empty);
        } finally {
          await empty.close();
        }
      } finally {
        await worker.close();
      }
    }),
};

async function compare(worker: EditorUnderTest, empty: EditorUnderTest): Promise<readonly Figure[]> {
  await signIn(worker);
  // By then an editor has done what it leaves for later when it starts.
  await untilPolled(worker.world.sandbox, 2);
  const minutes = wish("minutes", 5);
  const [ours, theirs] = await Promise.all([watch(worker, minutes), watch(empty, minutes)]);
  return figures(ours, theirs, minutes);
}

async function watch(editor: EditorUnderTest, minutes: number): Promise<Host> {
  const pid = await extensionHost(editor);
  const startedAt = performance.now();
  const before = cpuSeconds(pid);
  const rss: number[] = [];
  while (performance.now() - startedAt < minutes * 60_000) {
    await sleep(sampleMs);
    rss.push(rssMb(pid));
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  const cpuShare = (100 * (cpuSeconds(pid) - before)) / seconds;
  const { heapBytes } = await ask(editor, pid);
  return { cpuShare, rssMb: median(rss), heapMb: heapBytes / 1_000_000 };
}

/** Of all threads of a process, the ended ones too. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The program's name, in brackets, may contain blanks; behind it the 12th and 13th are the user's and the system's ticks.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

function rssMb(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return (Number(line?.[1]) * 1_024) / 1_000_000;
}

function figures(ours: Host, empty: Host, minutes: number): readonly Figure[] {
  const figure = (what: string, key: keyof Host, digits: number, unit: string, most: number): Figure => {
    const more = ours[key] - empty[key];
    return {
      what: `idle, signed in, ${minutes} min: ${what}`,
      ours: `${ours[key].toFixed(digits)} ${unit} (${more.toFixed(digits)} more)`,
      baseline: `${empty[key].toFixed(digits)} ${unit} empty extension`,
      ratio: undefined,
      goal: `≤ ${most} ${unit} more`,
      met: more <= most,
    };
  };
  return [
    figure("extension host", "cpuShare", 2, "% of a core", 0.1),
    figure("main heap", "heapMb", 1, "MB", 15),
    figure("resident memory", "rssMb", 1, "MB", 30),
  ];
}
