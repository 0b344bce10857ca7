import { LinkedAbort } from "../base/abort";
import { messageOf, type Log } from "../base/log";
import { say } from "../base/words";
import { UserError } from "../core/actions";
import type { WorkflowConfig } from "../core/workflowConfig";
import type { ConsentStore } from "../machine/consentStore";
import { consentNeeded, namesAgents, type ConsentRequest } from "../workflow/consent";
import type { WorkflowProblem } from "../workflow/problem";
import { readWorkflow } from "../workflow/readWorkflow";

export interface WorkflowSourceOptions {
  readonly log: Log;
  readonly home: string;
  readonly folder: () => string | undefined;
  /** False in Restricted Mode: then the file is not even read. */
  readonly trusted: () => boolean;
  /** The `workflow.path` setting. */
  readonly path: () => string;
  readonly consents: ConsentStore;
  /** What of this machine holds an agent with all it starts; undefined: nothing does. Asked only where an agent is named. */
  readonly confinement?: () => Promise<string | undefined>;
  /** False where the person wants no notification that they did not ask for. */
  readonly mayAsk: () => boolean;
  /**
   * Asks the owner; true when they allowed it. Asked once for each combination until something changes.
   * @param signal aborts when the question is out of date: whatever is answered then counts for nothing.
   */
  readonly ask: (request: ConsentRequest, signal: AbortSignal) => Promise<boolean>;
  readonly onAllowed: () => void;
  readonly onError: (error: unknown) => void;
}

/** The owner's workflow as it may take effect now. */
export class WorkflowSource {
  readonly #options: WorkflowSourceOptions;
  readonly #asked = new Set<string>();
  #question: { readonly hash: string; readonly abort: LinkedAbort } | undefined;
  /** A person started something: they are asked, whatever the level of notifications. */
  #byPerson = false;
  #warned = "";

  constructor(options: WorkflowSourceOptions) {
    this.#options = options;
  }

  /** @throws UserError in Restricted Mode, and when the file is broken or reaches further than the owner has allowed so far. */
  async read(): Promise<WorkflowConfig> {
    const { folder: opened, home, path, consents, trusted } = this.#options;
    const folder = opened();
    if (folder === undefined) throw new UserError(say("No folder is open, so there is no workflow to read."));
    if (!trusted()) {
      throw new UserError(
        say("This folder is in Restricted Mode, so its {0} is not read and nothing runs.", path()),
      );
    }
    const { workflow } = await readWorkflow(folder, path(), home);
    if (workflow.kind === "broken") {
      this.#withdraw(undefined);
      const [first] = workflow.problems;
      const where = first === undefined ? "" : ` ${say("Line {0}: {1}", first.line, first.message)}`;
      throw new UserError(
        say("{0} cannot be used, so nothing new is claimed.{1} Running sessions go on.", path(), where),
      );
    }
    this.#tellWarnings(workflow.warnings);
    const held = namesAgents(workflow.config) ? await this.#options.confinement?.() : undefined;
    const request = consentNeeded(workflow.config, home, held);
    this.#withdraw(request?.hash);
    if (request === undefined || (await consents.isAllowed(folder, request.hash))) {
      this.#byPerson = false;
      return workflow.config;
    }
    this.#askOnce(folder, request);
    throw new UserError(
      say(
        "{0} asks for more than the defaults and waits for your consent. Nothing new is claimed until you allow it. Restart the worker to be asked again.",
        path(),
      ),
    );
  }

  /** Forgets what was asked, so that a person who wants to start is asked again. */
  askAgain(): void {
    this.withdraw();
    this.#asked.clear();
    this.#byPerson = true;
  }

  /** Nobody waits for an answer any more, for example because the worker stopped. It is asked again when one is needed. */
  withdraw(): void {
    this.#withdraw(undefined);
  }

  /** An answer to what the file does not say any more would be one to a question that nobody asks. */
  #withdraw(except: string | undefined): void {
    const question = this.#question;
    if (question === undefined || question.hash === except) return;
    this.#question = undefined;
    this.#asked.delete(question.hash);
    question.abort.abort(new Error("the question is out of date"));
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
    if (!this.#byPerson && !this.#options.mayAsk()) return;
    this.#byPerson = false;
    this.#asked.add(request.hash);
    this.#ask(folder, request).catch(this.#options.onError);
  }

  async #ask(folder: string, request: ConsentRequest): Promise<void> {
    const question = { hash: request.hash, abort: new LinkedAbort() };
    this.#question = question;
    const allowed = await this.#options.ask(request, question.abort.signal);
    if (this.#question !== question) return;
    this.#question = undefined;
    if (!allowed) return;
    try {
      await this.#options.consents.allow(folder, request.hash);
    } catch (error) {
      throw new UserError(
        say(
          "Your consent could not be saved: {0}. Nothing was changed, and nothing new is claimed. Make room on the disk and check the permissions of ~/.one, then restart the worker to be asked again.",
          messageOf(error),
        ),
        { cause: error },
      );
    }
    this.#options.onAllowed();
  }
}
