import assert from "node:assert/strict";
import type { ThreadSeen } from "../../../src/sandbox/model/threadBook";
import { judge, type Fault } from "../../chaos/judge";
import { linesOf } from "../../chaos/platform";
import { survivorsOf, toolsOf, treeOf, type Process } from "../../chaos/processTable";
import type { SandboxSession, SandboxWorker } from "../../host/harness/harness.mjs";

type Activity = SandboxSession["activities"][number];

const activity = (sequence: number, message: string, more: Partial<Activity> = {}): Activity => ({
  activityId: `activity-${sequence}`,
  claimId: "claim",
  sequence,
  type: "progress",
  message,
  occurredAt: "",
  receivedAt: sequence * 100,
  ...more,
});

const told = linesOf("turn1").slice(0, -1);
const ending = activity(told.length + 1, "Ends turn1.", { type: "completion" });
const activities = [...told.map((line, index) => activity(index + 1, line)), ending];

const whole: SandboxSession = {
  sessionId: "session_1",
  workspaceId: "workspace",
  agentId: "agent",
  ownerUserId: "user",
  executionMode: "local",
  status: "complete",
  title: "Chaos 1",
  prompt: "",
  taskId: null,
  targetWorkerId: null,
  targetGroupId: null,
  offeredToAll: false,
  claim: null,
  lastOwnerId: "worker",
  input: null,
  lastConsumedInputId: null,
  inputRequest: null,
  workflow: {
    runId: null,
    stepId: null,
    taskMode: null,
    branchName: null,
    pushConfirmed: null,
    nextTarget: null,
  },
  reviewVerdict: null,
  delegatingSessionId: null,
  plan: null,
  externalUrl: null,
  errorMessage: null,
  errorReason: null,
  summary: null,
  releaseReason: null,
  metadata: { providerThreadId: "thread" },
  usage: {},
  activities,
  patches: [],
  history: (["queued", "active", "complete"] as const).map((status, at) => ({ at, status })),
  claims: [{ claimId: "claim", workerId: "worker", at: 1 }],
  remarks: [],
  createdAt: 0,
  updatedAt: 0,
};
const turn = { turn: "turn1", startedAt: 1, requests: 6, endedAt: 500 };
const thread: ThreadSeen = { threadId: "thread", script: "given", file: "notes/1.md", turns: [turn] };

interface Case {
  readonly session?: Partial<SandboxSession>;
  readonly threads?: readonly ThreadSeen[];
  readonly workers?: readonly string[];
  readonly commits?: number;
}

function kinds({
  session = {},
  threads = [thread],
  workers = ["worker"],
  commits = 1,
}: Case): readonly Fault["kind"][] {
  const state = {
    sessions: [{ ...whole, ...session }],
    workers: workers.map((workerId): SandboxWorker => ({ ...idle, workerId })),
  };
  return judge({ state, threads, commits: new Map([["session_1", commits]]) }).map((one) => one.kind);
}

const idle: SandboxWorker = {
  workerId: "worker",
  agentId: "agent",
  workspaceId: "workspace",
  ownerUserId: "user",
  idempotencyKey: "key",
  facts: { name: "worker", runtime: { provider: "codex" }, worktreeMode: "task", maxConcurrentSessions: 3 },
  registeredAt: 0,
  lastBeatAt: 0,
  beats: 1,
  lastBeat: null,
  signal: null,
  acknowledged: [],
  rejected: null,
  status: "online",
  beatAgeMs: 0,
};

const history = (...statuses: SandboxSession["status"][]): SandboxSession["history"] =>
  statuses.map((status, at) => ({ at, status }));

