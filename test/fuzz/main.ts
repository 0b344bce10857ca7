import { seededRandom } from "../fakes/seededRandom";
import { chunksOf, leaksIn, redactionCase, runChunks } from "./redactionCase";

const perText = 20;

function numberAfter(name: string, otherwise: number): number {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
}

/** Texts with secrets in them, each cut into pieces in many ways. Prints the first that went wrong, and the counts. */
function main(): number {
  const wanted = numberAfter("--chunkings", 1_000_000);
  const seed = numberAfter("--seed", 1);
  let [chunkings, leaks, alterations] = [0, 0, 0];
  for (let text = 0; chunkings < wanted; text += 1) {
    const random = seededRandom(seed * 1_000_003 + text);
    const one = redactionCase(random);
    for (let round = 0; round < perText && chunkings < wanted; round += 1) {
      const chunks = chunksOf(random, one.text);
      const { out } = runChunks(one, chunks);
      chunkings += 1;
      if (out === one.expected) {
        // Equal to what was proven to hold nothing: proven once per text.
        if (round > 0 || leaksIn(one.secrets, out).length === 0) continue;
      }
      if (leaksIn(one.secrets, out).length > 0) leaks += 1;
      else alterations += 1;
      if (leaks + alterations === 1) {
        process.stdout.write(
          `${JSON.stringify({ seed, text, chunks, expected: one.expected, out }, undefined, 2)}\n`,
        );
      }
    }
  }
  process.stdout.write(`${chunkings} chunkings, ${leaks} leaks, ${alterations} alterations\n`);
  return leaks + alterations === 0 && chunkings === wanted ? 0 : 1;
}

process.exitCode = main();
