import { parseArgs } from "node:util";
import { seededRandom } from "../fakes/seededRandom";
import type { Plan } from "./plan";
import { failures, summary, type Played } from "./report";
import { Stage } from "./stage";
import type { Victim } from "./round";

// Rounds of a host with its tool, each of which is killed at a random instant; prints who outlived it, and for how long.

const victims: readonly Victim[] = ["host", "host", "host", "keeper", "tool", "hostAndKeeper"];

interface Wish {
  readonly kind: Plan["kind"];
  readonly victim: Victim;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "1000" },
      codex: { type: "string" },
      parallel: { type: "string", default: "2" },
      seed: { type: "string", default: "1" },
    },
  });
  const rounds = wholeNumber("--rounds", values.rounds);
  const codexRounds = wholeNumber("--codex", values.codex ?? String(Math.ceil(rounds / 4)));
  const random = seededRandom(wholeNumber("--seed", values.seed));
  const wishes: Wish[] = Array.from({ length: rounds }, (_, at) => ({
    // Evenly mixed, so that both kinds run beside each other.
    kind:
      Math.floor(((at + 1) * codexRounds) / rounds) > Math.floor((at * codexRounds) / rounds)
        ? "codex"
        : "tool",
    victim: victims[Math.floor(random.next() * victims.length)] ?? "host",
  }));
  const stage = await Stage.open(codexRounds);
  const played: Played[] = [];
  const startedAt = performance.now();
  const lane = async (): Promise<void> => {
    for (let wish = wishes.shift(); wish !== undefined; wish = wishes.shift()) {
      const round = stage.round(wish.kind, wish.victim, () => random.next());
      const one = { kind: wish.kind, after: round.after, ...(await stage.play(round)) };
      played.push(one);
      for (const line of failures([one])) process.stdout.write(`${line}\n`);
      if (played.length % 100 === 0) process.stdout.write(`${played.length} of ${rounds}\n`);
    }
  };
  try {
    const lanes = wholeNumber("--parallel", values.parallel);
    await Promise.all(Array.from({ length: lanes }, lane));
  } finally {
    await stage.close();
  }
  process.stdout.write(`${summary(played, (performance.now() - startedAt) / 1000)}\n`);
  return failures(played).length === 0 ? 0 : 1;
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new Error(`${name} takes a whole number.`);
  return value;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
