import assert from "node:assert/strict";
import { cancelledPublish } from "../../../src/ui/publishWords";
import { aState, allWorkerPhases, english } from "./kit";

describe("what a cancelled publish tells", () => {
  for (const phase of allWorkerPhases) {
    it(`says whether git was ended: ${phase.kind}`, () => {
      const text = cancelledPublish("one-horizon/a", aState({ phase }), english);
      const goesOn = phase.kind === "otherWindow";
      assert.equal(text.includes("goes on publishing it"), goesOn);
      assert.equal(text.includes("was cancelled"), !goesOn);
      assert.match(text, /one-horizon\/a.*commits are kept here.*again/u);
    });
  }
});
