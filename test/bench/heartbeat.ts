import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import * as z from "zod/mini";
import { BeatServer } from "./beatServer";
import type { Row } from "./table";

const minutes = 10;
/** The platform calls a worker stale after this silence. */
const staleMs = 12_000;
const longestMs = 11_000;

const ready = z.object({ streamed: z.number(), blocked: z.number() });

/**
 * Beats of a host with three streaming sessions whose loop a neighbour blocks for 4 s now and then. The host is a process
 * of its own, the platform another thread of this one: it notes when each beat came. Beside the product's beats the same
 * host sends the same ones from its main loop, so that both meet the same trouble.
 */
export const heartbeat: Row = {
  name: "heartbeat",
  run: async () => {
    const server = await BeatServer.start();
    const host = fork(join(__dirname, "beatHost.ts"), [server.origin, String(minutes * 60_000)], {
      execArgv: ["--import", "tsx"],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    try {
      const said = await Promise.race([once(host, "message"), broken(host)]);
      const { streamed, blocked } = ready.parse(said.at(0));
      const beats = await server.beats();
      const ours = gapsOf(beats, "thread");
      const main = gapsOf(beats, "main");
      const longest = Math.max(...ours);
      const late = (gaps: readonly number[]): number => gaps.filter((gap) => gap > staleMs).length;
      return [
        {
          what: `heartbeat gaps, ${minutes} min, ${blocked} blocks of 4 s, ${(streamed / 1e6).toFixed(0)} MB streamed`,
          ours: `${late(ours)} of ${ours.length} over 12 s, longest ${(longest / 1000).toFixed(2)} s`,
          baseline: `${late(main)} of ${main.length}, longest ${(Math.max(...main) / 1000).toFixed(2)} s from the main loop`,
          ratio: longest / Math.max(...main),
          goal: "0 over 12 s, longest ≤ 11 s",
          met: ours.length > 0 && late(ours) === 0 && longest <= longestMs,
        },
      ];
    } finally {
      host.kill("SIGKILL");
      await server.close();
    }
  },
};

async function broken(host: ChildProcess): Promise<never> {
  await once(host, "exit");
  throw new Error("the host of the heartbeat bench ended early");
}

/** Milliseconds between beats that arrived from one sender. */
function gapsOf(
  beats: readonly { readonly worker: string; readonly at: number }[],
  worker: string,
): readonly number[] {
  const at = beats.filter((one) => one.worker === worker).map((one) => one.at);
  return at.slice(1).map((one, index) => one - (at[index] ?? Number.NaN));
}
