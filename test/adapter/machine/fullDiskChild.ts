// Runs where no file may grow: every store tries to write; what each says is printed as one line of JSON.
import { systemClock } from "../../../src/base/clock";
import { silentLog } from "../../../src/base/log";
import { createConfigStore } from "../../../src/machine/configStore";
import { createConsentStore } from "../../../src/machine/consentStore";
import { createSpentTokens } from "../../../src/machine/spentTokens";
import { configurationOf, hashOf, otherWorker, spentPath } from "./fullDiskKit";

const [state = "", folder = ""] = process.argv.slice(2);
const context = { clock: systemClock, log: silentLog };

async function main(): Promise<void> {
  const tries: Readonly<Record<string, () => Promise<void>>> = {
    configuration: () => createConfigStore(state, context).set(configurationOf(folder, otherWorker)),
    consent: () => createConsentStore(state, context).allow(folder, hashOf("new")),
    spent: () => createSpentTokens(spentPath(state)).add(hashOf("new")),
  };
  const said: Record<string, string> = {};
  for (const [name, attempt] of Object.entries(tries)) {
    said[name] = await attempt().then(
      () => "stored",
      (error: unknown) => String(error),
    );
  }
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

void main();
