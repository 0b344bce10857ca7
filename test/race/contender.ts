// One contender of the take-over race: tries for the lock for as long as it lives, and says what it got, a line each.
import { writeSync } from "node:fs";
import { neverAborted } from "../../src/base/abort";
import { systemClock } from "../../src/base/clock";
import { silentLog } from "../../src/base/log";
import { createExclusiveNames } from "../../src/machine/exclusive";
import { createMachineLock } from "../../src/machine/machineLock";
import { OwnerNotes } from "../../src/machine/ownerNotes";
import { readPlace } from "../../src/machine/place";

const [state = "", primitive = ""] = process.argv.slice(2);

async function contend(): Promise<never> {
  const context = { clock: systemClock, log: silentLog };
  const platform = primitive === "darwin" ? "darwin" : process.platform;
  const place = await readPlace();
  const names = await createExclusiveNames(state, context, { platform, place });
  const lock = createMachineLock(state, names, context, new OwnerNotes(state, place, context));
  for (;;) {
    const held = await lock.tryHold("race");
    if (held !== undefined) {
      writeSync(1, `held ${held.fence}\n`);
      // Until it is killed.
      await new Promise<never>(() => undefined);
    }
    writeSync(1, "taken\n");
    await lock.untilFree("race", neverAborted);
  }
}

contend().catch((error: unknown) => {
  writeSync(1, `failed ${String(error)}\n`);
  process.exitCode = 1;
});
