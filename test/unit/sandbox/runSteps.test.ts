import assert from "node:assert/strict";
import { isCodeLike, nextOf, stepName, wayTo } from "../../../src/sandbox/rules/runSteps";
import type { Run, Session, TemplateStep } from "../../../src/sandbox/state/schema";
import { seedState } from "../../../src/sandbox/state/seed";
import { addSession } from "../../../src/sandbox/rules/sessions";

const step = (mode: string | null, more: Partial<TemplateStep> = {}): TemplateStep => ({
  mode,
  agentId: "agent_sandbox",
  targetWorkerId: null,
  targetGroupId: null,
  ...more,
});

const runWith = (template: readonly TemplateStep[]): Run => ({
  runId: "run_1",
  workspaceId: "ws_sandbox",
  ownerUserId: "user_sandbox",
  title: "",
  prompt: "",
  taskId: null,
  branchName: "b",
  pushConfirmed: false,
  template: [...template],
  steps: [],
  status: "running",
  reason: null,
  pullRequest: null,
  createdAt: 0,
  updatedAt: 0,
});

const at = (position: number) => ({ stepId: `step_${position}`, position, sessionId: "s" });

function sessionWith(more: Partial<Session> = {}): Session {
  const state = seedState();
  const ground = {
    state,
    clock: { now: () => 0, aheadMs: () => 0, advance: () => undefined },
    nextId: (prefix: string) => prefix,
  };
  const words = { title: "", prompt: "" };
  const place = { workspaceId: "ws_sandbox", agentId: "agent_sandbox", ownerUserId: "user_sandbox" };
  return addSession(ground, { ...words, ...place, ...more });
}

describe("the next step of a run", () => {
  const run = runWith([step("plan"), step("code"), step("research"), step("review")]);
  const table = [
    ["after a plan", 0, null, { kind: "step", position: 1 }],
    ["after a plan, whatever verdict it has", 0, "reject", { kind: "step", position: 1 }],
    ["after an approval of the last step", 3, "approve", { kind: "finished" }],
    ["after feedback: the code step before", 3, "feedback", { kind: "step", position: 1 }],
    ["after a rejection", 3, "reject", { kind: "rejected" }],
  ] as const;
  for (const [name, position, reviewVerdict, expected] of table) {
    it(name, () => {
      assert.deepEqual(nextOf(run, at(position), sessionWith({ reviewVerdict })), expected);
    });
  }

  it("is missing after a review without a verdict, and after feedback to nobody", () => {
    assert.match(JSON.stringify(nextOf(run, at(3), sessionWith())), /stalled.*without a verdict/);
    const noCode = runWith([step("plan"), step("review"), step("code")]);
    const feedback = sessionWith({ reviewVerdict: "feedback" });
    assert.match(JSON.stringify(nextOf(noCode, at(1), feedback)), /stalled.*no step before it/);
  });

  it("is called by its place and its mode", () => {
    assert.equal(stepName(run, 1), "step 2 (code)");
    assert.equal(stepName(runWith([step(null)]), 0), "step 1 (no mode)");
  });

  it("builds on a branch after these modes", () => {
    const modes = ["plan", "research", "code", "execute", "resolve_conflicts", "review", "deploy", null];
    assert.deepEqual(modes.filter(isCodeLike), ["code", "execute", "resolve_conflicts"]);
  });
});

describe("the way to the next step of a run", () => {
  const state = seedState();
  const held = sessionWith({ lastOwnerId: "worker_a" });
  const way = (from: TemplateStep, to: TemplateStep) => wayTo(state, runWith([from, to]), at(0), held, 1);
  const worker = (id: string): Partial<TemplateStep> => ({ targetWorkerId: id });
  const group = (id: string): Partial<TemplateStep> => ({ targetGroupId: id });
  const table = [
    ["the same worker", {}, worker("worker_a"), { kind: "queued" }],
    ["another worker", {}, worker("worker_b"), { kind: "delegated", target: { targetWorkerId: "worker_b" } }],
    ["any worker of the same agent", {}, {}, { kind: "queued" }],
    ["a group, from a worker", {}, group("g"), { kind: "delegated", target: { targetGroupId: "g" } }],
    ["the same group", group("g"), group("g"), { kind: "queued" }],
    ["another group", group("f"), group("g"), { kind: "delegated", target: { targetGroupId: "g" } }],
  ] as const;
  for (const [name, from, to, expected] of table) {
    it(`leads to ${name}`, () => {
      assert.deepEqual(way(step("plan", from), step("code", to)), expected);
    });
  }

  it("is missing to an agent that has no worker", () => {
    const other = step("code", { agentId: "agent_other" });
    assert.match(JSON.stringify(way(step("plan"), other)), /stalled.*agent_other has no worker/);
  });
});
