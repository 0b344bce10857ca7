import { posix, win32 } from "node:path";

/** An environment as Node gives it. */
export type Environment = Readonly<Record<string, string | undefined>>;

const everywhere = [
  ...["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TERM", "TMPDIR", "CODEX_HOME"],
  ...["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"],
  ...["http_proxy", "https_proxy", "all_proxy", "no_proxy"],
];
const onWindows = [...["SystemRoot", "ComSpec", "PATHEXT", "APPDATA", "LOCALAPPDATA", "USERPROFILE", "TEMP"]];
const prefixes = ["LC_", "SSL_CERT_"];

/** Names that no setting can pass on: our own, and those that would turn an editor's binary into something else. */
const reserved = /^(ONE_WORKER_|ONE_HORIZON_|ELECTRON_|VSCODE_|NODE_OPTIONS$|LD_|DYLD_)/i;

/** Nothing but the worker itself may set this variable. */
export function isReserved(name: string): boolean {
  return reserved.test(name);
}

/** The variable by which every process of one run is recognised, wherever it hides. */
export const markerName = "ONE_WORKER_ATTEMPT";

/** What a process of a session is told of the worker. */
export interface WorkerFacts {
  readonly name: string;
  /** Undefined where there is no attempt to make artifacts for. */
  readonly artifactsDirectory: string | undefined;
}

export interface EnvironmentRequest {
  readonly parent: Environment;
  readonly platform: NodeJS.Platform;
  /** Further names that the owner passes on. */
  readonly names: readonly string[];
  readonly marker: string;
  /** The command is the editor's own binary, which is a Node only when told so. */
  readonly runsHostProgram?: boolean;
  /** Absent for a probe. */
  readonly worker?: WorkerFacts | undefined;
}

/** The whole environment of a tool's process: an allow-list, never the parent's environment. Pure. */
export function runtimeEnvironment(request: EnvironmentRequest): Record<string, string> {
  const windows = request.platform === "win32";
  const key = (name: string): string => (windows ? name.toUpperCase() : name);
  const passed = request.names.filter((name) => !reserved.test(name));
  const allowed = new Set([...everywhere, ...(windows ? onWindows : []), ...passed].map(key));
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.parent)) {
    if (value === undefined) continue;
    if (!allowed.has(key(name)) && !prefixes.some((prefix) => key(name).startsWith(prefix))) continue;
    environment[name] = name.toUpperCase() === "PATH" ? absoluteFolders(value, windows) : value;
  }
  environment[markerName] = request.marker;
  if (request.runsHostProgram === true) environment["ELECTRON_RUN_AS_NODE"] = "1";
  if (request.worker !== undefined) {
    const { name, artifactsDirectory } = request.worker;
    environment["ONE_WORKER_NAME"] = name;
    if (artifactsDirectory !== undefined) environment["ONE_WORKER_ARTIFACTS_DIR"] = artifactsDirectory;
  }
  return environment;
}

const keeperNames = ["HOME", "TMPDIR", "TEMP", "SystemRoot"];

/**
 * The environment of the process keeper: the run's marker, so that it is found with the rest, and what makes the editor's
 * binary a Node, which the tool must not inherit. Nothing that the owner passes on reaches it. Pure.
 */
export function keeperEnvironment(tool: Readonly<Record<string, string>>): Record<string, string> {
  const names = [...keeperNames, markerName].map((name) => name.toUpperCase());
  const passed = Object.entries(tool).filter(([name]) => names.includes(name.toUpperCase()));
  return { ...Object.fromEntries(passed), ELECTRON_RUN_AS_NODE: "1" };
}

/** A relative folder of PATH would be looked up in the tool's working directory, which strangers can fill. */
function absoluteFolders(path: string, windows: boolean): string {
  const paths = windows ? win32 : posix;
  return path
    .split(paths.delimiter)
    .filter((folder) => paths.isAbsolute(folder))
    .join(paths.delimiter);
}
