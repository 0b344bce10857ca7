import type { TimelineEntry, TimelineFact } from "../../../src/core/timeline";
import type { PanelHeader } from "../../../src/ui/panel/protocol";

/** Four minutes ago: what still runs is counted on the real clock. */
export const startedAt = Date.now() - 240_000;
const second = 1_000;
const minute = 60 * second;

const fact = (label: string, icon: string, value: string, tooltip = "", copies?: string) => ({
  label,
  icon,
  value,
  tooltip,
  copies,
});

const idle: PanelHeader = {
  sessionId: "session-1",
  title: "Add CSV export",
  state: { icon: "loading", color: "charts.blue", text: "running", spins: true },
  facts: [
    fact("Elapsed", "clock", "6m", "Started 6 minutes ago"),
    fact(
      "Branch",
      "git-branch",
      "one-horizon/add-csv-export-7f3a",
      "Copy the branch's name",
      "one-horizon/add-csv",
    ),
    fact(
      "Worktree",
      "folder",
      "add-csv-export-7f3a",
      "Copy the path",
      "/home/one/worktrees/add-csv-export-7f3a",
    ),
    fact("Changes", "diff-multiple", "+120 −14"),
    fact("Claimed by", "window", "this window", "As the worker “Studio”"),
    fact("Lease", "key", "12m left"),
    fact("Heartbeat", "pulse", "3s ago"),
    fact("Model", "sparkle", "gpt-5-codex"),
  ],
  detail: undefined,
  plan: [
    { text: "Read the exporter", status: "completed" },
    { text: "Add column mapping", status: "completed" },
    { text: "Write the CSV writer", status: "completed" },
    { text: "Wire the command into the palette and the menu", status: "inProgress" },
    { text: "Tests", status: "pending" },
  ],
  questions: [],
  buttons: [
    { verb: "showChanges", label: "Show Changes", icon: "diff-multiple", primary: true },
    { verb: "openWorktree", label: "Open Worktree", icon: "folder-opened", primary: false },
    { verb: "release", label: "Release", icon: "debug-stop", primary: false },
  ],
  more: [
    { verb: "openLog", label: "Show Log", icon: "output", primary: false },
    { verb: "openUrl", label: "Open in Browser", icon: "link-external", primary: false },
    { verb: "copyId", label: "Copy ID", icon: "copy", primary: false },
  ],
  time: { modelMs: 220 * second, commandsMs: 115 * second, waitingMs: 25 * second, workerMs: 8 * second },
  input: undefined,
  live: true,
};

export function header(change: Partial<PanelHeader> = {}): PanelHeader {
  return { ...idle, ...change };
}

const output = `
> exporter@2.1.0 test
> vitest run export

 \u001b[31m❯\u001b[39m test/export/csv.test.ts (6 tests | 1 failed)
   \u001b[31m×\u001b[39m keeps the order of columns
     → expected [ 'name', 'id' ] to deeply equal [ 'id', 'name' ]

 Test Files  1 failed | 3 passed (4)
      Tests  1 failed | 27 passed (28)
`;

const facts: readonly (readonly [afterMs: number, fact: TimelineFact])[] = [
  [0, { kind: "worker", level: "info", text: "Claimed by this worker, attempt 1" }],
  [4 * second, { kind: "worker", level: "info", text: "Worktree ready on one-horizon/add-csv-export-7f3a" }],
  [9 * second, { kind: "reasoning", text: "**Looking for the exporter**\n\nThe writer is in `src/export`." }],
  [
    14 * second,
    command("rg -n 'export' src --glob '*.ts'", 0, 300, "src/export/writer.ts:12:export class Writer {\n"),
  ],
  [
    20 * second,
    {
      kind: "message",
      final: false,
      text: "I'll keep the **column mapping** apart from the writer, so that `Writer` knows no CSV.",
    },
  ],
  [
    70 * second,
    {
      kind: "files",
      files: [
        { path: "src/export/columns.ts", change: "add" },
        { path: "src/export/writer.ts", change: "update" },
      ],
    },
  ],
  [75 * second, command("npm test -- export", 1, 8_200, output)],
  [
    2 * minute,
    {
      kind: "activity",
      text: "Column mapping is in `src/export/columns.ts`; the **order of columns** is next.",
    },
  ],
  [
    130 * second,
    {
      kind: "question",
      text: "Which separator should be the default?",
      status: "answered",
      answer: "A comma; semicolons only where the locale wants them.",
    },
  ],
  [
    150 * second,
    {
      kind: "files",
      files: [
        "src/export/csv.ts",
        "src/export/quote.ts",
        "src/commands/export.ts",
        "test/export/csv.test.ts",
        "docs/export.md",
      ].map((path) => ({ path, change: "update" as const })),
    },
  ],
  [
    170 * second,
    {
      kind: "message",
      final: false,
      text: 'The mapping now keeps the order of columns.\n\n| Case | Result |\n|:--|--:|\n| quotes | `""` |\n| line breaks | kept |\n\n- [x] RFC 4180\n- streams rows, see [the notes](https://example.com/notes)\n\n```ts\nfor await (const row of rows) yield quote(row);\n```',
    },
  ],
  [200 * second, command("npm test -- export", 0, 12_400, "28 passed\n")],
  [
    230 * second,
    { kind: "worker", level: "warning", text: "The heartbeat was late; the lease has been renewed." },
  ],
];

