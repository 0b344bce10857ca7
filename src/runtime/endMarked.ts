import { neverAborted } from "../base/abort";
import type { Clock } from "../base/clock";
import { messageOf, type Log } from "../base/log";
import { markerName } from "./environment";
import { findMarked, killEntry } from "./processSweep";

/** How long the sweep is repeated, milliseconds: what is being killed may still start something. */
const limitMs = 5000;
const pollMs = 15;

/**
 * Ends every process that carries a run's marker, however it was started; only Linux can find them. Resolves with how
 * many could not be ended. Never rejects.
 */
export async function endMarked(
  marker: string,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<number> {
  const until = clock.monotonic() + limitMs;
  try {
    for (;;) {
      const left = await findMarked(`${markerName}=${marker}`);
      if (left.length === 0 || clock.monotonic() >= until) return left.length;
      log.warn("processes of an earlier run are ended", { count: left.length });
      await Promise.all(left.map((one) => killEntry(one)));
      await clock.sleep(pollMs, neverAborted);
    }
  } catch (error) {
    log.error("processes of an earlier run could not be looked for", { message: messageOf(error) });
    return 0;
  }
}
