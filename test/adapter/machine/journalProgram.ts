// A process that keeps a real journal, one JSON-free order and answer per line, until it is killed.
import { createInterface } from "node:readline";
import { systemClock } from "../../../src/base/clock";
import { messageOf, silentLog } from "../../../src/base/log";
import { openJournal, type OpenedJournal } from "../../../src/machine/journal/journal";
import { journalDisk } from "../../../src/machine/journal/realDisk";
import { aRecord } from "../../fakes/builders";

const [state = ""] = process.argv.slice(2);
const worker = { origin: "https://onehorizon.ai", workerId: "k1" };
let journal: OpenedJournal | undefined;

async function main(): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const [order = "", argument = ""] = line.split("\t");
    const answer = await obey(order, argument).catch((error: unknown) => `failed: ${messageOf(error)}`);
    process.stdout.write(`${answer}\n`);
  }
}

async function obey(order: string, argument: string): Promise<string> {
  if (order === "open") {
    const disk = journalDisk(state, worker, systemClock);
    journal = await openJournal(disk, { clock: systemClock, log: silentLog });
    return `opened ${journal.list().length}`;
  }
  if (journal === undefined) return "not open";
  if (order === "flood") return await flood(journal, Number(argument));
  await journal.save(aRecord({ sessionId: argument, startedAt: Date.now() }));
  return "saved";
}

/** Writes for ever, from several sides; each line told is on the disk: a session, and the number that it has reached. */
async function flood(one: OpenedJournal, from: number): Promise<never> {
  const detail = "d".repeat(2500);
  const writer = async (sessionId: string): Promise<void> => {
    for (let tries = from; ; tries += 1) {
      await one.save(aRecord({ sessionId, tries, detail, startedAt: Date.now() }));
      await one.append(sessionId, "c1", { kind: "accepted", activityId: "a", sequence: tries });
      process.stdout.write(`${sessionId} ${tries}\n`);
    }
  };
  await Promise.all(["s1", "s2", "s3", "s4", "s5"].map(writer));
  throw new Error("a writer ended");
}

void main();
