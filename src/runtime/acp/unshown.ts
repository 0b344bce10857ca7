import type { TextRedactor } from "../../base/redaction/redactor";
import type { RuntimeEvent } from "../../core/ports/runtime";
import { headOf, tailOf } from "../textTail";
import type { Terminals } from "./terminals";
import type { WorktreeFiles } from "./worktreeFiles";

/** What the agent's own tool calls have told. */
export interface Shown {
  readonly terminals: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
}

/** Tells what an agent did through us and no tool call of it showed: nothing that happened stays unsaid. */
export function tellUnshown(run: {
  readonly files: Pick<WorktreeFiles, "written">;
  readonly terminals: Pick<Terminals, "ids" | "facts">;
  readonly shown: Shown;
  readonly onEvent: (event: RuntimeEvent) => void;
  readonly redactor: TextRedactor;
}): void {
  const { files, terminals, shown, onEvent, redactor } = run;
  for (const id of terminals.ids.filter((one) => !shown.terminals.has(one))) {
    const facts = terminals.facts(id);
    if (facts === undefined) continue;
    const command = headOf(redactor.redact(facts.command), 2000);
    const { exitCode, durationMs } = facts;
    const outputTail = tailOf(redactor.redact(facts.output), 4000);
    onEvent({ kind: "commandStarted", itemId: id, command });
    onEvent({ kind: "commandCompleted", itemId: id, command, exitCode, durationMs, outputTail });
  }
  const written = files.written.filter(({ path }) => !shown.files.has(path)).slice(0, 500);
  if (written.length > 0) onEvent({ kind: "filesChanged", itemId: "written", files: written });
}
