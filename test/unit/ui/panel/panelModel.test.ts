import assert from "node:assert/strict";
import { isLive, type WorkerPhase } from "../../../../src/core/state";
import { panelHeader } from "../../../../src/ui/panel/panelModel";
import { tabTitle } from "../../../../src/ui/panel/tabTitle";
import { aFullSession, aRun, aSession, aState, allPhases, allWorkerPhases, minuteMs, noon } from "../kit";
import { aCommand, aScene, headerOf } from "./kit";

describe("the panel's header", () => {
  const states = {
    listed: "circle-outline descriptionForeground queued",
    claiming: "loading foreground spins claiming",
    preparing: "loading foreground spins preparing",
    running: "loading charts.blue spins running",
    finishing: "cloud-upload charts.blue reporting",
    awaitingInput: "comment-unresolved charts.yellow waits for your answer",
    interrupted: "sync symbolIcon.eventForeground interrupted",
    complete: "pass testing.iconPassed complete",
    failed: "error testing.iconFailed failed",
    cancelled: "circle-slash disabledForeground cancelled",
    released: "circle-slash disabledForeground released",
    claimLost: "debug-disconnect symbolIcon.eventForeground claim lost",
    elsewhere: "vm descriptionForeground held by another worker",
  };
  for (const phase of allPhases) {
    it(`of a ${phase} session shows its state, whatever the worker is at`, () => {
      for (const worker of allWorkerPhases) {
        const header = headerOf(aFullSession({ phase }), { phase: worker });
        const { icon, color, spins, text } = header.state;
        assert.equal([icon, color, ...(spins ? ["spins"] : []), text].join(" "), states[phase]);
        assert.equal(header.live, isLive(phase));
        assert.ok(header.buttons.length <= 4);
        assert.ok(header.buttons.filter((one) => one.primary).length <= 1);
      }
    });
  }

  it("says why it ended, what its run lacks, and that it is hidden", () => {
    const detail = "The model\nwas not reached.";
    const session = aFullSession({
      phase: "failed",
      detail,
      archived: true,
      workflow: aRun({ missing: "No push." }),
    });
    assert.equal(
      headerOf(session).detail,
      "The model was not reached. No push. What was done is kept. Publish the branch from here, or start the step again in One Horizon. Hidden in the sessions view.",
    );
    assert.equal(headerOf(aSession()).detail, undefined);
    const asks = { phase: "awaitingInput", detail: "making the worktree", questions: [aCommand()] } as const;
    assert.equal(headerOf(aSession(asks)).detail, undefined);
  });

  it("says how its run stands", () => {
    const session = aSession({
      phase: "complete",
      endedAt: noon,
      workflow: aRun({ mode: "review", verdict: "feedback" }),
    });
    const { text, icon } = headerOf(session).state;
    assert.deepEqual([text, icon], ["complete · step-2 · asks for changes", "request-changes"]);
  });

  it("shows no step as under way once the work has ended", () => {
    const plan = [{ text: "Look around", status: "inProgress" }] as const;
    const statuses = (["running", "awaitingInput", "failed"] as const).map(
      (phase) => headerOf(aSession({ phase, plan })).plan[0]?.status,
    );
    assert.deepEqual(statuses, ["inProgress", "inProgress", "pending"]);
  });

  it("keeps a hostile title and plan on one line, and short in the tab", () => {
    const title = `$(error) <img src=x onerror=alert(1)>\u202Egpj\n[x](command:y) ${"a".repeat(900)}`;
    const header = headerOf(
      aSession({ title, plan: [{ text: `one\ntwo ${"b".repeat(900)}`, status: "pending" }] }),
    );
    assert.match(header.title, /^\$\(error\) <img src=x onerror=alert\(1\)>gpj \[x\]\(command:y\) a+…$/);
    assert.ok(header.title.length <= 500 && tabTitle(header).length <= 60);
    assert.match(header.plan[0]?.text ?? "", /^one two b+…$/);
  });
});

