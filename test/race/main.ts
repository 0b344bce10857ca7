// The take-over race: lasting contenders, the owner killed and respawned, again and again. Exit code 1 when two ever owned at once, and
// when it was ended early: then it tells how far it came.
import { parseArgs } from "node:util";
import { raceLine, runRace } from "./race";

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "10000" },
      contenders: { type: "string", default: "8" },
      primitive: { type: "string", default: process.platform },
    },
  });
  const [rounds, contenders] = [Number(values.rounds), Number(values.contenders)];
  if (!Number.isInteger(rounds) || rounds < 1 || !Number.isInteger(contenders) || contenders < 2) {
    process.stderr.write("--rounds takes a number from 1, --contenders one from 2.\n");
    return 2;
  }
  const onRound = (round: number): void => {
    if (round % 1000 === 0) process.stdout.write(`round ${round} of ${rounds}\n`);
  };
  const early = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => early.abort());
  const { signal } = early;
  const result = await runRace({ rounds, contenders, primitive: values.primitive, onRound, signal });
  process.stdout.write(`${raceLine(result, contenders)}\n`);
  return result.doubles === 0 && result.fencesBack === 0 && result.rounds === rounds ? 0 : 1;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  },
);
