// A process that writes a session's timeline for ever, until it is killed. Each line told names an entry it has appended.
import { systemClock } from "../../../src/base/clock";
import { silentLog } from "../../../src/base/log";
import { timelineDisk } from "../../../src/machine/timeline/realDisk";
import { Timelines } from "../../../src/machine/timeline/timelines";

const [folder = "", prefix = ""] = process.argv.slice(2);

async function main(): Promise<never> {
  const disk = timelineDisk(folder, systemClock);
  const timelines = new Timelines({ clock: systemClock, log: silentLog, disk });
  const pen = await timelines.open("s1");
  for (let turn = 0; ; turn += 1) {
    const id = `${prefix}-${turn}`;
    pen.append([{ id, at: Date.now(), kind: "message", text: "x".repeat(3000), final: false }]);
    await timelines.flush();
    process.stdout.write(`${id}\n`);
  }
}

void main();
