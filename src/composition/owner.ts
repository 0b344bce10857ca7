import { hideEnvironment } from "../base/redaction/secretValues";
import type { RuntimeFacts, Registration } from "../core/ports/platform";
import type { Runtime } from "../core/ports/runtime";
import { registrationOf, type WorkerSettings } from "../core/registration";
import type { WorkflowConfig } from "../core/workflowConfig";
import type { Host } from "./host";
import type { MachineServices } from "./machineServices";
import type { SandboxSession } from "./sandboxSession";
import { withToolFor } from "./sandboxTool";
import { workflowPath } from "./workflowPath";
import { WorkflowSource } from "./workflowSource";

/** What the owner of this folder set: settings and workflow, as they may take effect now. */
export interface Owner {
  /** @throws UserError when the workflow is broken or waits for consent. */
  workflow(): Promise<WorkflowConfig>;
  /** The workflow with the tool for the platform at `origin`. @throws UserError as `workflow` does. */
  workflowFor(origin: string): Promise<WorkflowConfig>;
  /** What a person turned away is asked again. */
  askAgain(): void;
  /** The worker runs no more: nobody waits for an answer. */
  withdrawQuestion(): void;
  settings(): WorkerSettings & { readonly autoClaim: boolean };
  /** The facts to register now with the platform at `origin`. @throws UserError as `workflow` does. */
  registration(origin: string, idempotencyKey: string, signal: AbortSignal): Promise<Registration>;
}

export function ownerOf(
  host: Host,
  machine: MachineServices,
  parts: {
    readonly runtime: Runtime;
    readonly sandbox: SandboxSession;
    readonly confinement: () => Promise<string | undefined>;
  },
  onAllowed: () => void,
): Owner {
  const { folder, log } = host;
  const source = new WorkflowSource({
    folder,
    log,
    onAllowed,
    home: machine.home,
    path: () => host.settings().workflow.path,
    consents: machine.consents,
    confinement: parts.confinement,
    trusted: host.trusted,
    mayAsk: () => host.settings().notifications.level !== "none",
    ask: (request, signal) => host.askConsent(request, workflowPath(host), signal),
    onError: (error) => host.tellError("consent", error),
  });
  const read = async (): Promise<WorkflowConfig> => {
    const config = await source.read();
    // Before a tool gets them, and can say them.
    hideEnvironment(host.redactor, host.environment, config.runtime.environment);
    return config;
  };
  const workflowFor = async (origin: string): Promise<WorkflowConfig> =>
    withToolFor(await read(), origin, parts.sandbox);
  const settings = (): ReturnType<Owner["settings"]> => {
    const { name, instructions, groupId, autoClaim } = host.settings().worker;
    return { name, instructions: instructions ?? "", groupId: groupId ?? "", autoClaim };
  };
  return {
    workflowFor,
    settings,
    workflow: read,
    askAgain: () => source.askAgain(),
    withdrawQuestion: () => source.withdraw(),
    registration: async (origin, idempotencyKey, signal) => {
      const config = await workflowFor(origin);
      const facts = await runtimeFacts(parts.runtime, config, signal);
      return registrationOf(settings(), config, facts, idempotencyKey);
    },
  };
}

async function runtimeFacts(
  runtime: Runtime,
  config: WorkflowConfig,
  signal: AbortSignal,
): Promise<RuntimeFacts> {
  const { provider, command, environment } = config.runtime;
  const probe = await runtime.probe({
    provider,
    command,
    policy: config.policy,
    environmentNames: environment,
    signal,
  });
  return { provider, version: probe.kind === "ready" ? probe.version : undefined };
}
