import type { Registration, RuntimeFacts } from "./ports/platform";
import { clip } from "./text";
import type { WorkflowConfig } from "./workflowConfig";

/** What the person set about this worker. */
export interface WorkerSettings {
  /** Empty: the default display name, which names neither a machine nor a person. */
  readonly name: string;
  readonly instructions: string;
  readonly groupId: string;
}

const defaultWorkerName = "VS Code worker";

export function displayName(settings: WorkerSettings): string {
  return clip(settings.name.trim() === "" ? defaultWorkerName : settings.name.trim(), 100);
}

/** The facts of a registration, from what is set now. */
export function registrationOf(
  settings: WorkerSettings,
  config: WorkflowConfig,
  runtime: RuntimeFacts,
  idempotencyKey: string,
): Registration {
  const instructions = settings.instructions.trim();
  const groupId = settings.groupId.trim();
  return {
    name: displayName(settings),
    runtime,
    policy: config.policy,
    worktreeMode: config.worktree.mode,
    maxConcurrentSessions: Math.min(64, Math.max(1, config.maxConcurrentSessions)),
    instructions: instructions === "" ? undefined : clip(instructions, 2000),
    groupId: groupId === "" ? undefined : groupId,
    idempotencyKey,
  };
}

/** Equal texts mean that nothing changed since the last registration. */
export function registrationFingerprint(registration: Registration): string {
  return JSON.stringify([
    registration.name,
    registration.runtime.provider,
    registration.runtime.version ?? "",
    registration.policy.sandbox,
    registration.policy.approvals,
    registration.policy.network,
    registration.worktreeMode,
    registration.maxConcurrentSessions,
    registration.instructions ?? "",
    registration.groupId ?? "",
  ]);
}
