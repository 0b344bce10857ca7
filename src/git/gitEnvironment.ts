import { delimiter, isAbsolute } from "node:path";

/** Environment variables by name; what `process.env` is. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What git may see of the editor's environment. No GIT_* variable is on the list: a GIT_DIR or GIT_INDEX_FILE left
 * over from the shell that started the editor would send our commands to another repository. No DISPLAY either, so that
 * no helper of git opens a window for a command that nobody started by hand.
 */
const passed = new Set(
  [
    ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ"],
    ["SSH_AUTH_SOCK", "GNUPGHOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"],
    ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"],
    ["SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT", "APPDATA", "LOCALAPPDATA", "USERPROFILE", "HOMEDRIVE"],
    ["HOMEPATH", "TEMP", "TMP", "PROGRAMDATA", "PROGRAMFILES", "PROGRAMFILES(X86)"],
  ].flat(),
);

/** What every git call gets on top: no prompt, messages that can be read, no lock taken for a mere look. */
const fixed = {
  LC_ALL: "C",
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_LITERAL_PATHSPECS: "1",
  GCM_INTERACTIVE: "never",
} as const;

/** The names simple-git must let through: it removes every other GIT_* variable. */
export const ownGitVariables: readonly string[] = [
  "GIT_TERMINAL_PROMPT",
  "GIT_OPTIONAL_LOCKS",
  "GIT_LITERAL_PATHSPECS",
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_SSH_COMMAND",
  "GIT_PROGRESS_DELAY",
];

/** The environment of one git call: the allow-listed part of `parent`, our fixed values, then `extra`. */
export function gitEnvironment(
  parent: Environment,
  extra: Readonly<Record<string, string>>,
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(parent)) {
    if (value === undefined || !passed.has(name.toUpperCase())) continue;
    result[name] = name.toUpperCase() === "PATH" ? absoluteFolders(value) : value;
  }
  return { ...result, ...fixed, ...extra };
}

/** A relative folder of PATH would be looked up where git runs: in a tree that a tool fills. */
function absoluteFolders(path: string): string {
  return path
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .join(delimiter);
}
