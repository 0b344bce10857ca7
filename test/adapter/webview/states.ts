import type { TimelineEntry } from "../../../src/core/timeline";
import type { PanelHeader, ToPanel } from "../../../src/ui/panel/protocol";
import { approval, header, question, runningCommand, startedAt, story } from "./scenes";

const needsYou: PanelHeader["state"] = {
  icon: "comment-unresolved",
  color: "charts.yellow",
  text: "needs you",
  spins: false,
};

/** Each state in which a panel is looked at. */
export const states = {
  running: () => scene(header(), [...story(), runningCommand(Date.now() - 12_000)]),
  approval: () =>
    scene(
      header({
        state: { ...needsYou, text: "asks for approval" },
        questions: [approval],
        buttons: header().buttons.map((button) => ({ ...button, primary: false })),
        input: { questionId: approval.questionId, placeholder: "Deny it, and say what to do instead…" },
      }),
      [...story(), open("approval-entry", "May Codex run npm install?")],
    ),
  question: () =>
    scene(
      header({
        state: { ...needsYou, text: "asks a question" },
        questions: [question],
        buttons: header().buttons.map((button) => ({ ...button, primary: false })),
        input: { questionId: question.questionId, placeholder: "Your answer…" },
      }),
      [...story(), open("question-entry", question.text)],
    ),
  complete: () =>
    scene(
      header({
        state: { icon: "pass", color: "testing.iconPassed", text: "complete", spins: false },
        plan: header().plan.map((step) => ({ ...step, status: "completed" })),
        live: false,
      }),
      [
        ...story(),
        {
          id: "final",
          at: startedAt + 300_000,
          kind: "message",
          final: true,
          text: "CSV export works: *Export as CSV* is in the palette and in the menu of a table.\n\n1. Columns keep their order.\n2. Quotes and line breaks follow RFC 4180.\n\nI left the default separator a comma, as you said.",
        },
        {
          id: "done",
          at: startedAt + 310_000,
          kind: "worker",
          level: "info",
          text: "Reported complete",
        },
      ],
    ),
  failed: () =>
    scene(
      header({
        state: { icon: "error", color: "testing.iconFailed", text: "failed", spins: false },
        detail:
          "Codex is not signed in on this machine. The worktree and its 3 changed files are kept. Run codex login, then claim again.",
        live: false,
        time: { modelMs: 0, commandsMs: 0, waitingMs: 0, workerMs: 9_000 },
        plan: [],
        buttons: [
          { verb: "claim", label: "Claim", icon: "play", primary: true },
          { verb: "openLog", label: "Show Log", icon: "output", primary: false },
        ],
      }),
      [
        ...story().slice(0, 6),
        {
          id: "why",
          at: startedAt + 80_000,
          kind: "worker",
          level: "error",
          text: "Codex is not signed in on this machine.",
        },
      ],
    ),
  empty: () =>
    scene(
      header({
        state: { icon: "circle-outline", color: "descriptionForeground", text: "queued", spins: false },
        facts: [{ label: "Queued", icon: "clock", value: "3m ago", tooltip: "", copies: undefined }],
        plan: [],
        time: undefined,
        buttons: [{ verb: "claim", label: "Claim", icon: "play", primary: true }],
        live: false,
      }),
      [],
    ),
} satisfies Record<string, () => readonly ToPanel[]>;

function scene(told: PanelHeader, entries: readonly TimelineEntry[]): readonly ToPanel[] {
  return [
    { kind: "words", locale: "en", words: {} },
    { kind: "header", header: told },
    { kind: "timeline", entries, dropped: 0 },
  ];
}

function open(id: string, text: string): TimelineEntry {
  return { id, at: startedAt + 235_000, kind: "question", text, status: "open", answer: undefined };
}
