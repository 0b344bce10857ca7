import type { WorkflowConfig } from "../../core/workflowConfig";
import { consentNeeded, namesAgents, type ConsentRequest } from "../../workflow/consent";
import { readWorkflow, type WorkflowFile } from "../../workflow/readWorkflow";
import type { DiagnosedParts } from "./parts";

/** The owner's workflow as it may take effect now, found out without asking anybody. */
export interface WorkflowFacts {
  readonly file: WorkflowFile;
  /** What waits, or waited, for the owner's consent. */
  readonly consent: { readonly request: ConsentRequest; readonly given: boolean } | undefined;
  /** Undefined where it may not take effect. */
  readonly config: WorkflowConfig | undefined;
}

type Parts = Pick<DiagnosedParts, "trusted" | "folder" | "settings" | "owner" | "consents" | "confinement">;

/** Undefined without a folder, and in Restricted Mode, where the file is not even read. */
export async function workflowFacts(parts: Parts): Promise<WorkflowFacts | undefined> {
  const folder = parts.folder();
  if (folder === undefined || !parts.trusted()) return undefined;
  const { home } = parts.owner;
  const file = await readWorkflow(folder, parts.settings().workflow.path, home);
  if (file.workflow.kind === "broken") return { file, consent: undefined, config: undefined };
  const { config } = file.workflow;
  const held = namesAgents(config) ? await parts.confinement() : undefined;
  const request = consentNeeded(config, home, held);
  if (request === undefined) return { file, consent: undefined, config };
  const given = await parts.consents.isAllowed(folder, request.hash);
  return { file, consent: { request, given }, config: given ? config : undefined };
}
