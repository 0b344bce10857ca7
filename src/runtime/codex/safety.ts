import { asWritten } from "../../base/words";
import type { RunPolicy } from "../../core/policy";
import { profileFor } from "./arguments";
import type { ThreadAnswer } from "./protocol";

const sandboxTypes = {
  "read-only": "readOnly",
  "workspace-write": "workspaceWrite",
  "danger-full-access": "dangerFullAccess",
} as const;

/**
 * Compares the rules that the tool says it will hold with those that were asked for. Returns what is wider than asked, or
 * undefined. A rule that the tool drops in silence must end the run before a model is asked. Pure.
 */
export function widerThanAsked(policy: RunPolicy, answer: ThreadAnswer): string | undefined {
  const { sandbox, approvalPolicy } = answer;
  if (sandbox.type !== sandboxTypes[policy.sandbox]) {
    return asWritten("sandbox {0} instead of {1}", sandbox.type, policy.sandbox);
  }
  if (approvalPolicy !== policy.approvals) {
    return asWritten("approvals {0} instead of {1}", JSON.stringify(approvalPolicy), policy.approvals);
  }
  const profile = profileFor(policy.sandbox);
  if (profile === undefined) return undefined;
  if (answer.activePermissionProfile?.id !== profile) {
    return asWritten("the worker's private files open to it");
  }
  if (!policy.network && sandbox.networkAccess !== false) return asWritten("network access");
  if (policy.sandbox === "workspace-write" && sandbox.excludeSlashTmp !== true) return "a writable /tmp";
  return undefined;
}
