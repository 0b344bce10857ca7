import type { RuntimeEvent } from "../../core/ports/runtime";
import { headOf, tailOf } from "../textTail";
import { isOwnTool } from "./ownToolNames";
import type { ToolUpdate } from "./protocol";
import type { AcpState, MappingContext, Tool } from "./state";

const titleChars = 2000;
const commandChars = 16_000;
const shownCommandChars = 2000;
const outputChars = 4000;
/** More than is shown, so that nothing secret is cut in two before it is hidden. */
const rawOutputChars = 16_000;
const pathsKept = 500;
const toolsKept = 500;
/** Commands of one turn that are told; an agent could name any number of them. */
const commandsTold = 2000;

type Mapped = readonly [AcpState, readonly RuntimeEvent[]];

/** What a tool call, new or changed, tells. Pure. */
export function mapTool(state: AcpState, update: ToolUpdate, context: MappingContext): Mapped {
  const before = state.tools.get(update.toolCallId);
  if (before?.done === true) return [state, []];
  const tool = mergedTool(before, update, context.nowMs);
  const status = update.status ?? "pending";
  const done = status === "completed" || status === "failed";
  const starts = !tool.told && isCommand(tool) && state.commands < commandsTold;
  const commands = starts ? state.commands + 1 : state.commands;
  const events: RuntimeEvent[] = [];
  if (starts) events.push({ kind: "commandStarted", itemId: tool.id, command: shown(tool, context) });
  if (starts && commands === commandsTold) events.push(noMore);
  const next: Tool = { ...tool, told: tool.told || starts, done };
  if (done) events.push(...ended(next, status === "completed", context));
  return [{ ...state, commands, tools: kept(state.tools, next) }, events];
}

/** The ends of commands that were begun and never told as ended: the turn is over. Pure. */
export function endTools(state: AcpState, context: MappingContext): readonly RuntimeEvent[] {
  return [...state.tools.values()].filter((one) => one.told && !one.done).map((one) => ran(one, context));
}

/** The tool call with what is new of it. Pure. */
export function mergedTool(before: Tool | undefined, update: ToolUpdate, nowMs: number): Tool {
  const { content, locations, rawInput, rawOutput } = update;
  const input = rawInput ?? before?.input;
  const { terminal_output, terminal_output_delta, terminal_exit } = update._meta ?? {};
  const texts = content?.map((one) => one.content?.text ?? "").filter((one) => one !== "");
  const whole = texts === undefined || texts.length === 0 ? outputOf(rawOutput) : texts.join("\n");
  const more = `${terminal_output?.data ?? ""}${terminal_output_delta?.data ?? ""}`;
  const output = more === "" ? whole : `${before?.output ?? ""}${more}`;
  return {
    id: update.toolCallId,
    kind: update.kind ?? before?.kind ?? "other",
    title: typeof update.title !== "string" ? (before?.title ?? "") : headOf(update.title, titleChars),
    name: update.name ?? before?.name,
    command: commandOf(rawInput) ?? before?.command,
    cwd: fieldOf(rawInput, "cwd") ?? before?.cwd,
    input,
    paths: locations?.slice(0, pathsKept).map((one) => one.path) ?? before?.paths ?? [],
    diffs: content?.flatMap(diffOf) ?? before?.diffs ?? [],
    terminals:
      content
        ?.flatMap(({ terminalId }) => (typeof terminalId !== "string" ? [] : [terminalId]))
        .slice(0, 20) ??
      before?.terminals ??
      [],
    output: output === undefined ? (before?.output ?? "") : tailOf(output, rawOutputChars),
    exitCode: terminal_exit?.exit_code ?? exitCodeOf(rawOutput) ?? before?.exitCode,
    startedAt: before?.startedAt ?? nowMs,
    told: before?.told ?? false,
    done: before?.done ?? false,
  };
}

type Content = NonNullable<ToolUpdate["content"]>[number];

function diffOf({ type, path, oldText, _meta }: Content): Tool["diffs"] {
  if (type !== "diff" || typeof path !== "string") return [];
  if (_meta?.kind === "delete") return [{ path, change: "delete" }];
  return [{ path, change: typeof oldText !== "string" ? "add" : "update" }];
}