const broken: readonly (Case & { readonly what: string; readonly kind: Fault["kind"] })[] = [
  {
    what: "a session that fails",
    kind: "lost",
    session: { status: "error", history: history("queued", "active", "error") },
  },
  {
    what: "a session that is given back",
    kind: "lost",
    session: { history: history("queued", "active", "queued", "active", "complete") },
  },
  {
    what: "a session that stays active",
    kind: "lost",
    session: { status: "active", history: history("queued", "active") },
  },
  {
    what: "a breach that the platform remarks",
    kind: "lost",
    session: { remarks: ["no completion activity"] },
  },
  {
    what: "a second claim",
    kind: "executed twice",
    session: { claims: [...whole.claims, { claimId: "other", workerId: "worker", at: 9 }] },
  },
  {
    what: "a turn that begins after the end was told",
    kind: "executed twice",
    threads: [{ ...thread, turns: [turn, { turn: "turn2", startedAt: 5000, requests: 1, endedAt: null }] }],
  },
  {
    what: "a line told twice",
    kind: "reported twice",
    session: {
      activities: [activity(1, told.join("\n")), ...activities.slice(1)].map((one, index) => ({
        ...one,
        sequence: index + 1,
      })),
    },
  },
  {
    what: "an activity id twice",
    kind: "reported twice",
    session: { activities: activities.map((one) => ({ ...one, activityId: "same" })) },
  },
  {
    what: "two ends",
    kind: "reported twice",
    session: { activities: [...activities, activity(8, "", { type: "completion" })] },
  },
  {
    what: "a gap in the numbers",
    kind: "report missing",
    session: { activities: activities.map((one) => ({ ...one, sequence: one.sequence * 2 })) },
  },
  {
    what: "a line that was never told",
    kind: "report missing",
    session: { activities: activities.map((one) => (one.sequence === 2 ? { ...one, message: "" } : one)) },
  },
  {
    what: "no end",
    kind: "report missing",
    session: { activities: activities.map((one) => ({ ...one, type: "progress" })) },
  },
  { what: "a complete session whose model never came to its end", kind: "report missing", threads: [] },
  { what: "a second worker", kind: "worker doubled", workers: ["worker", "other"] },
  { what: "a complete session without a commit", kind: "commit missing", commits: 0 },
];

describe("the judge of a chaos run", () => {
  it("finds nothing where all is as it should be", () => {
    assert.deepEqual(kinds({}), []);
  });

  it("lets a last line be missing where the report says that it may", () => {
    const say = "Codex had finished, so nothing was run again.";
    const without = (sequence: number): SandboxSession["activities"] =>
      activities.map((one) => (one.sequence === sequence ? { ...one, message: say } : one));
    assert.deepEqual(kinds({ session: { activities: without(told.length) } }), []);
    assert.deepEqual(kinds({ session: { activities: without(told.length - 1) } }), ["report missing"]);
  });

  for (const { what, kind, ...given } of broken) {
    it(`finds ${what}`, () => {
      assert.ok(kinds(given).includes(kind), `${kinds(given).join(", ") || "nothing"} instead of ${kind}`);
    });
  }
});

describe("the process table of a chaos run", () => {
  const one = (pid: number, parent: number, command: string, marker?: string): Process => ({
    pid,
    parent,
    startedAt: String(pid),
    command,
    folder: "",
    marker,
  });
  const table = [
    one(1, 0, "node --type=extensionHost"),
    one(2, 1, "codex app-server", "a"),
    one(3, 2, "bash", "a"),
    one(4, 0, "sleep 40", "a"),
    one(5, 0, "codex app-server", "b"),
  ];

  it("knows what stands below a process", () => {
    assert.deepEqual(
      treeOf(table, 1).map(({ pid }) => pid),
      [1, 2, 3],
    );
  });

  it("takes a tool between fork and exec for none", () => {
    const forked = [...table, one(6, 2, "codex app-server", "a")];
    assert.deepEqual(
      toolsOf(forked).map(({ pid }) => pid),
      [2, 5],
    );
  });

  it("finds what outlived a kill: the same process, or another one with its mark, but no stranger with its number", () => {
    const family = table.slice(1, 4);
    const later = [
      { ...one(3, 0, "stranger"), startedAt: "99" },
      one(4, 0, "sleep 40", "a"),
      one(7, 0, "bash", "a"),
      one(5, 0, "codex app-server", "b"),
    ];
    assert.deepEqual(
      survivorsOf(family, later).map(({ pid }) => pid),
      [4, 7],
    );
  });
});