describe("the panel of a session that is gone", () => {
  const advice: Readonly<Record<WorkerPhase["kind"], RegExp>> = {
    signedOut: /^Nobody is signed in.* is kept\. Sign in/,
    notConfigured: /^This folder works for no agent.* is kept\. Choose an agent/,
    untrusted: /^This folder is in Restricted Mode.* is kept\. Trust the folder/,
    noRepository: /^There is no git repository.* is kept\. Open the folder/,
    stopped: /^The worker is stopped.* is kept\. Start the worker/,
    otherWindow: /^Another window.* is kept\. It is shown again/,
    starting: /^The worker is starting\. The session is here again/,
    online: /^The session is not in the list any more.* is kept\. Look for it in One Horizon/,
    paused: /^The session is not in the list any more/,
    stopping: /^The session is not in the list any more/,
    rejected: /^The session is not in the list any more/,
  };
  for (const phase of allWorkerPhases) {
    it(`says so, and what to do, while the worker is ${phase.kind}`, () => {
      const header = panelHeader(aScene({ state: aState({ phase }) }));
      assert.match(header.detail ?? "", advice[phase.kind]);
      assert.equal(header.state.spins, phase.kind === "starting");
      assert.equal(header.title, "Add CSV export");
      const { facts, buttons, more, plan, questions, input, live } = header;
      assert.deepEqual(
        { facts, buttons, more, plan, questions, input, live },
        { facts: [], buttons: [], more: [], plan: [], questions: [], input: undefined, live: false },
      );
    });
  }

  it("goes by the phase of the window that runs the worker", () => {
    const phase = { kind: "otherWindow", owner: { kind: "online" } } as const;
    assert.match(panelHeader(aScene({ state: aState({ phase }) })).detail ?? "", /not in the list any more/);
  });

  it("is named by its id where no title was kept", () => {
    assert.equal(panelHeader(aScene({ memory: { sessionId: "s1", title: "" } })).title, "s1");
  });
});

describe("the panel's facts", () => {
  const words = (...args: Parameters<typeof headerOf>): readonly string[] =>
    headerOf(...args).facts.map((one) => `${one.label}: ${one.value}`);

  it("of a running session tell of its work and its claim", () => {
    const session = aFullSession({ leaseEndsAt: noon + 12 * minuteMs, model: "gpt-5" });
    assert.deepEqual(words(session), [
      "Elapsed: 6m",
      "Branch: one-horizon/add-csv-export-7f3a",
      "Worktree: add csv",
      "Changes: +120 −14",
      "Claimed by: this window",
      "Claim: lease 12m left",
      "Worker: beat 3s ago",
      "Model: gpt-5",
    ]);
  });

  it("say when another window runs it, and as which worker", () => {
    const phase = { kind: "otherWindow", owner: { kind: "online" } } as const;
    const { facts } = headerOf(aSession(), { phase, workerName: "Ada's laptop" });
    const owner = facts.find((one) => one.label === "Claimed by");
    assert.deepEqual([owner?.value, owner?.tooltip], ["another window", "As the worker “Ada's laptop”"]);
  });

  it("say when another worker has it", () => {
    assert.deepEqual(words(aSession({ phase: "elsewhere", startedAt: undefined })), [
      "Waiting: queued 10m",
      "Claimed by: another worker",
    ]);
  });

  it("say when and how long, once it has ended", () => {
    const session = aSession({ phase: "complete", endedAt: noon - minuteMs });
    assert.deepEqual(words(session), ["Elapsed: took 5m", "End: ended 1m ago"]);
    assert.deepEqual(words(aSession({ phase: "interrupted" })), ["Start: started 6m ago"]);
  });

  it("number the attempt where the timeline knows it", () => {
    const { facts } = panelHeader(aScene({ attempt: 2, state: aState({}, aSession()) }));
    assert.equal(facts.find((one) => one.label === "Claimed here")?.value, "attempt 2");
  });

  it("tell of a lease that ended and of heartbeats that fail", () => {
    const state = { lastBeatAt: undefined, lastBeatError: "offline" };
    const facts = headerOf(aSession({ leaseEndsAt: noon - 1 }), state).facts;
    const said = facts.filter((one) => ["key", "warning"].includes(one.icon));
    assert.deepEqual(
      said.map((one) => `${one.value}: ${one.tooltip}`),
      ["lease ended: The lease was not renewed in time. The worktree is kept.", "no beat yet: offline"],
    );
  });

  it("copy the whole of what they show in short", () => {
    const session = aFullSession({ workflow: aRun({ stepId: "step_36_80286c" }) });
    const copied = headerOf(session).facts.flatMap((one) => one.copies ?? []);
    assert.deepEqual(copied, ["run-1", "one-horizon/run-1", "/home/ada/.one/worktrees/add csv"]);
    assert.deepEqual(words(session).slice(1, 3), ["Workflow run: run-1", "Mode: Code"]);
  });

  it("count in words that fit", () => {
    const tip = (files: number): string | undefined =>
      headerOf(aFullSession({ stat: { files, added: 1, deleted: 0 } })).facts.find(
        (one) => one.label === "Changes",
      )?.tooltip;
    assert.deepEqual(
      [tip(0), tip(1), tip(2)],
      [
        undefined,
        "1 file changed, lines added and deleted: 1, 0",
        "2 files changed, lines added and deleted: 1, 0",
      ],
    );
  });
});
