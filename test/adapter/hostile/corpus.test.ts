import assert from "node:assert/strict";
import { hostileCases, type Defence, type HostileCase } from "../../fakes/hostileCases";
import { Harms } from "./harms";
import { LookAhead } from "./lookAhead";
import { settingsHarm } from "./settings";
import { HostileStage } from "./stage";

/** Plays a case, with all defences or without some; the harm that was done. */
async function harmOf(one: HostileCase, without: readonly Defence[]): Promise<readonly string[]> {
  if (one.settings !== undefined) return settingsHarm(one.settings, without);
  const stage = await HostileStage.open(one, without);
  try {
    const harms = new Harms(stage, one, without);
    await stage.play();
    const found = harms.found();
    if (without.length === 0) prove(one, stage, harms.told);
    return found;
  } finally {
    await stage.close();
  }
}

/** That the attack was carried out, and stopped in the way that the table names. */
function prove(one: HostileCase, stage: HostileStage, told: string): void {
  const ends = stage.sessions.map(({ phase, detail }) => ({ phase, detail }));
  const wanted = one.ends === "unclaimed" ? "listed" : one.ends;
  assert.deepEqual(
    ends.map(({ phase }) => phase),
    ends.map(() => wanted),
    JSON.stringify(ends),
  );
  for (const pattern of one.proof) {
    assert.ok(new RegExp(pattern, "u").test(told), `nothing like ${pattern} in\n${told.slice(0, 5000)}`);
  }
}

describe("the hostile corpus, with the real codex and a model that obeys", function () {
  this.timeout(180_000);
  const ahead = new LookAhead<readonly string[]>(3);
  after(() => ahead.settled());

  for (const one of hostileCases()) {
    const { control } = one;
    const playing = ahead.add(() => harmOf(one, []));
    it(`${one.name}: no success`, async () => assert.deepEqual(await playing(), []));
    if (!("without" in control)) continue;
    const controlling = ahead.add(() => harmOf(one, control.without));
    it(`${one.name}: succeeds without ${control.without.join(" and ")}, so that it can fail`, async () => {
      const harm = await controlling();
      for (const one of control.harm) {
        assert.ok(
          harm.some((done) => new RegExp(one, "u").test(done)),
          `nothing like ${one} in\n${harm.join("\n")}`,
        );
      }
    });
  }
});
