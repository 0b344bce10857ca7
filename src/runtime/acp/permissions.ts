import { isAbsolute, relative } from "node:path";
import type { Answer, Question } from "../../core/ports/person";
import { headOf } from "../textTail";
import type { PermissionOption } from "./protocol";
import type { Tool } from "./state";
import { filesOf, wholeCommand } from "./toolCalls";

/** As the protocol wants the answer. */
export type PermissionOutcome =
  { readonly outcome: "cancelled" } | { readonly outcome: "selected"; readonly optionId: string };

/** What a person cannot be shown whole is not asked. */
const whatChars = 16_000;
const whyChars = 1000;

/**
 * What is asked of a person before a step of the agent. Undefined where nobody could know what they approve. Pure.
 * @param tool with all that was told of it.
 */
export function permissionQuestion(
  tool: Tool,
  options: readonly PermissionOption[],
  workingDirectory: string,
): Question | undefined {
  const forSession = options.some((one) => one.kind === "allow_always");
  if (!forSession && !options.some((one) => one.kind === "allow_once")) return undefined;
  const asked = askedOf(tool, workingDirectory);
  if (asked.what.trim() === "" || asked.what.length > whatChars) return undefined;
  const why =
    tool.title.trim() === "" || tool.title === asked.what ? undefined : headOf(tool.title, whyChars);
  const { cwd } = tool;
  const where = cwd === undefined ? undefined : (insideOf(workingDirectory, cwd) ?? cwd);
  return {
    ...asked,
    why,
    where: where === undefined || where === "" ? undefined : headOf(where, whyChars),
    forSession,
    parts: [],
  };
}

function askedOf(tool: Tool, folder: string): Pick<Question, "about" | "what"> {
  if (tool.kind === "execute") return { about: "command", what: wholeCommand(tool) };
  const files = filesOf(tool).map(({ path }) => insideOf(folder, path) ?? path);
  if (files.length > 0) return { about: "fileChange", what: files.join(", ") };
  const input = tool.input === undefined ? "" : JSON.stringify(tool.input);
  return { about: "permission", what: [tool.title, input].filter((one) => one !== "").join(": ") };
}

/** The agent's own option for what a person decided; an approval for once is never given for good. Pure. */
export function answerOf(given: Answer, options: readonly PermissionOption[]): PermissionOutcome {
  const decision = given.kind === "decision" ? given.decision : "deny";
  if (decision === "cancel") return { outcome: "cancelled" };
  if (decision === "approve") return selected(options, ["allow_once"]) ?? refusal(options);
  if (decision === "approveForSession") {
    return selected(options, ["allow_always", "allow_once"]) ?? refusal(options);
  }
  return refusal(options);
}

/** No, in the agent's own words where it has some. Pure. */
export function refusal(options: readonly PermissionOption[]): PermissionOutcome {
  return selected(options, ["reject_once", "reject_always"]) ?? { outcome: "cancelled" };
}

function selected(
  options: readonly PermissionOption[],
  kinds: readonly string[],
): PermissionOutcome | undefined {
  for (const kind of kinds) {
    const option = options.find((one) => one.kind === kind);
    if (option !== undefined) return { outcome: "selected", optionId: option.optionId };
  }
  return undefined;
}

/** The path below the folder, empty for the folder itself; undefined for one outside. */
function insideOf(folder: string, path: string): string | undefined {
  const way = relative(folder, path);
  return way === ".." || way.startsWith("../") || way.startsWith("..\\") || isAbsolute(way) ? undefined : way;
}