function command(
  text: string,
  exitCode: number | undefined,
  durationMs: number | undefined,
  outputTail: string,
): TimelineFact {
  const status = exitCode === undefined ? "running" : exitCode === 0 ? "succeeded" : "failed";
  return { kind: "command", command: text, status, exitCode, durationMs, outputTail };
}

function usage(at: number, totalTokens: number, contextTokens: number): TimelineEntry {
  const counts = {
    inputTokens: totalTokens,
    cachedInputTokens: 0,
    outputTokens: 0,
    reasoningOutputTokens: 0,
  };
  return {
    id: `usage-${at}`,
    at: startedAt + at,
    kind: "usage",
    contextTokens,
    usage: { ...counts, totalTokens, contextWindow: 258_400 },
  };
}

const used = [0, 9_000, 15_000, 24_000, 31_000, 45_000, 52_000, 66_000, 84_000];

/** A session of some minutes, with one of each kind. */
export function story(): readonly TimelineEntry[] {
  const told = facts.map(([after, one], index): TimelineEntry => ({
    ...one,
    id: `entry-${index}`,
    at: startedAt + after,
  }));
  const usages = used.map((total, index) => usage(index * 27 * second, total, 9_000 + index * 8_900));
  return [...told, ...usages].sort((a, b) => a.at - b.at);
}

/** What runs now; `at` of the real clock, since how long it runs is counted on. */
export function runningCommand(at: number): TimelineEntry {
  return {
    id: "running",
    at,
    ...command("npm run build && npm test -- --reporter=dot", undefined, undefined, ""),
  };
}

const midnight = Date.UTC(2026, 10, 21);

/** `count` entries of all heights, all of one day. */
export function many(count: number, first = 0): readonly TimelineEntry[] {
  return Array.from({ length: count }, (_, offset): TimelineEntry => {
    const index = first + offset;
    const base = { id: `many-${index}`, at: midnight + index * 7 * second };
    if (index % 5 === 0) {
      return {
        ...base,
        kind: "message",
        final: false,
        text: `Step ${index}\n\n${"- a line of the list\n".repeat(index % 7)}`,
      };
    }
    if (index % 7 === 0) return { ...base, kind: "activity", text: `Activity ${index}` };
    return { ...base, ...command(`echo ${index}`, index % 11 === 0 ? 1 : 0, index * 10, `${index}\n`) };
  });
}

export const approval: PanelHeader["questions"][number] = {
  questionId: "approval-1",
  text: "May Codex run this command?\nIn: /home/one/worktrees/add-csv-export-7f3a\nWhy: The package is needed for the tests.",
  command: "npm install --save-dev @types/papaparse\\u{202e}",
  options: [
    { label: "Approve", answer: { kind: "verb", verb: "approve" } },
    { label: "Approve for Session", answer: { kind: "verb", verb: "approveForSession" } },
    { label: "Deny", answer: { kind: "verb", verb: "deny" } },
  ],
};

export const question: PanelHeader["questions"][number] = {
  questionId: "question-1",
  text: "Which session store should the callback use?",
  command: undefined,
  options: [
    { label: "Redis", answer: { kind: "option", text: "Redis" } },
    { label: "In memory", answer: { kind: "option", text: "In memory" } },
    { label: "Do Not Answer", answer: { kind: "verb", verb: "deny" } },
  ],
};
