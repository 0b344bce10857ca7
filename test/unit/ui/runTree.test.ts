import assert from "node:assert/strict";
import type { RunView } from "../../../src/core/runView";
import type { SessionPhase, SessionView } from "../../../src/core/state";
import {
  countNeedingPerson,
  plainScene,
  sessionTree,
  TreeModel,
  visibleSessions,
} from "../../../src/ui/sessionTreeModel";
import type { Row } from "../../../src/ui/treeRow";
import { changedRows, indexRows } from "../../fakes/treeRows";
import { aRun, aSession, allPhases, aState, english, minuteMs, noon } from "./kit";

const hourMs = 60 * minuteMs;
const ended = noon - 2 * minuteMs;

/** The n-th session of the run. */
function step(n: number, over: Partial<SessionView> = {}, run: Partial<RunView> = {}): SessionView {
  const createdAt = noon - 60 * minuteMs + n * minuteMs;
  const workflow = aRun({ stepId: `step_${n}`, ...run });
  return aSession({ sessionId: `s${n}`, createdAt, startedAt: createdAt, workflow, ...over });
}
const plan = step(1, { phase: "complete", endedAt: ended }, { mode: "plan", childId: "s2" });
const code = step(2, { phase: "complete", endedAt: ended }, { push: "confirmed", parentId: "s1" });
const review = step(3, { startedAt: noon - minuteMs }, { mode: "review", parentId: "s2" });

const tree = (...sessions: readonly SessionView[]): readonly Row[] =>
  sessionTree(aState({}, ...sessions), noon, english);
/** The rows down to the sessions, each as its group, run and own words. */
const shape = (rows: readonly Row[]): readonly string[] =>
  rows.flatMap((group) =>
    group.children.flatMap((one) => [
      `${group.label} > ${one.label} | ${one.description}`,
      ...(one.id.startsWith("run:")
        ? one.children.map((child) => `- ${child.label} | ${child.description}`)
        : []),
    ]),
  );
const find = (rows: readonly Row[], id: string): Row => {
  const found = indexRows(rows).get(id)?.row;
  assert.ok(found !== undefined, `no row ${id}`);
  return found;
};

