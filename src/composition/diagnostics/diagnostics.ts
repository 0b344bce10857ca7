import { plainAddresses, shareable } from "../../base/redaction/shareable";
import { runChecks, type CheckedRow, type Diagnostics, type DiagnosticsReport } from "../../core/diagnostics";
import { accountChecks } from "./accountChecks";
import { once } from "./findings";
import { folderChecks } from "./folderChecks";
import { machineChecks } from "./machineChecks";
import type { DiagnosedParts } from "./parts";
import { platformChecks } from "./platformChecks";
import { settingChecks } from "./settingChecks";
import { toolChecks } from "./toolChecks";
import { workerChecks } from "./workerChecks";
import { workflowFacts } from "./workflowFacts";

/**
 * The checks of this window. What a row says has passed the redactor, without the user's home, name and the queries of
 * addresses.
 * @param facts what ran where; read at each run.
 */
export function diagnosticsOf(parts: DiagnosedParts, facts: () => DiagnosticsReport["facts"]): Diagnostics {
  const { clock, log, redactor, owner } = parts;
  const hide = (text: string): string => shareable(redactor.redact(plainAddresses(text)), owner);
  return {
    run: async (onRow, signal) => {
      const workflow = once(() => workflowFacts(parts));
      const checks = [
        ...settingChecks(parts),
        ...machineChecks(parts),
        ...folderChecks(parts, workflow),
        ...toolChecks(parts, workflow),
        ...accountChecks(parts),
        ...platformChecks(parts),
        ...workerChecks(parts),
      ];
      const tell = (row: CheckedRow): void => {
        log.debug("a check is done", { check: row.id, verdict: row.verdict, tookMs: row.tookMs });
        onRow(row, checks.length);
      };
      const rows = await runChecks(checks, clock, tell, signal);
      return {
        at: clock.now(),
        facts: facts().map(({ name, value }) => ({ name, value: hide(value) })),
        rows: rows.map((row) => hidden(row, hide)),
      };
    },
  };
}

function hidden(row: CheckedRow, hide: (text: string) => string): CheckedRow {
  const { name, found, advice } = row;
  return {
    ...row,
    name: hide(name),
    found: hide(found),
    advice: advice === undefined ? undefined : hide(advice),
  };
}
