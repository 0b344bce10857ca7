import type { WorkflowConfig } from "../core/workflowConfig";
import type { SandboxSession } from "./sandboxSession";

/**
 * The workflow with the tool that does the work on this platform. The sandbox's tool is for the sandbox alone: a worker
 * that has not moved there yet must not have it finish a session of another platform.
 */
export function withToolFor(
  config: WorkflowConfig,
  origin: string,
  sandbox: Pick<SandboxSession, "account" | "tool">,
): WorkflowConfig {
  const { account, tool } = sandbox;
  if (tool === undefined || account?.origin !== origin) return config;
  const { command } = tool;
  const modes = new Map([...config.runtime.modes].map(([name, mode]) => [name, { ...mode, command }]));
  return { ...config, runtime: { ...config.runtime, command, modes } };
}