describe("a workflow run in the tree", () => {
  it("stands as one row where its live session stands, its sessions under it by step", () => {
    const rows = tree(review, aSession({ sessionId: "other", title: "Bump parser" }), code, plan);
    assert.deepEqual(shape(rows), [
      "Running > Bump parser | 6m",
      "Running > Add CSV export | Review · step_3 · 1m",
      "- Plan | step_1 · handed over · took 57m",
      "- Code | step_2 · pushed · took 56m",
      "- Review | step_3 · 1m",
    ]);
    assert.equal(rows[0]?.description, "2", "two sessions run");
  });

  it("moves as a whole to what waits for a person, and shows that rolled up", () => {
    const asks = { ...review, phase: "awaitingInput" as const, detail: "Which store?" };
    const rows = tree(plan, code, asks);
    assert.equal(shape(rows)[0], "Needs you > Add CSV export | Review · step_3 · Which store? · 1m");
    assert.equal(find(rows, "run:run-1").icon?.id, "comment-unresolved");
    assert.equal(countNeedingPerson(aState({}, plan, code, asks)), 1);
  });

  it("is done with its latest step, folded, and keeps no session that only failed before", () => {
    const failed = step(0, { phase: "failed", endedAt: ended, detail: "Broke." });
    const approved = { ...review, phase: "complete" as const, endedAt: ended };
    const done = { ...approved, workflow: aRun({ mode: "review", verdict: "approve" }) };
    const rows = tree(failed, plan, code, done);
    assert.match(shape(rows)[0] ?? "", /^Done > Add CSV export \| Review · step-2 · approved/);
    assert.equal(find(rows, "run:run-1").folding, "collapsed");
    assert.equal(indexRows(rows).has("missing:s0"), false, "the run went on");
  });

  it("stays whole as long as any of it is shown, and goes as a whole", () => {
    const old = { ...plan, endedAt: noon - 9 * hourMs };
    const ids = (...sessions: readonly SessionView[]): readonly string[] =>
      visibleSessions(aState({}, ...sessions), noon).map((one) => one.sessionId);
    assert.deepEqual(ids(old, code, review), ["s1", "s2", "s3"]);
    assert.deepEqual(ids(old, { ...code, endedAt: noon - 8 * hourMs }), []);
    assert.deepEqual(ids({ ...old, archived: true }, code), ["s2"]);
  });

  it("says among the failed what a stalled run is missing, for a week", () => {
    const missing = "The review ended without a verdict. Start the step again.";
    const stalled = step(4, { phase: "complete", endedAt: noon - 9 * hourMs }, { mode: "review", missing });
    const rows = tree(plan, code, stalled);
    assert.match(shape(rows)[0] ?? "", /^Failed > Add CSV export \| Review · step_4 · stalled/);
    const face = (id: string): string =>
      `${find(rows, id).icon?.id ?? ""} ${find(rows, id).icon?.color ?? ""}`;
    assert.equal(face("run:run-1"), "warning problemsWarningIcon.foreground");
    assert.equal(face("session:s4"), "warning problemsWarningIcon.foreground");
    assert.equal(find(rows, "missing:s4").label, missing);
    assert.equal(find(rows, "session:s4").children[0]?.id, "missing:s4", "first of all");
    assert.match(find(rows, "run:run-1").tooltip, /\*\*Missing\*\* The review ended without a verdict/);
    assert.equal(countNeedingPerson(aState({}, plan, code, stalled)), 0, "the badge counts questions only");
  });

  it("says no more that a run stalled once it is known to have gone on, here or elsewhere", () => {
    const missing = "The review ended without a verdict.";
    const stuck = (over: Partial<RunView>): SessionView =>
      step(4, { phase: "complete", endedAt: ended }, { mode: "review", missing, ...over });
    assert.match(shape(tree(stuck({})))[0] ?? "", /^Failed > .* stalled/);
    const moved = tree(stuck({ movedOn: true }));
    assert.match(shape(moved)[0] ?? "", /^Done > Add CSV export \| Review · step_4 · took/);
    assert.equal(indexRows(moved).has("missing:s4"), false);
    const hidden = step(5, { archived: true, phase: "complete", endedAt: ended });
    assert.match(shape(tree(stuck({}), hidden))[0] ?? "", /^Done > /, "a person hid the later step");
  });

  it("counts in a heading the sessions that stand so", () => {
    const counts = (...sessions: readonly SessionView[]): readonly string[] =>
      tree(...sessions).map((one) => `${one.label} ${one.description}`);
    assert.deepEqual(counts(plan, code, review, aSession({ sessionId: "x" })), ["Running 2"]);
    assert.deepEqual(counts(plan, code), ["Done 2"]);
    const failed = step(0, { phase: "failed", endedAt: ended, detail: "Broke." });
    assert.deepEqual(counts(failed, plan, code), ["Done 2"]);
  });

  it("names the worker that it goes to where the name is known", () => {
    const target = { targetWorkerId: "w_01HX", targetGroupId: undefined };
    const one = step(1, {}, { nextTarget: target });
    const label = (name: string | undefined): string => {
      const scene = { ...plainScene(aState({}, one), noon, english), nameOf: () => name };
      const rows = new TreeModel().rows(scene, { filter: undefined, sort: "usual" });
      return find(rows, "next:s1").label;
    };
    assert.deepEqual([label(undefined), label("Ada's laptop")], ["worker w_01HX", "worker Ada's laptop"]);
  });

  it("shortens a very long branch in the middle, and says it whole", () => {
    const branch = `one-horizon/${"very-long-".repeat(12)}7f3a`;
    const rows = tree(step(1, {}, { branch }), aSession({ sessionId: "alone", branch }));
    for (const id of ["branch:s1", "branch:alone"]) {
      const { label, spoken, tooltip } = find(rows, id);
      assert.match(label, /^one-horizon\/very-long-.*….*-7f3a$/u);
      assert.ok(label.length <= 60 && spoken.includes(branch) && tooltip.includes("7f3a"));
    }
  });

  it("shows a single session plainly, with what it knows of its run", () => {
    const lone = { ...code, externalUrl: "https://git.example/pull/7" };
    const rows = tree(lone);
    assert.deepEqual(shape(rows), ["Done > Add CSV export | Code · step_2 · pushed · took 56m"]);
    const children = find(rows, "session:s2").children.map(
      (one) => `${one.icon?.id ?? ""} ${one.label} | ${one.description} | ${one.click ?? ""}`,
    );
    assert.deepEqual(children, [
      "list-ordered Step | Code · step_2 | ",
      "git-branch one-horizon/run-1 | pushed | ",
      "link-external Open in browser | git.example/pull/7 | openUrl",
      "arrow-left s1 | handed over by, not in this window | ",
    ]);
  });

  it("names parent and child, and shows them on a click where they are here", () => {
    const rows = tree(plan, { ...code, workflow: aRun({ parentId: "s1", childId: "far" }) });
    const kin = ["parent:s2:s1", "child:s1:s2", "child:s2:far"].map((id) => {
      const { label, description, click, sessionId } = find(rows, id);
      return [label, description, click, sessionId];
    });
    assert.deepEqual(kin, [
      ["Plan: Add CSV export", "handed over by", "show", "s1"],
      ["Code: Add CSV export", "handed over to", "show", "s2"],
      ["far", "handed over to, not in this window", undefined, undefined],
    ]);
  });

  it("names the next target until there is a child", () => {
    const nextTarget = { targetWorkerId: undefined, targetGroupId: "reviewers" };
    const next = (run: Partial<RunView>): boolean =>
      indexRows(tree(step(1, {}, { nextTarget, ...run }))).has("next:s1");
    assert.deepEqual(
      [next({}), next({ childId: "s2" }), next({ nextTarget: undefined })],
      [true, false, false],
    );
    assert.equal(find(tree(step(1, {}, { nextTarget })), "next:s1").label, "group reviewers");
  });

  it("shows the verdict in word, icon and row", () => {
    const judged = (verdict: RunView["verdict"]): string => {
      const rows = tree(step(3, { phase: "complete", endedAt: ended }, { mode: "review", verdict }));
      const { icon, description } = find(rows, "session:s3");
      return `${rows[0]?.label ?? ""}: ${icon?.id ?? ""} ${description} | ${find(rows, "verdict:s3").description}`;
    };
    assert.equal(judged("approve"), "Done: pass Review · step_3 · approved · took 55m | approved");
    assert.equal(
      judged("feedback"),
      "Done: request-changes Review · step_3 · asks for changes · took 55m | asks for changes",
    );
    assert.equal(judged("reject"), "Failed: thumbsdown Review · step_3 · rejected · took 55m | rejected");
  });

  it("tells of the push where it is due: not of a look, not before the end", () => {
    const push = (phase: SessionPhase, run: Partial<RunView>): string =>
      find(tree(step(1, { phase, endedAt: ended }, run)), "branch:s1").description;
    assert.equal(push("running", {}), "");
    assert.equal(push("running", { push: "pushed" }), "pushed, not confirmed");
    assert.equal(push("failed", {}), "not pushed");
    assert.equal(push("complete", { push: "confirmed" }), "pushed");
    assert.equal(push("complete", { mode: "review", push: "confirmed" }), "");
  });

  it("speaks whole sentences", () => {
    const rows = tree(plan, code, review);
    assert.equal(
      find(rows, "run:run-1").spoken,
      "Add CSV export, workflow run, 3 sessions, Review, running, for 1 minute, step_3",
    );
    assert.equal(
      find(rows, "session:s2").spoken,
      "Add CSV export, Code, complete, 2 minutes ago, step_2, pushed",
    );
    assert.equal(find(rows, "branch:s2").spoken, "branch one-horizon/run-1, pushed");
    assert.equal(find(rows, "parent:s3:s2").spoken, "handed over by Code: Add CSV export");
  });

  it("tells sessions of other titles apart, and shows an unknown mode as it is", () => {
    const other = step(4, { title: "Mend the docs" }, { mode: undefined, stepId: undefined });
    const odd = step(5, { title: "Mend the tests" }, { mode: "deploy\u202e [x](command:y)" });
    assert.deepEqual(shape(tree(plan, other, odd)).slice(2), [
      "- Mend the docs | 56m",
      "- deploy [x](command:y): Mend the tests | step_5 · 55m",
    ]);
  });

  it("escapes what a stranger wrote, and names no step that is made for machines", () => {
    const hostile = "[x](command:y) <img>\n\u202e";
    const stepId = "0190f1c2-7d3e-7c11-9a53-8f9d3a1b2c4d";
    const run = { branch: hostile, missing: hostile, parentId: hostile, stepId };
    const one = step(1, { phase: "complete", endedAt: ended, externalUrl: `https://x/${hostile}` }, run);
    const rows = tree(one);
    for (const { row } of indexRows(rows).values()) {
      assert.doesNotMatch(row.label + row.description + row.spoken, /[\n\u202e]/u, row.id);
      assert.doesNotMatch(row.tooltip, /(?<!\\)\]\(|(?<!\\)</u, row.id);
    }
    assert.doesNotMatch(find(rows, "session:s1").description, /0190/);
    assert.match(find(rows, "runStep:s1").description, /0190/);
    assert.match(find(rows, "session:s1").tooltip, /0190/);
    const face = (id: string): string => find(tree(step(1, {}, { stepId: id })), "session:s1").description;
    assert.equal(face("step_36_80286c"), "Code · 59m");
    assert.equal(face("second review"), "Code · second review · 59m");
  });

  it("keeps the row of a session over every change of its place", () => {
    const places = [tree(code), tree(code, review), tree({ ...code, workflow: undefined }, review)];
    assert.deepEqual(
      places.map((rows) => indexRows(rows).get("session:s2")?.parent?.id),
      ["group:done", "run:run-1", "group:done"],
    );
    const ids = places.map((rows) => [...indexRows(rows).keys()]);
    for (const all of ids) assert.equal(new Set(all).size, all.length);
  });

  it("draws of a run only what changed, and the run when a session came", () => {
    const before = tree(plan, code, review);
    assert.deepEqual(changedRows(before, tree(plan, { ...code, detail: "Other" }, review)), ["session:s2"]);
    const next = step(4, { startedAt: noon - minuteMs }, { mode: "review" });
    assert.deepEqual(changedRows(before, tree(plan, code, review, { ...next, phase: "listed" })), [
      "run:run-1",
    ]);
  });

  it("gives every row its own id in every phase", () => {
    const sessions = allPhases.map((phase, n) =>
      step(n, { phase, endedAt: ended }, { childId: `s${n + 1}`, parentId: `s${n - 1}`, verdict: "reject" }),
    );
    const rows = tree(...sessions);
    const ids = rows.flatMap(function all(one): readonly string[] {
      return [one.id, ...one.children.flatMap(all)];
    });
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(ids.length > 60);
  });
});

