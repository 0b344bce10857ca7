import { completionsAt, type Proposal } from "../workflow/completion";
import { keyAt, type KeyAt, type Place } from "../workflow/keyAt";
import { parseWorkflow } from "../workflow/parseWorkflow";
import type { WorkflowProblem } from "../workflow/problem";
import { readWorkflow } from "../workflow/readWorkflow";

export interface LanguageOptions {
  readonly home: string;
  readonly folder: () => string | undefined;
  /** The `workflow.path` setting. */
  readonly setting: () => string;
}

type Mark = WorkflowProblem & { readonly severity: "error" | "warning" };

/** What the editor can say of the workflow file while somebody writes it. */
export interface WorkflowLanguage {
  /** @param saved the text is what the editor last saw on the disk. */
  marks(text: string, saved: boolean): Promise<readonly Mark[]>;
  keyAt(text: string, place: Place): Promise<KeyAt | undefined>;
  completionsAt(text: string, place: Place): Promise<readonly Proposal[]>;
}

export function workflowLanguage(options: LanguageOptions): WorkflowLanguage {
  return {
    keyAt: (text, place) => Promise.resolve(keyAt(text, place)),
    completionsAt: (text, place) => Promise.resolve(completionsAt(text, place)),
    marks: async (text, saved) => {
      const folder = options.folder();
      if (folder === undefined) return [];
      const file = await readWorkflow(folder, options.setting(), options.home);
      // What was removed from the disk has no effect, whatever an editor still shows of it.
      if (!file.exists && saved) return [];
      const read = file.refused === undefined ? parseWorkflow(text, options.home) : file.workflow;
      const problems = read.kind === "broken" ? read.problems : [];
      return [
        ...problems.map((one) => ({ ...one, severity: "error" as const })),
        ...read.warnings.map((one) => ({ ...one, severity: "warning" as const })),
      ];
    },
  };
}
