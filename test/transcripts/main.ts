import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { transcriptsFolder } from "../fakes/transcripts";
import { play, scenes } from "./scenes";

/** Records the named scenes, or all, with the real codex and the scripted model. Overwrites what was recorded before. */
async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  for (const name of wanted.length === 0 ? Object.keys(scenes) : wanted) {
    const { head, lines } = await play(name);
    const text = [head, ...lines].map((one) => `${JSON.stringify(one)}\n`).join("");
    writeFileSync(join(transcriptsFolder, `${name}.jsonl`), text);
    process.stdout.write(`${name}: ${lines.length} messages, ${text.length} characters\n`);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
