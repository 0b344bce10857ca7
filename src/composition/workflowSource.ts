import { messageOf, type Log } from "../base/log";
import { UserError } from "../core/actions";
import type { WorkflowConfig } from "../core/workflowConfig";
import type { ConsentStore } from "../machine/consentStore";
import { consentNeeded, type ConsentRequest } from "../workflow/consent";
import type { WorkflowProblem } from "../workflow/problem";
import { readWorkflow } from "../workflow/readWorkflow";

export interface WorkflowSourceOptions {
  readonly log: Log;
  readonly home: string;
  readonly folder: () => string | undefined;
  /** The `workflow.path` setting. */
  readonly path: () => string;
  readonly consents: ConsentStore;
  /** Asks the owner; true when they allowed it. Asked once for each combination until something changes. */
  readonly ask: (request: ConsentRequest) => Promise<boolean>;
  readonly onAllowed: () => void;
  readonly onError: (error: unknown) => void;
}

/** The owner's workflow as it may take effect now. */
export class WorkflowSource {
  readonly #options: WorkflowSourceOptions;
  readonly #asked = new Set<string>();
  #warned = "";

  constructor(options: WorkflowSourceOptions) {
    this.#options = options;
  }

  /** @throws UserError when the file is broken or reaches further than the owner has allowed so far. */
  async read(): Promise<WorkflowConfig> {
    const { folder: opened, home, path, consents } = this.#options;
    const folder = opened();
    if (folder === undefined) throw new UserError("No folder is open, so there is no workflow to read.");
    const { workflow } = await readWorkflow(folder, path(), home);
    if (workflow.kind === "broken") {
      const [first] = workflow.problems;
      const where = first === undefined ? "" : ` Line ${first.line}: ${first.message}`;
      throw new UserError(
        `${path()} cannot be used, so nothing new is claimed.${where} Running sessions go on.`,
      );
    }
    this.#tellWarnings(workflow.warnings);
    const request = consentNeeded(workflow.config, home);
    if (request === undefined || (await consents.isAllowed(folder, request.hash))) return workflow.config;
    this.#askOnce(folder, request);
    throw new UserError(
      `${path()} asks for more than the defaults and waits for your consent. Nothing new is claimed until you allow it.`,
    );
  }

  /** Forgets what was asked, so that a person who wants to start is asked again. */
  askAgain(): void {
    this.#asked.clear();
  }

  /** Each set of warnings once: the file is read at every poll. */
  #tellWarnings(warnings: readonly WorkflowProblem[]): void {
    const text = warnings.map((one) => `${one.line}: ${one.message}`).join(" ");
    if (text === this.#warned) return;
    this.#warned = text;
    for (const { line, message } of warnings) {
      this.#options.log.warn("WORKFLOW.md has something that has no effect", { line, message });
    }
  }

  #askOnce(folder: string, request: ConsentRequest): void {
    if (this.#asked.has(request.hash)) return;
    this.#asked.add(request.hash);
    this.#ask(folder, request).catch(this.#options.onError);
  }

  async #ask(folder: string, request: ConsentRequest): Promise<void> {
    if (!(await this.#options.ask(request))) return;
    try {
      await this.#options.consents.allow(folder, request.hash);
    } catch (error) {
      throw new UserError(
        `Your consent could not be saved: ${messageOf(error)}. Nothing was changed, and nothing new is claimed. ` +
          "Make room on the disk and check the permissions of ~/.one, then start the worker to be asked again.",
        { cause: error },
      );
    }
    this.#options.onAllowed();
  }
}
