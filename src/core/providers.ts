/** A coding tool that a workflow can name. */
export interface Provider {
  /** The language that it is spoken to in. */
  readonly speaks: "codex" | "acp";
  /** argv, where the workflow gives none; undefined: it has to give one. */
  readonly command: readonly string[] | undefined;
}

const codexCommand: readonly string[] = ["codex", "app-server"];

/** By the name in the workflow. A further tool is a line here. */
const providers: ReadonlyMap<string, Provider> = new Map([
  ["codex", { speaks: "codex", command: codexCommand }],
  ["acp", { speaks: "acp", command: undefined }],
]);

/** The one that holds where none is named. */
export const defaultProvider = "codex";

export const providerNames: readonly string[] = [...providers.keys()];

/** Undefined for a name that is not known. */
export function providerOf(name: string): Provider | undefined {
  return providers.get(name);
}

/** The command whose sandbox the owner's hooks run in: a tool without a sandbox that others can use leaves that to Codex. */
export function sandboxCommand(choice: {
  readonly provider: string;
  readonly command: readonly string[];
}): readonly string[] {
  return providerOf(choice.provider)?.speaks === "acp" ? codexCommand : choice.command;
}
