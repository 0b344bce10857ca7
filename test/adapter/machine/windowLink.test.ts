import assert from "node:assert/strict";
import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { neverAborted } from "../../../src/base/abort";
import { DisposableStore } from "../../../src/base/disposable";
import { UserError } from "../../../src/core/actions";
import type { PersonAnswer } from "../../../src/core/ports/person";
import type { OwnerConnection, WindowCommand, WindowLink } from "../../../src/core/ports/windowLink";
import { initialState, type SessionView, type WorkerState } from "../../../src/core/state";
import { Store } from "../../../src/core/store";
import { endpointFor } from "../../../src/machine/endpoint";
import { createExclusiveNames, type ExclusiveNames } from "../../../src/machine/exclusive";
import { createWindowLink } from "../../../src/machine/windowLink";
import { aSession, aFullSession, aRun } from "../../unit/ui/kit";
import { hurriedClock, type Machine } from "../../unit/machine/support";
import { machineWithFree } from "./freeNames";
import { startHolder } from "./processes";

/** What a person may have answered in a window that does not run the worker. */
const given: readonly PersonAnswer[] = [
  { kind: "decision", decision: "approveForSession", guidance: undefined },
  { kind: "decision", decision: "deny", guidance: 'é\n"not there"' },
  { kind: "texts", texts: ["the left one", "é\n"] },
];

/** A field without a value is left out on the way. */
function carried(command: WindowCommand): unknown {
  return JSON.parse(JSON.stringify(command));
}

