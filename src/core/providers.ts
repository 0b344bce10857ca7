import type { SignInState } from "./signInTraces";

/** A coding tool that a workflow can name. */
export interface Provider {
  /** The language that it is spoken to in. */
  readonly speaks: "codex" | "acp";
  /** As people call it. */
  readonly title: string;
  /** argv, where the workflow gives none; undefined: it has to give one. */
  readonly command: readonly string[] | undefined;
  /** What brings it, as a command line or an address; undefined where that is the owner's own affair. */
  readonly install: string | undefined;
  /** How its person signs in, as a command line; undefined where that is the owner's own affair. */
  readonly signIn: string | undefined;
  /** Its model's commands run in a sandbox of its own, as its settings have that. */
  readonly ownSandbox: boolean;
  /**
   * The program that goes on with a thread in a terminal, where it asks before it heeds what the model left in the worktree,
   * or can be told not to.
   */
  readonly threadProgram: "codex" | "claude" | undefined;
  /** Files and folders below the home folder that it keeps its sign-in and sessions in, and has to write. */
  readonly ownPlaces: readonly string[];
}

/** A coding tool that the worker knows by name, on this machine. */
export interface KnownTool {
  readonly provider: string;
  readonly title: string;
  /** Undefined where its program is not on the PATH that a session has. */
  readonly path: string | undefined;
  /** Undefined where it cannot be told without starting it. */
  readonly version: string | undefined;
  readonly signIn: SignInState;
  /** A command line or an address. */
  readonly install: string;
}

const codexCommand: readonly string[] = ["codex", "app-server"];

/** By the name in the workflow. A further tool is a line here. */
const providers: ReadonlyMap<string, Provider> = new Map<string, Provider>([
  [
    "codex",
    {
      speaks: "codex",
      title: "Codex",
      command: codexCommand,
      install: "npm install -g @openai/codex",
      signIn: "codex login",
      ownSandbox: true,
      threadProgram: "codex",
      ownPlaces: [".codex"],
    },
  ],
  [
    "claude-code",
    agent("Claude Code", ["claude-agent-acp"], {
      install: "npm install -g @agentclientprotocol/claude-agent-acp",
      signIn: "claude /login",
      threadProgram: "claude",
      ownPlaces: [".claude", ".claude.json"],
    }),
  ],
  [
    "gemini",
    agent("Gemini CLI", ["gemini", "--acp"], {
      install: "npm install -g @google/gemini-cli",
      signIn: "gemini",
      ownPlaces: [".gemini"],
    }),
  ],
  [
    "opencode",
    agent("OpenCode", ["opencode", "acp"], {
      install: "npm install -g opencode-ai",
      signIn: "opencode auth login",
      ownPlaces: [
        ".local/share/opencode",
        ".local/state/opencode",
        ".config/opencode",
        ".cache/opencode",
        ".opencode",
      ],
    }),
  ],
  [
    "cursor",
    agent("Cursor", ["cursor-agent", "acp"], {
      install: "https://cursor.com/docs/cli",
      signIn: "cursor-agent login",
      ownPlaces: [".cursor", ".config/cursor", ".cache/cursor"],
    }),
  ],
  [
    "codex-acp",
    agent("Codex over ACP", ["codex-acp"], {
      install: "npm install -g @agentclientprotocol/codex-acp",
      signIn: "codex login",
      ownSandbox: true,
      threadProgram: "codex",
      ownPlaces: [".codex"],
    }),
  ],
  ["acp", { ...agent("Another agent", [], {}), command: undefined }],
]);

/** The one that holds where none is named. */
export const defaultProvider = "codex";

/** The package of npm's registry that a tool comes in; undefined where it comes in none. Pure. */
export function packageOf(install: string): string | undefined {
  return /^npm install -g (\S+)$/.exec(install)?.[1];
}

export const providerNames: readonly string[] = [...providers.keys()];

/** Undefined for a name that is not known. */
export function providerOf(name: string): Provider | undefined {
  return providers.get(name);
}

/** As people call the coding tool of a session; one that names none is older, and Codex'. Pure. */
export function toolTitle(provider: string | undefined): string {
  return providerOf(provider ?? defaultProvider)?.title ?? provider ?? "";
}

/** What opens the thread of a session that this tool worked on; undefined where nothing does. Older sessions name none. Pure. */
export function threadProgramOf(provider: string | undefined): Provider["threadProgram"] {
  return providerOf(provider ?? defaultProvider)?.threadProgram;
}

/** The command whose sandbox the owner's hooks run in: a tool without a sandbox that others can use leaves that to Codex. */
export function sandboxCommand(choice: {
  readonly provider: string;
  readonly command: readonly string[];
}): readonly string[] {
  return providerOf(choice.provider)?.speaks === "acp" ? codexCommand : choice.command;
}

/**
 * What of the home folder an agent may write. A command of the owner's whose program is a known agent's is taken for that
 * one; of any other nothing is known, and it may write nothing there. Pure.
 */
export function ownPlacesOf(provider: string, command: readonly string[]): readonly string[] {
  const own = providerOf(provider)?.ownPlaces ?? [];
  if (own.length > 0) return own;
  const program = command[0]?.split(/[\\/]/).at(-1);
  const known = [...providers.values()].find(
    (one) => one.command !== undefined && one.command[0] === program,
  );
  return known?.ownPlaces ?? [];
}

function agent(title: string, command: readonly string[], facts: Partial<Provider>): Provider {
  return {
    ...{ speaks: "acp", title, command, install: undefined, signIn: undefined },
    ...{ ownSandbox: false, ownPlaces: [], threadProgram: undefined },
    ...facts,
  };
}
