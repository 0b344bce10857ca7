import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { raceLine, runRace } from "../../race/race";

describe("the take-over race", () => {
  for (const primitive of [process.platform, "darwin"]) {
    it(`never has two owners, and each kill is followed by a take-over (${primitive})`, async function () {
      this.timeout(120_000);
      const contenders = 4;
      const result = await runRace({ rounds: 30, contenders, primitive });
      assert.equal(result.rounds, 30);
      assert.equal(result.doubles, 0);
      assert.equal(result.fencesBack, 0);
      const median = result.takeOversMs[15] ?? Infinity;
      assert.ok(median < 2000, raceLine(result, contenders));
    });
  }
});