function isCommand(tool: Tool): boolean {
  return (tool.kind === "execute" || tool.terminals.length > 0) && !isOwnTool(tool);
}

function ended(tool: Tool, completed: boolean, context: MappingContext): readonly RuntimeEvent[] {
  const events: RuntimeEvent[] = [];
  if (tool.told) events.push(ran(tool, context));
  // An edit that failed or was declined changed nothing.
  const files = completed ? filesOf(tool) : [];
  if (files.length > 0) events.push({ kind: "filesChanged", itemId: tool.id, files });
  return events;
}

function ran(tool: Tool, context: MappingContext): RuntimeEvent {
  const [terminal] = tool.terminals.map((id) => context.terminal(id)).filter((one) => one !== undefined);
  return {
    kind: "commandCompleted",
    itemId: tool.id,
    command: shown(tool, context),
    exitCode: terminal?.exitCode ?? tool.exitCode,
    durationMs: terminal?.durationMs ?? Math.max(0, Math.round(context.nowMs - tool.startedAt)),
    outputTail: tailOf(context.redact(terminal?.output ?? tool.output), outputChars),
  };
}

type Files = Extract<RuntimeEvent, { kind: "filesChanged" }>["files"];

/** The files that a step changed; for a move or a deletion the protocol has places only. */
export function filesOf(tool: Tool): Files {
  const diffs = [...new Map(tool.diffs.map((one) => [one.path, one])).values()];
  if (diffs.length > 0) return diffs.slice(0, pathsKept);
  const change = tool.kind === "delete" ? ("delete" as const) : ("update" as const);
  if (!["edit", "delete", "move"].includes(tool.kind)) return [];
  return [...new Set(tool.paths)].map((path) => ({ path, change }));
}

/** The command as the agent means it; its title where it names none. */
export function wholeCommand(tool: Tool): string {
  return tool.command ?? tool.title.replace(/^`([^`]*)`$/u, "$1");
}

function shown(tool: Tool, context: MappingContext): string {
  const [terminal] = tool.terminals.map((id) => context.terminal(id)).filter((one) => one !== undefined);
  const command = tool.command ?? terminal?.command ?? wholeCommand(tool);
  return headOf(context.redact(command) || "a command", shownCommandChars);
}

/** `command` as a text or an argv; the shell around a script is left out. */
function commandOf(input: unknown): string | undefined {
  const command = memberOf(input, "command") ?? memberOf(input, "cmd");
  if (typeof command === "string") return command.slice(0, commandChars + 1);
  if (!Array.isArray(command)) return undefined;
  const words = command.filter((one) => typeof one === "string");
  const [shell = "", flag = "", script] = words;
  const wrapped = words.length === 3 && /(^|\/)(ba|z|da)?sh$/u.test(shell) && /^-l?c$/u.test(flag);
  return (wrapped ? script : words.join(" "))?.slice(0, commandChars + 1);
}

function exitCodeOf(output: unknown): number | undefined {
  const told = memberOf(output, "exitCode") ?? memberOf(output, "exit_code");
  return typeof told === "number" && Number.isInteger(told) ? told : undefined;
}

function outputOf(output: unknown): string | undefined {
  if (typeof output === "string") return output;
  const told =
    memberOf(output, "formatted_output") ?? memberOf(output, "output") ?? memberOf(output, "stdout");
  return typeof told === "string" ? told : undefined;
}

function fieldOf(value: unknown, name: string): string | undefined {
  const field = memberOf(value, name);
  return typeof field === "string" ? field : undefined;
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

function kept(tools: ReadonlyMap<string, Tool>, tool: Tool): ReadonlyMap<string, Tool> {
  const next = new Map(tools);
  next.set(tool.id, tool);
  const [oldest] = next.keys();
  if (next.size > toolsKept && oldest !== undefined) next.delete(oldest);
  return next;
}

const noMore: RuntimeEvent = {
  kind: "warning",
  text: `The agent ran ${commandsTold} commands; further ones are not shown.`,
};
