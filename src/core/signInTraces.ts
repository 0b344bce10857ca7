/** What a sign-in leaves on a machine, as the makers of the tool document it. */
export interface SignInTraces {
  /** Files below the home folder: one that is there, and not empty, holds a sign-in. */
  readonly files: readonly string[];
  /** Files below the home folder that may lead to a sign-in elsewhere, such as a keychain or a model of one's own. */
  readonly settings: readonly string[];
  /** Variables that it takes a key from. */
  readonly variables: readonly string[];
  /** Where nothing of the above is there, nobody is signed in; else it may lie where no file shows it. */
  readonly complete: (platform: string) => boolean;
}

/** What can be told of a sign-in without asking the tool. */
export type SignInState =
  | { readonly kind: "signedIn" }
  /** A key is there, which the agent gets where `runtime.environment` names the variable. */
  | { readonly kind: "key"; readonly variable: string }
  /** `how`: a command line. */
  | { readonly kind: "signedOut"; readonly how: string }
  | { readonly kind: "unknown" };

const everywhere = (): boolean => true;
const nowhere = (): boolean => false;

// https://developers.openai.com/codex/auth: auth.json under CODEX_HOME, or the system's keychain where config.toml says so.
const codex: SignInTraces = {
  files: [".codex/auth.json"],
  settings: [".codex/config.toml"],
  variables: [],
  complete: everywhere,
};

const traces: ReadonlyMap<string, SignInTraces> = new Map<string, SignInTraces>([
  ["codex", codex],
  // https://github.com/agentclientprotocol/codex-acp: it takes the sign-in of Codex, or one of these keys.
  ["codex-acp", { ...codex, variables: ["CODEX_API_KEY", "OPENAI_API_KEY"] }],
  [
    // https://code.claude.com/docs/en/authentication: the keychain on macOS, that file elsewhere; settings may name a helper.
    "claude-code",
    {
      files: [".claude/.credentials.json"],
      settings: [".claude/settings.json"],
      variables: ["ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN", "ANTHROPIC_AUTH_TOKEN"],
      complete: (platform) => platform !== "darwin",
    },
  ],
  [
    // https://geminicli.com/docs/get-started/authentication, and its source: oauth_creds.json, or the keychain with an
    // encrypted file in its place; settings.json says which way was chosen.
    "gemini",
    {
      files: [".gemini/oauth_creds.json", ".gemini/gemini-credentials.json"],
      settings: [".gemini/settings.json", ".gemini/.env", ".env"],
      variables: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
      complete: everywhere,
    },
  ],
  [
    // https://opencode.ai/docs/cli/#auth: that file; a model of one's own is in its settings.
    "opencode",
    {
      files: [".local/share/opencode/auth.json"],
      settings: [
        ...["opencode.json", "opencode.jsonc", "config.json"].map((name) => `.config/opencode/${name}`),
      ],
      variables: ["OPENCODE_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_API_KEY"],
      complete: everywhere,
    },
  ],
  [
    // https://cursor.com/docs/cli/reference/authentication: "stored locally", it does not say where.
    "cursor",
    { files: [], settings: [], variables: ["CURSOR_API_KEY"], complete: nowhere },
  ],
]);

/** Undefined for a tool of which nothing is known. */
export function signInTracesOf(provider: string): SignInTraces | undefined {
  return traces.get(provider);
}
