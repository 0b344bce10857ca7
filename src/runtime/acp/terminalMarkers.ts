import type { Clock } from "../../base/clock";
import type { Log } from "../../base/log";
import { endMarked } from "../endMarked";

/** Commands of an agent that run at once. Each has a marker of its own, which a later process can name. */
export const terminalSlots = 8;

/** The marker of a terminal's processes: not the run's, since the end of one command must not end the others. */
export function terminalMarker(marker: string, slot: number): string {
  return `${marker}-terminal-${slot}`;
}

/** Ends what is left of the commands that an agent ran through us. Resolves with how many could not be ended. Never rejects. */
export async function endTerminals(
  marker: string,
  deps: { readonly clock: Clock; readonly log: Log },
): Promise<number> {
  let left = 0;
  for (let slot = 0; slot < terminalSlots; slot += 1) {
    left += await endMarked(terminalMarker(marker, slot), deps);
  }
  return left;
}