describe("what a run lacks of a session that ended otherwise", () => {
  const missing = "The run lacks this step's work: its branch is not published.";
  const lack = (phase: SessionPhase, run: Partial<RunView> = {}, over: Partial<SessionView> = {}): string =>
    indexRows(tree(step(1, { phase, endedAt: ended, ...over }, run))).get("missing:s1")?.row.spoken ?? "";
  const kept = { branch: "one-horizon/run-1", worktreePath: "/w" };

  it("is said with what was kept and what to do", () => {
    assert.equal(
      lack("failed", { missing }),
      `${missing} What was done is kept. Start the step again in One Horizon.`,
    );
    assert.match(lack("failed", { missing }, kept), /Publish the branch from here, or start the step again/);
    assert.match(lack("failed", { missing, push: "confirmed" }, kept), /kept\. Start the step again/);
    assert.match(
      lack("released", { missing: "It waits." }),
      /^It waits\. Claim the step again when it is queued/,
    );
    assert.match(lack("cancelled"), /^The run stopped with this step\. What was done is kept/);
  });

  it("is nothing where the step is offered again, and while it goes on", () => {
    assert.equal(lack("released", { missing }, { claimable: true }), "");
    assert.equal(lack("listed", { missing }), "");
    for (const phase of ["running", "awaitingInput", "interrupted", "complete", "elsewhere"] as const) {
      assert.equal(lack(phase), "", phase);
    }
  });

  it("offers its branch for publishing where that is what it lacks", () => {
    const can = (phase: SessionPhase, run: Partial<RunView>): string =>
      find(tree(step(1, { phase, endedAt: ended, ...kept }, run)), "branch:s1").contextValue;
    assert.equal(can("failed", {}), ";branch;publishBranch;");
    assert.equal(can("complete", { push: "pushed" }), ";branch;");
    assert.equal(can("running", {}), ";branch;");
    assert.equal(can("failed", { mode: "review" }), ";branch;", "a reviewer's checkout publishes nothing");
  });
});
