import { LinkedAbort } from "../base/abort";
import type { Clock } from "../base/clock";
import { withDeadline } from "../base/deadline";
import { messageOf } from "../base/log";
import { say, translated } from "../base/words";

/** What a check is about, in the order in which a report tells it. */
export const checkGroups = [
  "settings",
  "machine",
  "folder",
  "tool",
  "account",
  "platform",
  "worker",
] as const;
export type CheckGroup = (typeof checkGroups)[number];

/**
 * - passed: as expected
 * - attention: it works, and a person should know of it
 * - failed: this keeps the worker from its work
 * - notTried: it could not, or may not, be found out now; no fault by itself
 */
export type Verdict = "passed" | "attention" | "failed" | "notTried";

/** What one check came to. Texts are for people and may hold what others wrote. */
export interface Finding {
  readonly verdict: Verdict;
  readonly found: string;
  /** What to do; only where there is something to do. */
  readonly advice?: string | undefined;
}

/** One question to the machine, the folder or the platform. Changes nothing that lasts. */
export interface Check {
  /** Stable, for example `git.version`. */
  readonly id: string;
  readonly group: CheckGroup;
  readonly name: string;
  readonly expected: string;
  /** Longest wait for the answer, milliseconds. */
  readonly limitMs: number;
  find(signal: AbortSignal): Promise<Finding>;
}

export interface CheckedRow extends Finding, Pick<Check, "id" | "group" | "name" | "expected"> {
  /** Milliseconds; undefined where it was not tried. */
  readonly tookMs: number | undefined;
}

export interface DiagnosticsReport {
  /** Wall clock, milliseconds. */
  readonly at: number;
  /** What ran where: versions, the system, the kind of window. */
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** One for each check, in the order of the groups. */
  readonly rows: readonly CheckedRow[];
}

/** Where reports come from. */
export interface Diagnostics {
  /**
   * Runs every check. Never rejects: a check that fails is a row, and where the signal aborts the rest is not tried.
   * @param onRow told of each row as it comes, with how many there are in all.
   */
  run(onRow: (row: CheckedRow, of: number) => void, signal: AbortSignal): Promise<DiagnosticsReport>;
}

/** The rows of all checks. Groups run side by side, the checks of one group one after the other, as they build on each other. */
export async function runChecks(
  checks: readonly Check[],
  clock: Clock,
  onRow: (row: CheckedRow) => void,
  signal: AbortSignal,
): Promise<readonly CheckedRow[]> {
  const lanes = checkGroups.map(async (group) => {
    // One listener for each lane on the signal of them all, however many the checks need.
    const lane = new LinkedAbort(signal);
    const rows: CheckedRow[] = [];
    for (const check of checks.filter((one) => one.group === group)) {
      const row = await runCheck(check, clock, lane.signal);
      rows.push(row);
      onRow(row);
    }
    lane.dispose();
    return rows;
  });
  return (await Promise.all(lanes)).flat();
}

class TooLate extends Error {
  override readonly name = "TooLate";
}

async function runCheck(check: Check, clock: Clock, signal: AbortSignal): Promise<CheckedRow> {
  const { id, group, name, expected, limitMs } = check;
  const began = clock.monotonic();
  const row = (finding: Finding): CheckedRow => ({
    ...{ id, group, name, expected },
    ...finding,
    found: translated(finding.found),
    tookMs: finding.verdict === "notTried" ? undefined : clock.monotonic() - began,
  });
  try {
    signal.throwIfAborted();
    const late = new TooLate();
    return row(await withDeadline(clock, limitMs, late, signal, (inner) => check.find(inner)));
  } catch (error) {
    if (signal.aborted) return row(cancelled());
    if (error instanceof TooLate) {
      return row({
        verdict: "failed",
        found: say("No answer within {0} s.", limitMs / 1000),
        advice: say("Check again. If it stays so, see the log for what it waits for."),
      });
    }
    return row({ verdict: "failed", found: messageOf(error) });
  }
}

function cancelled(): Finding {
  return { verdict: "notTried", found: say("The check was cancelled.") };
}
