// What the sessions view costs the extension host of a real editor: 1,000 sessions, 50 events a second for a minute.
// `npm run test:host -- --suite tree.bench` leaves it in test-results/tree-host.json. No test judges it: a busy machine is no failure.
import * as assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import type { Store } from "../../../src/core/store";
import { beginIn, nextIn } from "../../bench/tree";

const seconds = 60;
const eventsPerSecond = 50;

describe("the sessions view in the extension host", function () {
  this.timeout(5 * 60_000);

  it("at 1,000 sessions and 50 events a second", async () => {
    const extension = vscode.extensions.getExtension<{ readonly store: Store }>(
      "one-horizon.one-horizon-worker",
    );
    const store = (await extension?.activate())?.store;
    assert.ok(store, "there is a store where the editor tests");
    await vscode.commands.executeCommand("workbench.view.extension.oneHorizon");
    const idle = await share(() => undefined);
    beginIn(store);
    let n = 0;
    const busy = await share(() => nextIn(store, n++, Date.now()));
    assert.equal(n, seconds * eventsPerSecond);
    const figures = { sessions: 1000, eventsPerSecond, seconds, busyPercent: busy, idlePercent: idle };
    writeFileSync(join(__dirname, "..", "..", "tree-host.json"), `${JSON.stringify(figures)}\n`);
  });
});

/** Per cent of a core that this process takes while `act` is called at its rate for a minute. */
async function share(act: () => void): Promise<number> {
  const before = process.cpuUsage();
  const began = performance.now();
  for (let done = 0; done < seconds * eventsPerSecond; done += 1) {
    const due = began + (done * 1000) / eventsPerSecond;
    const waitMs = due - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    act();
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 10 / (performance.now() - began);
}
