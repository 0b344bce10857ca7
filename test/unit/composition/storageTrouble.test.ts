import assert from "node:assert/strict";
import { storageTrouble } from "../../../src/composition/storageTrouble";

describe("an editor's secret storage that is of no use", () => {
  for (const [step, what, kept] of [
    ["write", /did not keep the sign-in/u, /lives in this window's memory, and the worker goes on/u],
    ["read", /could not be read/u, /Nothing was changed/u],
  ] as const) {
    it(`says what happened, what was kept and what to do where it did not ${step}`, () => {
      const { message } = storageTrouble(step);
      assert.match(message, what);
      assert.match(message, kept);
      assert.match(message, /Unlock the system's keyring/u);
    });
  }
});
