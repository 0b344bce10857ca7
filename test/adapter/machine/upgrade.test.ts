import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { chmod, readdir } from "node:fs/promises";
import { join } from "node:path";
import { createConfigStore } from "../../../src/machine/configStore";
import { createConsentStore } from "../../../src/machine/consentStore";
import { openJournal } from "../../../src/machine/journal/journal";
import { journalDisk } from "../../../src/machine/journal/realDisk";
import { hashedName } from "../../../src/machine/paths";
import {
  aConfiguration,
  consentHash,
  layState,
  recordState,
  saidBy,
  statesFolder,
  worker,
} from "../../fakes/storedState";
import { temporaryMachine, type Machine } from "../../unit/machine/support";

const root = join(import.meta.dirname, "..", "..", "..");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };

describe("what an earlier release left on the disk", () => {
  let machine: Machine;
  beforeEach(async () => {
    machine = await temporaryMachine();
  });
  afterEach(() => machine.remove());

  it("is kept for each release that there was", async () => {
    // RECORD_STATE=1 writes it for the present one, once, before its release.
    if (process.env["RECORD_STATE"] !== undefined) await recordState(version, machine.home, machine.context);
    assert.ok(readdirSync(statesFolder).includes(version), version);
  });

  for (const release of readdirSync(statesFolder)) {
    it(`is used on as it is: ${release}`, async () => {
      const { state, folder } = await layState(release, machine.home, (kind, real) =>
        kind === "folders" ? hashedName(real, worker.origin) : hashedName(real, consentHash),
      );
      await chmod(state, 0o700);
      const { context } = machine;
      assert.deepEqual(
        await createConfigStore(state, context).get(folder, worker.origin),
        aConfiguration(folder),
      );
      assert.equal(await createConsentStore(state, context).isAllowed(folder, consentHash), true);
      const expected: unknown = JSON.parse(
        readFileSync(join(statesFolder, release, "expected.json"), "utf8"),
      );
      const disk = journalDisk(state, worker, context.clock);
      // Twice: what it wrote anew says the same.
      for (const round of [1, 2]) {
        const journal = await openJournal(disk, context);
        assert.equal(journal.damage, undefined);
        assert.deepEqual(saidBy(journal), expected, `round ${round}`);
      }
      const names = await readdir(state, { recursive: true });
      assert.deepEqual(
        names.filter((name) => name.includes(".corrupt-")),
        [],
      );
      assert.deepEqual(machine.warnings, []);
    });
  }
});
