import type { ToolCall } from "../../src/core/ports/tools";
import type { Session, WorkflowFacts } from "../../src/core/session";
import { aSession } from "./builders";
import { completed, type Script } from "./fakeRuntime";
import type { World } from "./world";

export const runBranch = "one-horizon/run-1";

/** A session of a run, in a mode. */
export function aRunSession(
  taskMode: string,
  facts: Partial<WorkflowFacts> = {},
  more: Partial<Session> = {},
): Session {
  const workflow = { runId: "run-1", stepId: "step-1", taskMode, branchName: runBranch, ...facts };
  return aSession({ workflow, ...more });
}

export const toGroup = { targetWorkerId: undefined, targetGroupId: "group-next" };

/** A coding tool that calls the worker's own tools, then completes. What they answered is kept. */
export function using(answers: string[], ...calls: readonly ToolCall[]): Script {
  return async ({ request, emit, signal }) => {
    emit({ kind: "processStarted", processId: 1 });
    const threadId = request.resumeThreadId ?? `thread-${request.sessionId}`;
    emit({ kind: "threadStarted", threadId, model: "m", modelProvider: undefined });
    for (const call of calls) {
      const { text } = await request.useTool(call, JSON.stringify(call), signal);
      answers.push(text);
    }
    return completed;
  };
}

/** A tool that completes at once. */
export const plain: Script = using([]);

/** What the world saw of a session's end, in order. */
export function order(world: World): readonly string[] {
  return world.platform.calls
    .filter(({ operation }) => ["create", "document", "complete", "fail", "release"].includes(operation))
    .map(({ operation }) => operation);
}

/** The patches of a session that its run waits for, in order. */
export function runPatches(world: World, sessionId = "s1"): readonly object[] {
  return world.platform
    .of(sessionId)
    .patches.map(({ metadata }) => metadata)
    .filter((one) => one.reviewVerdict !== undefined || one.workflowPushConfirmed !== undefined);
}

export function lastWords(world: World, sessionId = "s1"): string {
  return world.platform.of(sessionId).finishes.at(-1)?.text ?? "";
}
