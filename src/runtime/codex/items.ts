import type { RuntimeEvent } from "../../core/ports/runtime";
import { headOf, tailOf } from "../textTail";
import { itemSchema, type CommandItem, type Item } from "./protocol";
import { shownCommand } from "./shownCommand";
import type { MappingState } from "./state";

const messageChars = 100_000;
const commandChars = 2000;
const outputChars = 4000;
const summaryChars = 4000;
const filesTold = 500;
const textsKept = 50;

/** What a started or completed item of the turn tells. Pure. */
export function mapItem(
  state: MappingState,
  raw: unknown,
  stage: "started" | "completed",
): readonly [MappingState, readonly RuntimeEvent[]] {
  const parsed = itemSchema.safeParse(raw);
  if (!parsed.success) return [state, []];
  const item = parsed.data;
  if (stage === "started") {
    if (item.type !== "commandExecution") return [state, []];
    return [state, [{ kind: "commandStarted", itemId: item.id, command: commandOf(item) }]];
  }
  if (item.type === "agentMessage") return mapMessage(state, item);
  return [state, completed(item)];
}

function completed(item: Exclude<Item, { type: "agentMessage" }>): readonly RuntimeEvent[] {
  switch (item.type) {
    case "reasoning": {
      const summary = (item.summary ?? []).join("\n\n").trim();
      if (summary.length === 0) return [];
      return [{ kind: "reasoning", itemId: item.id, summary: headOf(summary, summaryChars) }];
    }
    case "commandExecution":
      return [
        {
          kind: "commandCompleted",
          itemId: item.id,
          command: commandOf(item),
          exitCode: item.exitCode ?? undefined,
          durationMs: item.durationMs ?? undefined,
          outputTail: tailOf(item.aggregatedOutput ?? "", outputChars),
        },
      ];
    case "fileChange": {
      // A patch that was declined or failed changed nothing.
      if (item.status !== undefined && item.status !== null && item.status !== "completed") return [];
      const files = item.changes.slice(0, filesTold).map((one) => ({
        path: one.path,
        change: changeOf(one.kind.type),
      }));
      return [{ kind: "filesChanged", itemId: item.id, files }];
    }
  }
}

function mapMessage(
  state: MappingState,
  item: Extract<Item, { type: "agentMessage" }>,
): readonly [MappingState, readonly RuntimeEvent[]] {
  const text = headOf(item.text.trim(), messageChars);
  const final = item.phase === "final_answer";
  if (text.length === 0) return [state, []];
  const next: MappingState = {
    ...state,
    lastMessage: text,
    finalMessage: final ? text : state.finalMessage,
    told: [...state.told, text].slice(-textsKept),
  };
  if (state.retried && state.told.includes(text)) return [{ ...next, told: state.told }, []];
  return [next, [{ kind: "message", itemId: item.id, text, final }]];
}

/** The command as the model wrote it; the tool itself wraps it into a shell call. */
function commandOf(item: CommandItem): string {
  return headOf(shownCommand(item.command), commandChars);
}

function changeOf(kind: string): "add" | "update" | "delete" {
  return kind === "add" || kind === "delete" ? kind : "update";
}
