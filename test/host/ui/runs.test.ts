import * as assert from "node:assert/strict";
import { waitUntil, type EditorUnderTest, type Workbench } from "../harness/harness.mjs";
import {
  assertWholeReport,
  chooseScript,
  launch,
  pictureFailures,
  quitClean,
  requests,
  untilInGroup,
  untilSame,
} from "./kit";
import { picture, prepareForPictures } from "./pictures";
import { faultsOf, sessionsOf, type Ended } from "./runJudge";
import { runBranch, TwoWorkers, type Member, type Run } from "./twoWorkers";

describe("a workflow run over two workers in two windows", () => {
  let editor: EditorUnderTest;
  let team: TwoWorkers;
  let untouched: Awaited<ReturnType<TwoWorkers["checkouts"]>>;
  let ended: Ended;
  const title = "Add a note";
  pictureFailures(() => editor);

  before(async () => {
    editor = await launch({ name: "runs" });
    team = await TwoWorkers.open(editor);
    for (const member of [team.coder, team.reviewer]) await prepareForPictures(member);
    await chooseScript(editor.world.sandbox, "run");
    untouched = await team.checkouts();
  });
  after(() => quitClean(editor));

  const look = async (run: Run, branch: string): Promise<Ended> => ({
    run,
    state: await editor.world.sandbox.state(),
    pushed: await team.pushed(branch),
  });

  it("goes by itself from the plan over a review that asks for changes to an approved branch", async () => {
    ended = await look(await team.untilEnded(await team.startRun(title)), runBranch);
    assert.deepEqual(faultsOf(ended), []);
    const sessions = sessionsOf(ended);
    for (const session of sessions) {
      assertWholeReport(session);
      assert.deepEqual(
        session.history.map((one) => one.status),
        ["queued", "active", "complete"],
      );
      assert.equal(session.claims.length, 1);
    }
    const { coder, reviewer } = team;
    assert.deepEqual(
      sessions.map((one) => one.lastOwnerId),
      [coder, coder, reviewer, coder, reviewer].map((one) => one.workerId),
    );
  });

  it("confirms each push before it hands over, and judges before it completes", async () => {
    const calls = await requests(editor.world.sandbox);
    const stepsOf = (sessionId: string): readonly string[] =>
      calls.flatMap(({ operationId = "", path, body }) => {
        const text = JSON.stringify(body ?? {});
        if (operationId === "createSession") return text.includes(sessionId) ? ["child"] : [];
        if (!path.includes(sessionId)) return [];
        if (operationId === "completeSession") return ["complete"];
        if (operationId !== "patchAgentSession") return [];
        return [
          ...(text.includes('"workflowPushConfirmed":true') ? ["confirm"] : []),
          ...(text.includes('"reviewVerdict"') ? ["verdict"] : []),
        ];
      });
    assert.deepEqual(
      // A slow platform is told again; what counts is what came first.
      sessionsOf(ended).map((one) => [...new Set(stepsOf(one.sessionId))]),
      [
        ["complete"],
        ["confirm", "child", "complete"],
        ["verdict", "child", "complete"],
        ["confirm", "child", "complete"],
        ["verdict", "complete"],
      ],
    );
  });

  it("leaves both main checkouts as they were, and no worktree that only looked", async () => {
    assert.deepEqual(await team.checkouts(), untouched);
    assert.deepEqual(await team.worktreesOf(team.coder), [runBranch]);
    assert.deepEqual(await team.worktreesOf(team.reviewer), []);
  });

  it("goes on, each thing once, when the host is killed as it hands over", async () => {
    const { sandbox } = editor.world;
    const again = "Add another note";
    const branch = "feature/another-note";
    const action = { type: "delay", delayMs: 300_000, when: "after" };
    await sandbox.dashboard("POST", "faults", { operationId: "createSession", action });
    const runId = await team.startRun(again, branch);
    await waitUntil("the review is created, and its answer held", async () =>
      (await sandbox.state()).runs.some((one) => one.runId === runId && one.steps.length >= 3),
    );
    await pictureOf(team.coder, "hand-over", "Code");
    await team.killHostOf(team.coder);
    const outcome = await look(await team.untilEnded(runId), branch);
    assert.deepEqual(faultsOf(outcome), []);
    for (const session of sessionsOf(outcome)) assert.equal(session.claims.length, 1);
    assert.deepEqual(await team.checkouts(), untouched);
  });

  it("stands in each window as one row with its steps, their verdicts and the pushed branch", async () => {
    const reviews = [
      ["Review", "handed over", "asks for changes"],
      ["Review", "approved"],
    ];
    const others = [["Plan"], ["Code", "handed over", "pushed"], ["Code", "handed over", "pushed"]];
    for (const [{ window }, wanted] of [
      [team.reviewer, reviews],
      [team.coder, others],
    ] as const) {
      await window.front();
      await untilInGroup(window, title, "Done");
      await window.expandRow(title);
      await untilSame("the run's steps", () => stepsBelow(window), wanted);
    }
    await pictureOf(team.reviewer, "reviewer", "Review");
    await pictureOf(team.coder, "coder", "Code");
  });

  /** With one step of the run unfolded. */
  async function pictureOf({ window }: Member, name: string, step: string): Promise<void> {
    await window.front();
    await picture({ window }, `run-${name}`, async () => {
      await window.expandRow(step);
      await window.waitForTreeRow("the run's branch", (row) => row.label.startsWith("feature/"));
    });
  }

  /** The steps of the first run in a window: what they are called, and how they stand, without times and counts. */
  async function stepsBelow(window: Workbench): Promise<readonly (readonly string[])[]> {
    const rows = await window.treeRows();
    const after = rows.slice(rows.findIndex((row) => row.level === 2 && row.label === title) + 1);
    const end = after.findIndex((row) => row.level < 3);
    const below = after.slice(0, end === -1 ? undefined : end);
    const counted = /^\+|^took |tokens$/;
    return below.map((row) => [
      row.label,
      ...row.description.split(" · ").filter((one) => one !== "" && !counted.test(one)),
    ]);
  }
});
