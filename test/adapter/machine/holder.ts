// A process that holds what its test tells it to, one JSON line per order and answer, until it is killed.
import { createInterface } from "node:readline";
import { systemClock } from "../../../src/base/clock";
import type { Disposable } from "../../../src/base/disposable";
import { silentLog } from "../../../src/base/log";
import { createExclusiveNames, type ExclusiveNames } from "../../../src/machine/exclusive";
import { createMachineLock } from "../../../src/machine/machineLock";
import { OwnerNotes } from "../../../src/machine/ownerNotes";
import { readPlace } from "../../../src/machine/place";
import { createSlots } from "../../../src/machine/slots";
import { Store } from "../../../src/core/store";
import { createWindowLink } from "../../../src/machine/windowLink";
import { createTokenShare } from "../../../src/machine/tokenShare";

const [state = "", foreign = "", platform = "", place = ""] = process.argv.slice(2);
const context = { clock: systemClock, log: silentLog };
const held: Disposable[] = [];

async function main(): Promise<void> {
  const names = await createExclusiveNames(state, context, {
    platform: platform === "darwin" ? "darwin" : process.platform,
    ...(place === "" ? {} : { place }),
  });
  for await (const line of createInterface({ input: process.stdin })) {
    const [order = "", name = ""] = line.split("\t");
    const answer = await obey(names, order, name).catch((error: unknown) => `failed: ${String(error)}`);
    process.stdout.write(`${answer}\n`);
  }
}

async function obey(names: ExclusiveNames, order: string, name: string): Promise<string> {
  switch (order) {
    case "lock": {
      const notes = new OwnerNotes(state, place === "" ? await readPlace() : place, context);
      const one = await createMachineLock(state, names, context, notes).tryHold(name);
      if (one !== undefined) held.push(one);
      return one === undefined ? "taken" : String(one.fence);
    }
    case "slot": {
      const slots = createSlots(state, foreign, names, context, place === "" ? await readPlace() : place);
      const one = await slots.tryAcquire(Number(name), `process ${process.pid}`);
      if (one !== undefined) held.push(one);
      return one === undefined ? "taken" : "held";
    }
    case "serve": {
      const share = createTokenShare(names, context);
      held.push(await share.serve(name, (request) => Promise.resolve(`answer to ${request}`)));
      return "serving";
    }
    case "serve window": {
      const store = new Store(() => undefined);
      store.dispatch({ kind: "phaseChanged", phase: { kind: "online" } });
      const run = (command: { kind: string }): Promise<string> => Promise.resolve(`did ${command.kind}`);
      held.push(
        await createWindowLink(names, context).serve(name, {
          run,
          onDidChange: store.onDidChange,
          state: store.state,
        }),
      );
      return "serving";
    }
    case "give back":
      held.pop()?.dispose();
      return "given back";
    default:
      return "unknown";
  }
}

void main();
