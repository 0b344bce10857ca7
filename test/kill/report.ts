import type { Plan } from "./plan";
import type { Round, RoundResult } from "./round";
import { load } from "./census";

export type Played = RoundResult & { readonly kind: Plan["kind"]; readonly after: Round["after"] };

/** One line for each round that went wrong: somebody outlived it, or a host that was not killed did not tell the end. */
export function failures(played: readonly Played[]): readonly string[] {
  return played.flatMap((one) => {
    const where = `${one.kind}, ${one.victim} killed ${one.after.ms.toFixed(0)} ms after ${one.after.what}`;
    const left = one.survivors.map((command) => `SURVIVOR (${where}): ${command.slice(0, 120)}`);
    const hostLives = one.victim === "keeper" || one.victim === "tool";
    return hostLives && !isTruthful(one) ? [...left, `UNTOLD (${where}): ${one.ended ?? "nothing"}`] : left;
  });
}

/** A run whose keeper or tool was killed has failed, and the host says so; a probe or a start may have been hit instead. */
function isTruthful(one: Played): boolean {
  return ["crashed", "keeperUnavailable", "wrongVersion", "ProcessStartError"].includes(one.ended ?? "");
}

export function summary(played: readonly Played[], seconds: number): string {
  const rows = [...new Set(played.map((one) => `${one.kind}, ${one.victim}`))].sort();
  const lines = rows.map((row) =>
    line(
      row,
      played.filter((one) => `${one.kind}, ${one.victim}` === row),
    ),
  );
  return [
    line("all", played),
    ...lines,
    `${played.filter((one) => one.alive > 0).length} of ${played.length} rounds had processes when the kill came`,
    `${(played.length / seconds).toFixed(2)} rounds/s in ${seconds.toFixed(0)} s, load ${load()}`,
  ].join("\n");
}

function line(name: string, played: readonly Played[]): string {
  const times = played.map((one) => one.goneMs).sort((a, b) => a - b);
  const at = (share: number): string =>
    `${(times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? 0).toFixed(0)} ms`;
  const survivors = played.reduce((sum, one) => sum + one.survivors.length, 0);
  const alive = played.reduce((sum, one) => sum + one.alive, 0) / Math.max(1, played.length);
  return [
    `${name}: ${played.length} rounds`,
    `${survivors} survivors after 1 s`,
    `alive at the kill ${alive.toFixed(1)}`,
    `all gone after ${at(0.5)} median, ${at(0.99)} p99, ${at(1)} max`,
  ].join("; ");
}
