import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { neverAborted } from "../../../src/base/abort";
import { endpointFor } from "../../../src/machine/endpoint";
import { createExclusiveNames, type ExclusiveNames } from "../../../src/machine/exclusive";
import { createMachineLock, type FencedMachineLock } from "../../../src/machine/machineLock";
import type { Machine } from "../../unit/machine/support";
import { machineWithFree } from "./freeNames";
import { startHolder, type Holder } from "./processes";

// The loopback variant is what macOS uses; it is the same code on every system.
for (const platform of [process.platform, "darwin"] as const) {
  describe(`machine lock with the primitive of ${platform}`, () => {
    let machine: Machine;
    let state: string;
    let names: ExclusiveNames;
    let lock: FencedMachineLock;
    let holders: Holder[];
    const start = (): Holder => {
      const holder = startHolder(state, "", platform);
      holders.push(holder);
      return holder;
    };
    beforeEach(async () => {
      machine = await machineWithFree(platform, ["a", "b", "lock a", "lock b"]);
      state = join(machine.home, "state");
      names = await createExclusiveNames(state, machine.context, { platform });
      lock = createMachineLock(state, names, machine.context);
      holders = [];
    });
    afterEach(async () => {
      for (const holder of holders) await holder.kill();
      await machine.remove();
    });

    it("is held once in a process, by name, and free at once when given back", async () => {
      const one = await lock.tryHold("a");
      assert.ok(one);
      assert.equal(await lock.tryHold("a"), undefined);
      const other = await lock.tryHold("b");
      assert.ok(other);
      one.dispose();
      const again = await lock.tryHold("a");
      assert.ok(again);
      assert.ok(again.fence > one.fence);
      one.dispose();
      assert.equal(await lock.tryHold("a"), undefined, "disposing twice frees nothing");
      again.dispose();
      other.dispose();
    });

    it("is one lock however the state folder is named, and another for another folder", async () => {
      await symlink(state, join(machine.home, "link"));
      const same = await createExclusiveNames(join(machine.home, "link", "..", "state"), machine.context, {
        platform,
      });
      const other = await createExclusiveNames(join(machine.home, "other"), machine.context, { platform });
      const held = await names.hold("a");
      assert.ok(held);
      assert.equal(await same.hold("a"), undefined);
      const elsewhere = await other.hold("a");
      assert.ok(elsewhere);
      elsewhere.dispose();
      held.dispose();
    });

    it("is free at once when its process is killed, also while a child of that process lives on", async () => {
      let fence = 0;
      for (let round = 0; round < 3; round += 1) {
        const holder = start();
        const won = Number(await holder.ask("lock", "a"));
        assert.ok(won > fence, `${won} after ${fence}`);
        fence = won;
        assert.equal(await lock.tryHold("a"), undefined);
        await holder.kill();
      }
      const own = await lock.tryHold("a");
      assert.ok(own && own.fence > fence);
      const child = spawn("sleep", ["30"], { detached: true });
      own.dispose();
      const again = await lock.tryHold("a");
      assert.ok(again, "a child kept the name");
      again.dispose();
      child.kill("SIGKILL");
      await once(child, "exit");
    });

    it("goes to exactly one of many contenders, round after round", async () => {
      const contenders = Array.from({ length: 4 }, start);
      for (let round = 0; round < 25; round += 1) {
        const answers = await Promise.all(contenders.map((one) => one.ask("lock", "a")));
        const winners = answers.flatMap((answer, index) => (answer === "taken" ? [] : [index]));
        assert.equal(winners.length, 1, answers.join());
        assert.equal(await contenders[winners[0] ?? 0]?.ask("give back", ""), "given back");
      }
    });

    it("keeps its number rising when the counter is damaged, and says so", async () => {
      const first = await lock.tryHold("a");
      first?.dispose();
      const [name = ""] = await readdir(join(state, "fences"));
      await writeFile(join(state, "fences", name), "{");
      machine.now += 1000;
      const second = await lock.tryHold("a");
      assert.ok(first && second && second.fence > first.fence);
      assert.equal(machine.warnings.length, 1);
      second.dispose();
    });

    it("is not held when its number cannot be written", async () => {
      await writeFile(join(state, "fences"), "a file in the way");
      await assert.rejects(lock.tryHold("a"));
      const free = await names.hold("lock a");
      assert.ok(free);
      free.dispose();
    });

    it("tells a connecting stranger nothing but its banner and a random number", async () => {
      const held = await names.hold("a");
      const { address, banner } = endpointFor(platform, state, "a");
      const socket = connect(address);
      let seen = "";
      socket.on("error", () => undefined);
      socket.on("data", (chunk) => {
        seen += chunk.toString();
        if (seen.split("\n").length > 2) socket.write("hello\n");
      });
      await once(socket, "close");
      assert.match(seen.slice(banner.length), /^\n\{"nonce":"[0-9a-f]{64}"\}\n$/);
      assert.equal(seen.startsWith(banner), true);
      held?.dispose();
    });

    it("connects windows of ours, and nobody once it is given back", async () => {
      const held = await names.hold("a");
      const connection = await names.connect("a", neverAborted);
      assert.ok(held && connection);
      held.dispose();
      await connection.ended;
      assert.equal(await names.connect("a", neverAborted), undefined);
    });

    it("wakes who waits as soon as its holder is killed or gives it back", async () => {
      const holder = start();
      await holder.ask("lock", "a");
      const waiting = lock.untilFree("a", neverAborted);
      const began = performance.now();
      await holder.kill();
      await waiting;
      const own = await lock.tryHold("a");
      assert.ok(own);
      const tookMs = performance.now() - began;
      assert.ok(tookMs < 2000, `took over after ${tookMs} ms`);
      const again = lock.untilFree("a", neverAborted);
      own.dispose();
      await again;
      const abort = new AbortController();
      const third = await lock.tryHold("a");
      const given = lock.untilFree("a", abort.signal);
      abort.abort(new Error("nobody waits any more"));
      await assert.rejects(given, /nobody waits/);
      third?.dispose();
    });
  });
}
