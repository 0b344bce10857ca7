import assert from "node:assert/strict";
import type { RootHookObject, Suite } from "mocha";
import { trackDisposables } from "../src/base/disposable";

/** Where each open disposable was made. */
const open = new Map<object, Error>();

trackDisposables({
  opened: (disposable) => open.set(disposable, new Error("opened here and not given back")),
  closed: (disposable) => open.delete(disposable),
});

/** What a killed process held is freed by the system. */
export function forgetOpen(): void {
  open.clear();
}

/** After each suite nothing that it opened may be left open. */
export const mochaHooks: RootHookObject = {
  beforeAll(this: Mocha.Context): void {
    for (const suite of this.test?.parent?.suites ?? []) check(suite);
  },
};

function check(suite: Suite): void {
  suite.afterAll("gives back what it opened", () => {
    const left = [...open.values()].map((one) => one.stack ?? one.message);
    open.clear();
    assert.equal(left.length, 0, left.slice(0, 3).join("\n"));
  });
}