async function until(what: string, condition: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not reached: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

for (const platform of [process.platform, "darwin"] as const) {
  describe(`the channel between windows over the primitive of ${platform}`, () => {
    let machine: Machine;
    let state: string;
    let names: ExclusiveNames;
    let link: WindowLink;
    let store: Store;
    let owned: DisposableStore;
    let commands: WindowCommand[];
    let answer: (command: WindowCommand) => Promise<string>;
    let seen: WorkerState[];
    const last = (): WorkerState => seen.at(-1) ?? initialState;
    const show = (...sessions: readonly SessionView[]): void =>
      store.dispatch({
        kind: "mirrored",
        state: {
          ...store.state,
          phase: { kind: "online" },
          sessions: new Map(sessions.map((one) => [one.sessionId, one])),
        },
      });
    const serve = async (): Promise<void> => {
      owned.add(
        await link.serve("w", {
          get state() {
            return { ...store.state, phase: { kind: "online" as const } };
          },
          onDidChange: store.onDidChange,
          run: (command) => {
            commands.push(command);
            return answer(command);
          },
        }),
      );
    };
    const follow = async (by = link): Promise<OwnerConnection> => {
      const owner = await by.connect("w", (one) => seen.push(one), neverAborted);
      assert.ok(owner);
      return owned.add(owner);
    };
    beforeEach(async () => {
      machine = await machineWithFree(platform, ["window w"]);
      state = join(machine.home, "state");
      names = await createExclusiveNames(state, machine.context, { platform });
      link = createWindowLink(names, machine.context);
      store = new Store(() => undefined);
      owned = new DisposableStore();
      commands = [];
      seen = [];
      answer = (command) => Promise.resolve(`did ${command.kind}`);
    });
    afterEach(async () => {
      owned.dispose();
      store.dispose();
      await machine.remove();
    });

    it("shows every row and the worker as they are, then what changes", async () => {
      assert.equal(await link.connect("w", () => undefined, neverAborted), undefined);
      const rows = [
        aSession(),
        aFullSession({ sessionId: "s2" }),
        aSession({ sessionId: "s3", workflow: aRun() }),
      ];
      show(...rows);
      await serve();
      await follow();
      await until("the first state", () => seen.length > 0);
      assert.deepEqual([...last().sessions.values()], rows);
      const { sessions: _mine, phase: _phase, ...worker } = store.state;
      const { sessions: _theirs, phase, ...mirrored } = last();
      assert.deepEqual(mirrored, worker);
      assert.deepEqual(phase, { kind: "online" });
      show(aSession({ title: "Another title" }));
      await until("the change", () => last().sessions.get("s1")?.title === "Another title");
      assert.deepEqual([...last().sessions.keys()], ["s1"]);
    });

    it("sends a few states of many changes, the last one for sure", async () => {
      await serve();
      await follow();
      for (let n = 0; n < 500; n += 1) {
        show(aSession({ liveStep: `step ${n}` }));
        if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await until("the last", () => last().sessions.get("s1")?.liveStep === "step 499");
      assert.ok(seen.length < 20, `${seen.length} states`);
    });

    it("bounds what it sends: the rows that run first, long texts cut", async () => {
      const ended = Array.from({ length: 400 }, (_, n) =>
        aSession({ sessionId: `e${n}`, phase: "complete", endedAt: n, detail: "x".repeat(100_000) }),
      );
      const message = "y".repeat(10_000);
      const activities = Array.from({ length: 50 }, (_, n) => ({
        activityId: `a${n}`,
        type: "progress" as const,
        message,
        at: n,
      }));
      const plan = Array.from({ length: 1000 }, () => ({ text: message, status: "pending" as const }));
      const path = `/${"p".repeat(10_000)}`;
      show(...ended, aSession({ sessionId: "running", activities, plan, worktreePath: path }));
      await serve();
      await follow();
      await until("all of it", () => seen.length > 0);
      assert.equal(last().sessions.size, 200);
      assert.ok(last().sessions.has("e399") && !last().sessions.has("e0"));
      const running = last().sessions.get("running");
      assert.equal(running?.activities.length, 20);
      assert.equal(running.activities.at(-1)?.activityId, "a49");
      assert.equal(running.plan.length, 100);
      assert.equal(running.worktreePath, undefined, "a path that is cut would be another one");
      assert.ok(JSON.stringify([...last().sessions.values()]).length < 1_000_000);
    });

    it("bounds what it sends of a run, and never cuts an id or a branch", async () => {
      const long = "z".repeat(10_000);
      const workflow = aRun({ branch: long, childId: long, missing: long });
      show(aSession({ workflow }), aSession({ sessionId: "s2", workflow: aRun({ runId: long }) }));
      await serve();
      await follow();
      await until("both", () => last().sessions.size === 2);
      const shown = last().sessions.get("s1")?.workflow;
      assert.deepEqual(
        { ...shown, missing: "" },
        aRun({ branch: undefined, childId: undefined, missing: "" }),
      );
      assert.equal(shown?.missing?.length, 2000);
      assert.equal(last().sessions.get("s2")?.workflow, undefined);
    });

    it("carries commands there and results back, many at once", async () => {
      await serve();
      const owner = await follow();
      const group = { targetWorkerId: undefined, targetGroupId: "g" };
      const asked: readonly WindowCommand[] = [
        { kind: "start" },
        { kind: "stop" },
        { kind: "pause" },
        { kind: "resume" },
        { kind: "restart" },
        { kind: "signOut" },
        { kind: "claim", sessionId: "s1" },
        { kind: "release", sessionId: "s1" },
        { kind: "publishBranch", sessionId: "s1" },
        { kind: "archive", sessionId: "s1" },
        { kind: "fail", sessionId: "s1", reason: 'é\n"wrong"' },
        { kind: "delegate", sessionId: "s1", work: { prompt: "Review", title: undefined, ...group } },
        ...given.map((answer) => ({ kind: "answer", sessionId: "s1", questionId: "q1", answer }) as const),
        { kind: "answer", sessionId: "s1", questionId: undefined, answer: { kind: "input", text: "go on" } },
      ];
      const answers = await Promise.all(asked.map((one) => owner.run(one)));
      assert.deepEqual(
        answers,
        asked.map((one) => `did ${one.kind}`),
      );
      assert.deepEqual(commands.map(carried), asked.map(carried));
    });

    it("tells the owner's user error as it is, and of any other error nothing", async () => {
      await serve();
      const owner = await follow();
      answer = () => Promise.reject(new UserError("This session does not run here."));
      await assert.rejects(owner.run({ kind: "pause" }), {
        name: "UserError",
        message: "This session does not run here.",
      });
      answer = () => Promise.reject(new Error("/home/somebody/secret"));
      await assert.rejects(owner.run({ kind: "pause" }), (error) => {
        assert.ok(error instanceof UserError && !error.message.includes("secret"));
        return true;
      });
    });

    it("refuses a command that it does not know, and carries out none that is malformed", async () => {
      await serve();
      const wrong: readonly unknown[] = [
        { kind: "erase" },
        { kind: "claim" },
        { kind: "claim", sessionId: 7 },
        { kind: "fail", sessionId: "s1", reason: "x".repeat(20_000) },
        { kind: "answer", sessionId: "s1", answer: { kind: "decision", decision: "always" } },
        { kind: "answer", sessionId: "s1", answer: { kind: "texts", texts: Array(200).fill("yes") } },
        "stop",
      ];
      const raw = await names.connect("window w", neverAborted);
      assert.ok(raw);
      owned.add(raw);
      for (const [index, command] of wrong.entries()) {
        await raw.channel.write(JSON.stringify({ id: index, command }));
        for (;;) {
          const line = await raw.channel.read(1_000_000);
          if (!line.includes('"failed"')) continue;
          assert.match(line, /does not know this command.*Nothing was changed/);
          break;
        }
      }
      assert.deepEqual(commands, []);
      await raw.channel.write("this is no message");
      await raw.ended;
      await (await follow()).run({ kind: "pause" });
    });

    it("takes a bounded number of commands at a time", async () => {
      await serve();
      const owner = await follow();
      let open: () => void = () => undefined;
      const gate = new Promise<string>((resolve) => (open = () => resolve("")));
      answer = () => gate;
      const many = Array.from({ length: 40 }, () => owner.run({ kind: "pause" }));
      await until("all are taken or refused", () => commands.length === 16);
      const results = Promise.allSettled(many);
      await assert.rejects(many[39] ?? Promise.resolve(), /too much to do/);
      open();
      assert.equal((await results).filter((one) => one.status === "fulfilled").length, 16);
    });

    it("gives up on an answer in time, and on an owner that says nothing", async () => {
      await serve();
      const hurried = createWindowLink(names, { ...machine.context, clock: hurriedClock(300) });
      answer = () => new Promise(() => undefined);
      const owner = await follow(hurried);
      const pausing = owner.run({ kind: "pause" });
      await assert.rejects(pausing, /did not answer in time|closed before it answered/);
      await owner.ended;
    });

    it("tells a stranger without the key nothing of the worker", async () => {
      show(aSession({ title: "a secret title" }));
      await serve();
      const socket = connect(endpointFor(platform, state, "window w").address);
      let told = "";
      socket.on("error", () => undefined);
      socket.on("data", (chunk) => {
        told += chunk.toString();
        if (told.includes("nonce")) {
          socket.write(`${JSON.stringify({ nonce: "a".repeat(64), proof: "b".repeat(64) })}\n`);
          socket.write(`${JSON.stringify({ id: 1, command: { kind: "stop" } })}\n`);
        }
      });
      await new Promise<void>((resolve) => socket.once("close", () => resolve()));
      const greeting = told.replace('{"refused":true}\n', "");
      assert.equal(greeting.split("\n").length, 3, told);
      assert.ok(!told.includes("secret"));
      assert.deepEqual(commands, []);
    });

    it("ends with its owner: at once when that is killed, and what was asked is told to be unknown", async () => {
      const holder = startHolder(state, "", platform);
      assert.equal(await holder.ask("serve window", "w"), "serving");
      const owner = await follow();
      assert.equal(await owner.run({ kind: "pause" }), "did pause");
      await until("its state", () => last().phase.kind === "online");
      await holder.kill();
      await owner.ended;
      await assert.rejects(owner.run({ kind: "pause" }), /closed before it answered/);
      await serve();
      answer = () => new Promise(() => undefined);
      const next = await follow();
      const pausing = next.run({ kind: "pause" });
      await until("it is taken", () => commands.length === 1);
      owned.dispose();
      await assert.rejects(pausing, /closed before it answered/);
    });
  });
}
