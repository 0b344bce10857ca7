import { toolSpecs } from "../tools";
import type { Tool } from "./state";

/** The name of our server of tools, as the agent's model sees it. */
export const serverName = "one_horizon";

/** Agents name a tool of a server in their own ways. */
const names: ReadonlySet<string> = new Set(
  toolSpecs().flatMap(({ name }) => [
    `mcp.${serverName}.${name}`,
    `mcp__${serverName}__${name}`,
    `${serverName}/${name}`,
    `${serverName}.${name}`,
  ]),
);

/**
 * Is this the use of one of the worker's own tools? It goes through us anyway, so that nobody is asked about it. A command
 * that has such a text is none, and one with only that text runs nothing. Pure.
 */
export function isOwnTool({ name, title, command }: Pick<Tool, "name" | "title" | "command">): boolean {
  return command === undefined && (names.has(title) || (name !== undefined && names.has(name)));
}
