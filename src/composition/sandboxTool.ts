import { defaultProvider } from "../core/providers";
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
  // It speaks as Codex does, whatever tool the workflow names.
  const own = { provider: defaultProvider, command: tool.command };
  const modes = new Map([...config.runtime.modes].map(([name, mode]) => [name, { ...mode, ...own }]));
  return { ...config, runtime: { ...config.runtime, ...own, modes } };
}
