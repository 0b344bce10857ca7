import assert from "node:assert/strict";
import { UserError } from "../../../src/core/actions";
import type { Answer, OpenQuestion, Question } from "../../../src/core/ports/person";
import { aSession } from "../../fakes/builders";
import { completed } from "../../fakes/fakeRuntime";
import { settle } from "../../fakes/manualClock";
import { Office, type Window } from "../../fakes/office";

const tone: Question = {
  about: "question",
  what: "Which tone?",
  where: undefined,
  why: undefined,
  forSession: false,
  parts: [{ text: "Which tone?", options: ["Plain", "Friendly"], secret: false }],
};
const command: Question = { ...tone, about: "command", what: "git log -1", parts: [] };

describe("two windows of one folder", () => {
  let office: Office;
  let owner: Window;
  let viewer: Window;
  beforeEach(async () => {
    office = new Office();
    owner = await office.openConfigured();
    viewer = await office.open();
    await viewer.until("otherWindow");
    await office.clock.until("the viewer follows", () => viewer.controller.owner !== undefined);
  });
  afterEach(async () => {
    await office.close();
    assert.deepEqual(office.errors, []);
  });

  async function run(sessionId: string): Promise<void> {
    office.platform.add(aSession({ sessionId }));
    owner.controller.pollNow();
    await owner.untilSession(sessionId, "running");
    await viewer.untilSession(sessionId, "running", 1000);
  }
  const ownerPhase = (): string | undefined =>
    viewer.phase.kind === "otherWindow" ? viewer.phase.owner?.kind : undefined;

  it("show the same, live", async () => {
    await run("s1");
    const { phase: _one, ...there } = owner.store.state;
    const { phase: _other, ...here } = viewer.store.state;
    assert.deepEqual(here, there);
    assert.equal(ownerPhase(), "online");
    office.runtime.open("s1");
    await viewer.untilSession("s1", "complete");
    assert.equal(viewer.kind, "otherWindow");
  });

  it("both release, fail and claim, and the one that runs the worker does it", async () => {
    await run("s1");
    const released = viewer.actions.release("s1");
    await viewer.untilSession("s1", "released");
    await released;
    await viewer.actions.claim("s1");
    await viewer.untilSession("s1", "running");
    const failed = viewer.actions.fail("s1", "It went the wrong way.");
    await viewer.untilSession("s1", "failed");
    await failed;
    assert.match(office.platform.of("s1").finishes.at(-1)?.text ?? "", /wrong way/u);
    assert.equal(await viewer.actions.publishBranch("s1"), "s1 of 0");
    await viewer.actions.archive("s1");
    assert.equal(owner.store.state.sessions.get("s1")?.archived, true);
    assert.equal(viewer.store.state.sessions.get("s1")?.archived, true);
    assert.deepEqual(
      office.windows.commands.map((one) => one.kind),
      ["release", "claim", "fail", "publishBranch", "archive"],
    );
  });

  it("both hand work of a session on, and list who it can go to", async () => {
    await run("s1");
    const listed = { workerId: "w2", name: "Other", status: "online", groupId: "g" };
    office.platform.workers = [listed];
    for (const window of [owner, viewer]) {
      const { workers, ownId } = await window.actions.delegationTargets();
      assert.deepEqual([workers, typeof ownId], [[listed], "string"]);
      const work = { prompt: "Review it.", title: undefined, targetWorkerId: "w2", targetGroupId: undefined };
      assert.match(await window.actions.delegate("s1", work), /^child-/u);
    }
    assert.equal(office.platform.delegated.length, 2);
    await assert.rejects(
      viewer.actions.delegate("s9", {
        prompt: "x",
        title: undefined,
        targetWorkerId: "w",
        targetGroupId: undefined,
      }),
      /Only a session that works here/,
    );
  });

  it("both answer what a session asks, and the first answer counts", async () => {
    const given: Answer[] = [];
    office.runtime.script = async ({ request, emit, signal }) => {
      emit({ kind: "processStarted", processId: 1 });
      for (const one of [command, tone]) given.push(await request.ask(one, signal));
      return completed;
    };
    office.platform.add(aSession({ sessionId: "s1" }));
    owner.controller.pollNow();
    const asked = async (about: Question["about"]): Promise<string> => {
      const open = (): OpenQuestion | undefined => viewer.store.state.sessions.get("s1")?.questions[0];
      await office.clock.until(`the viewer shows the ${about}`, () => open()?.about === about);
      return open()?.questionId ?? "";
    };
    const approval = await asked("command");
    const approve = { kind: "decision", decision: "approve", guidance: undefined } as const;
    await assert.rejects(viewer.actions.answer("s1", approval, { kind: "texts", texts: ["yes"] }), {
      name: "UserError",
      message: /still waits for one/,
    });
    await viewer.actions.answer("s1", approval, approve);
    const question = await asked("question");
    await assert.rejects(viewer.actions.answer("s1", approval, approve), /answered already/);
    await viewer.actions.answer("s1", question, { kind: "texts", texts: ["Plain"] });
    await viewer.untilSession("s1", "complete");
    assert.deepEqual(given, [approve, { kind: "texts", texts: ["Plain"] }]);
    await assert.rejects(viewer.actions.answer("s1", question, approve), /answered already/);
    assert.ok(office.windows.commands.every((one) => one.kind === "answer"));
  });

  it("both pause, resume, restart and stop it; stopping is answered while the turn goes on", async () => {
    await viewer.actions.pause();
    assert.equal(owner.kind, "paused");
    assert.equal(ownerPhase(), "paused");
    await viewer.actions.resume();
    assert.equal(owner.kind, "online");
    await viewer.actions.restart();
    await office.clock.until("fresh", () => owner.kind === "online" && ownerPhase() === "online");
    await run("s1");
    await viewer.actions.stop();
    assert.equal(owner.kind, "stopping");
    assert.equal(ownerPhase(), "stopping");
    await viewer.actions.start();
    await viewer.actions.stop();
    office.runtime.open("s1");
    await owner.until("stopped");
    await viewer.until("stopped", 5000);
    assert.equal(office.stored()?.stoppedByPerson, true);
    assert.equal(office.platform.status("s1"), "complete");
  });

  it("answer a stop once it is known whether it could be saved", async () => {
    await run("s1");
    office.configurations.failure = new Error("ENOSPC: no space left");
    await assert.rejects(viewer.actions.stop(), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /could not be saved: ENOSPC/);
      return true;
    });
    assert.equal(owner.kind, "stopping");
    office.configurations.failure = undefined;
    let save = (): void => undefined;
    office.configurations.gate = new Promise((resolve) => (save = resolve));
    let answered = false;
    const again = viewer.actions.stop().then(() => (answered = true));
    await office.clock.advance(1000);
    owner.store.dispatch({ kind: "identified", agentName: "a", workspaceName: "w", workerName: "Changed" });
    await settle();
    assert.equal(answered, false, "its row changed while it was about to be saved");
    save();
    await again;
    assert.equal(office.stored()?.stoppedByPerson, true);
    office.runtime.open("s1");
    await owner.until("stopped");
    assert.equal(office.errors.splice(0).length, 1);
  });

  it("tell a person in either window why something was refused, in words that are true in both", async () => {
    const refusals: string[] = [];
    const refused = async (act: Promise<unknown>, reason: RegExp): Promise<void> => {
      await assert.rejects(act, (error) => {
        assert.ok(error instanceof UserError);
        assert.match(error.message, reason);
        refusals.push(error.message);
        return true;
      });
    };
    await refused(viewer.actions.release("s9"), /does not run now/);
    await run("s1");
    await refused(viewer.actions.claim("s1"), /runs already/);
    await viewer.actions.pause();
    await refused(viewer.actions.claim("s2"), /paused/);
    office.configurations.failure = new Error("ENOSPC: no space left");
    await refused(viewer.actions.stop(), /starts again when the window that runs it is reloaded/);
    assert.equal(office.errors.splice(0).length, 1);
    for (const one of refusals) assert.doesNotMatch(one, /\bhere\b|this window/);
    office.runtime.open("s1");
    await owner.until("stopped");
    assert.equal(office.errors.splice(0).length, 1);
  });

  it("sign out together: what runs is released while there is a token", async () => {
    await run("s1");
    const signedOut = viewer.actions.signOut();
    await office.clock.until(
      "both are signed out",
      () => [owner.kind, viewer.kind].join() === "signedOut,signedOut",
    );
    await signedOut;
    assert.equal(office.platform.status("s1"), "queued");
    assert.equal(office.platform.of("s1").finishes.at(-1)?.kind, "release");
  });

  it("leave no ghost: when the owner is gone, the other one takes over, and shows nothing as running before", async () => {
    await run("s1");
    office.makeGate = new Promise(() => undefined);
    const seen: string[] = [];
    const listening = viewer.store.onDidChange(({ phase, sessions }) => {
      const row = sessions.get("s1")?.phase ?? "none";
      if (phase.kind !== "otherWindow" || phase.owner === undefined) seen.push(`${phase.kind} ${row}`);
    });
    await owner.close();
    await viewer.until("starting", 2000);
    listening.dispose();
    assert.ok(seen.length > 0 && !seen.some((one) => one.includes("running")), seen.join());
    assert.equal(viewer.session("s1"), "interrupted");
    assert.equal(viewer.controller.owner, undefined);
  });

  it("follow the next owner when the one before is gone", async () => {
    const third = await office.open();
    await run("s1");
    await owner.close();
    await office.clock.until("one of them runs it", () =>
      [viewer, third].some((one) => one.kind === "online"),
    );
    const [next, last] = viewer.kind === "online" ? [viewer, third] : [third, viewer];
    await next.untilSession("s1", "running", 10_000);
    await last.untilSession("s1", "running", 2000);
    assert.equal(last.kind, "otherWindow");
    const released = last.actions.release("s1");
    await next.untilSession("s1", "released");
    await released;
  });

  it("say so while the owner cannot be reached, and change nothing", async () => {
    office.windows.failure = new Error("it hangs");
    for (const served of office.windows.served.values()) {
      for (const one of served.connections) one.dispose();
    }
    await settle();
    assert.equal(viewer.controller.owner, undefined);
    for (const act of [
      () => viewer.actions.pause(),
      () => viewer.actions.claim("s1"),
      () => viewer.actions.publishBranch("s1"),
      () => viewer.actions.archive("s1"),
      () => viewer.actions.answer("s1", "q1", { kind: "input", text: "go on" }),
    ]) {
      await assert.rejects(act(), /does not answer now\. Nothing was changed/);
    }
    office.windows.failure = undefined;
    await office.clock.until("it is reached again", () => viewer.controller.owner !== undefined, 5000);
  });

  it("show nothing of the other's any more once this one is signed out or stops waiting", async () => {
    await run("s1");
    await viewer.controller.stop();
    assert.equal(viewer.kind, "stopped");
    assert.notEqual(viewer.session("s1"), "running");
    assert.equal(viewer.controller.owner, undefined);
  });
});

describe("two folders", () => {
  it("are two workers that run side by side", async () => {
    const office = new Office();
    const first = await office.openConfigured();
    const second = office.window();
    second.folder = "/another";
    await second.controller.refresh();
    await second.controller.configure();
    await office.clock.until("it is taken care of", () => second.kind === "online", 5000);
    assert.equal(first.kind, "online");
    assert.equal(office.lock.held.size, 2);
    // The fake heartbeat expects one worker of one folder.
    assert.ok(office.errors.splice(0).every((one) => one.includes("beats beside")));
    await office.close();
  });
});
