import type { Clock } from "../base/clock";
import { messageOf, type Log } from "../base/log";
import { markerName } from "./environment";
import { sweep } from "./keeper/endFamily";
import { Family } from "./keeper/family";

/** How long the sweep is repeated, milliseconds: what is being killed may still start something. */
const limitMs = 5000;

/**
 * Ends every process that carries a run's marker, however it was started, its process keeper among them, and all that
 * descends from them; only Linux can find them. Resolves with how many could not be ended. Never rejects.
 */
export async function endMarked(
  marker: string,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<number> {
  const family = new Family(`${markerName}=${marker}`);
  try {
    const { length: count } = await family.find();
    if (count > 0) log.warn("processes of an earlier run are ended", { count });
    return await sweep(family, limitMs, clock);
  } catch (error) {
    log.error("processes of an earlier run could not be looked for", { message: messageOf(error) });
    return 0;
  }
}
