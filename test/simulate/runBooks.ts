import type { DelegatedWork, NewDocument } from "../../src/core/ports/platform";
import type { Session } from "../../src/core/session";
import { createSession } from "../../src/sandbox/rules/delegation";
import type { Platform as SandboxPlatform } from "../../src/sandbox/state/platform";
import type { Session as Stored, User } from "../../src/sandbox/state/schema";
import type { Dice } from "./dice";
import type { Git } from "./git";

const modes = [
  "plan",
  "research",
  "code",
  "code",
  "execute",
  "resolve_conflicts",
  "review",
  "review",
] as const;
const onBranch: ReadonlySet<string> = new Set(["code", "execute", "resolve_conflicts"]);

export interface BooksDeps {
  readonly dice: Dice;
  readonly git: Git;
  readonly platform: SandboxPlatform;
  readonly owner: Pick<User, "userId">;
  /** The worker that the next steps go to. */
  readonly others: string;
  readonly us: string;
  readonly fail: (message: string) => void;
  /** A call may be carried out long after its caller has given it up: then it may meet the one that came in its place. */
  readonly mayStraggle: boolean;
  /** True when notes were lost at no fault of the worker. */
  readonly notesLost: () => boolean;
  /** Which time through the queue. */
  readonly round: (sessionId: string) => number;
}

/** What workflow runs are promised, held against every call that reaches the platform. */
export class RunBooks {
  readonly #deps: BooksDeps;
  readonly #documents = new Map<string, number>();
  readonly #handedOver = new Set<string>();
  readonly #afterVerdict = new Map<string, Stored["workflow"]["nextTarget"]>();

  constructor(deps: BooksDeps) {
    this.#deps = deps;
  }

  /** Makes a session a step of a run of its own, now and then with a task, a next step elsewhere, or nothing of both. */
  make(session: Stored): void {
    const { dice, git, platform, others, us } = this.#deps;
    const mode = dice.pick(modes);
    const branchName = `one-horizon/${session.sessionId}`;
    const target = dice.chance(0.7) ? { targetWorkerId: dice.chance(0.3) ? us : others } : null;
    // Where a review goes on its verdict decides.
    if (mode === "review") this.#afterVerdict.set(session.sessionId, target);
    const nextTarget = mode === "review" ? null : target;
    const ids = { runId: `run_${session.sessionId}`, stepId: platform.nextId("step") };
    session.workflow = { ...ids, taskMode: mode, branchName, pushConfirmed: null, nextTarget };
    if (mode === "review" && dice.chance(0.9)) git.paper.remote.set(branchName, "b".repeat(40));
    if (!dice.chance(0.5)) return;
    const taskId = platform.nextId("task");
    const task = { taskId, kind: "task", title: session.title, description: "", status: "open" } as const;
    platform.state.tasks.push({ ...task, workspaceId: session.workspaceId });
    session.taskId = taskId;
  }

  /** What the core is shown of it. */
  view(
    session: Stored,
  ): Pick<Session, "taskId" | "untrusted" | "workflow" | "delegatingSessionId" | "reviewVerdict"> {
    const { workflow, taskId } = session;
    const { documents } = this.#deps.platform.state;
    const ofTask = documents.filter((one) => one.taskId === taskId);
    const target = workflow.nextTarget;
    return {
      taskId: taskId ?? undefined,
      untrusted: {
        task: undefined,
        comments: [],
        documents: ofTask.map(({ documentId, title, content }) => ({ documentId, title, content })),
      },
      delegatingSessionId: session.delegatingSessionId ?? undefined,
      reviewVerdict: session.reviewVerdict ?? undefined,
      workflow:
        workflow.runId === null
          ? undefined
          : {
              runId: workflow.runId,
              stepId: workflow.stepId ?? undefined,
              taskMode: workflow.taskMode ?? undefined,
              branchName: workflow.branchName ?? undefined,
              pushConfirmed: workflow.pushConfirmed ?? undefined,
              nextTarget:
                target === null
                  ? undefined
                  : { targetWorkerId: target.targetWorkerId, targetGroupId: target.targetGroupId },
            },
    };
  }

  /** A patch was taken. */
  patched(session: Stored, pushConfirmed: boolean): void {
    const { git, fail } = this.#deps;
    const { workflow, sessionId } = session;
    if (pushConfirmed) {
      const pushed = git.paper.pushes.some(
        (one) => one.sessionId === sessionId && one.branch === workflow.branchName,
      );
      if (!pushed) fail(`${sessionId} confirms a push that was never done`);
    }
    if (session.reviewVerdict === null || this.#handedOver.has(sessionId)) return;
    workflow.nextTarget ??= this.#afterVerdict.get(sessionId) ?? null;
  }

  /** Rejects what the platform refuses. */
  delegate(agentId: string, work: DelegatedWork): Stored {
    const { platform, owner, fail, mayStraggle, notesLost } = this.#deps;
    const parent = platform.state.sessions.find((one) => one.sessionId === work.delegatingSessionId);
    const { targetWorkerId, targetGroupId } = work;
    const body = { prompt: work.prompt, title: work.title, taskId: work.taskId, workflowTaskMode: undefined };
    const links = { delegatingSessionId: work.delegatingSessionId, claimId: work.claimId };
    const user = { ...(platform.state.users.find((one) => one.userId === owner.userId) ?? missing()) };
    const workspaceId = parent?.workspaceId ?? "";
    const child = createSession(platform, user, workspaceId, agentId, {
      ...body,
      ...links,
      targetWorkerId,
      targetGroupId,
    });
    child.workflow = { ...child.workflow, runId: null, stepId: null, taskMode: null };
    const { sessionId, workflow } = parent ?? missing();
    if (this.#handedOver.has(sessionId) && !mayStraggle && !notesLost()) {
      fail(`${sessionId} hands its run over twice`);
    }
    this.#handedOver.add(sessionId);
    if (onBranch.has(workflow.taskMode ?? "") && workflow.pushConfirmed !== true) {
      fail(`${sessionId} hands its run over before its push is confirmed`);
    }
    workflow.nextTarget = null;
    return child;
  }

  document(workspaceId: string, document: NewDocument): void {
    const { platform, fail, mayStraggle, notesLost, round } = this.#deps;
    const session = platform.state.sessions.find((one) => one.taskId === document.taskId);
    const { taskId, title, content } = document;
    const documentId = platform.nextId("document");
    const { userId } = this.#deps.owner;
    platform.state.documents.push({ documentId, workspaceId, taskId, userId, title, content });
    if (session === undefined) return;
    const key = `${session.sessionId} ${round(session.sessionId)}`;
    const count = (this.#documents.get(key) ?? 0) + 1;
    this.#documents.set(key, count);
    if (count > 1 && !mayStraggle && !notesLost()) fail(`${key} has ${count} documents`);
  }

  /** A session was completed by our worker. */
  completed({ sessionId, workflow, reviewVerdict }: Stored): void {
    const { fail } = this.#deps;
    if (workflow.runId === null) return;
    if (workflow.taskMode === "review" && reviewVerdict === null) {
      fail(`${sessionId} is completed without a verdict`);
    }
    if (onBranch.has(workflow.taskMode ?? "") && workflow.pushConfirmed !== true) {
      fail(`${sessionId} is completed without a confirmed push`);
    }
    if (workflow.nextTarget !== null) fail(`${sessionId} is completed and its run was not handed over`);
  }
}

function missing(): never {
  throw new Error("the books know no such session or user");
}
