import assert from "node:assert/strict";
import type { Plan } from "../../kill/plan";
import { failures } from "../../kill/report";
import type { Victim } from "../../kill/round";
import { Stage } from "../../kill/stage";

/** How often each is killed while all helpers run; `npm run killtest` does it at random instants, many times. */
const repeats: Readonly<Record<Plan["kind"], number>> = { tool: 3, codex: 1 };

describe("kill -9 of whoever is in the chain from the host to the tool", function () {
  this.timeout(120_000);
  let stage: Stage;
  before(async () => {
    stage = await Stage.open(8);
  });
  after(() => stage.close());

  for (const kind of ["tool", "codex"] as const) {
    for (const victim of ["host", "keeper", "tool", "hostAndKeeper"] as const satisfies readonly Victim[]) {
      it(`${kind === "codex" ? "the real codex" : "a cheap tool"}, ${victim}: nobody is left`, async () => {
        for (let at = 0; at < repeats[kind]; at += 1) {
          const { after, ...round } = stage.round(kind, victim, () => at / repeats[kind]);
          const result = await stage.play({ ...round, after: { ...after, what: "ready" } });
          assert.equal(result.victim, victim);
          assert.ok(result.alive > 6, `${result.alive} processes ran when the kill came`);
          // A machine under load may take longer than the second that the kill test counts, but leaves nobody either.
          assert.ok(result.goneMs < 5000, result.survivors.join("\n"));
          assert.deepEqual(failures([{ ...result, survivors: [], kind, after }]), []);
        }
      });
    }
  }

  it("a host that is killed while it starts leaves nobody", async () => {
    for (const share of [0.1, 0.4, 0.7]) {
      const { after, ...round } = stage.round("tool", "host", () => share);
      const result = await stage.play({ ...round, after: { ...after, what: "start" } });
      assert.ok(result.goneMs < 5000, result.survivors.join("\n"));
    }
  });
});
