import type { RunPolicy } from "../../core/policy";

export interface ArgumentsRequest {
  /** The owner's argv, for example `codex app-server`. */
  readonly command: readonly string[];
  readonly policy: RunPolicy;
  /** Folders whose own `.codex` configuration must stay without effect. */
  readonly untrustedFolders: readonly string[];
  /** Folders beside the working directory that the tool may write in `workspace-write`. */
  readonly writableRoots: readonly string[];
  /** Folders that the tool may not even read. They exist: what is missing cannot be covered. */
  readonly privateFolders: readonly string[];
  /** Variables that each command of the model gets, whatever the user's own configuration filters. */
  readonly shellEnvironment: Readonly<Record<string, string>>;
}

/** Names that no command of the model needs and that tend to hold secrets. Patterns are case-insensitive. */
const secretNames = ["*KEY*", "*SECRET*", "*TOKEN*", "*PASSWORD*", "*PASSWD*", "*CREDENTIAL*"];
const proxyNames = ["*_PROXY"];

/**
 * The argv of the app-server: the owner's command, then one override for everything that a configuration file could
 * otherwise widen. Pure.
 */
export function appServerArguments(request: ArgumentsRequest): readonly string[] {
  return [...request.command, ...overridesOf(request)];
}

/** The argv that runs `inner` in the sandbox a turn of this request would have. Pure. */
export function sandboxArguments(request: ArgumentsRequest, inner: readonly string[]): readonly string[] {
  const { sandbox } = request.policy;
  const profile = profileFor(sandbox);
  const mode =
    profile === undefined ? ["-c", `sandbox_mode=${tomlString(sandbox)}`] : ["--permission-profile", profile];
  return [...programOf(request.command), "sandbox", ...overridesOf(request), ...mode, "--", ...inner];
}

/**
 * The name of the permission profile that commands of this mode run under; undefined for full access, which knows no
 * bounds. The older sandbox modes are not enough: they let a command read every file of the user's.
 */
export function profileFor(sandbox: RunPolicy["sandbox"]): string | undefined {
  return sandbox === "danger-full-access" ? undefined : `one-horizon-${sandbox}`;
}

function overridesOf(request: ArgumentsRequest): readonly string[] {
  const { network } = request.policy;
  const roots = request.writableRoots.map(tomlString);
  // A proxy address may hold a password, and is of no use without a network.
  const excluded = [...secretNames, ...(network ? [] : proxyNames)].map(tomlString);
  const overrides = [
    projectsOverride(request.untrustedFolders),
    ...profileOverrides(request),
    `sandbox_workspace_write.network_access=${network}`,
    "sandbox_workspace_write.exclude_slash_tmp=true",
    "sandbox_workspace_write.exclude_tmpdir_env_var=true",
    `sandbox_workspace_write.writable_roots=[${roots.join(",")}]`,
    "shell_environment_policy.ignore_default_excludes=false",
    `shell_environment_policy.exclude=[${excluded.join(",")}]`,
    ...Object.entries(request.shellEnvironment).map(
      ([name, value]) => `shell_environment_policy.set.${name}=${tomlString(value)}`,
    ),
    ...(network ? [] : ['web_search="disabled"']),
    "check_for_update_on_startup=false",
  ];
  return overrides.flatMap((one) => ["-c", one]);
}

/** What the mode of this name allows, less the private folders. Of two rules the one for the narrower path holds. */
function profileOverrides(request: ArgumentsRequest): readonly string[] {
  const { sandbox, network } = request.policy;
  const profile = profileFor(sandbox);
  if (profile === undefined) return [];
  const writes = sandbox === "workspace-write";
  const rules = new Map([
    ...(writes ? [":slash_tmp", ":tmpdir"] : []).map((place) => [place, "read"] as const),
    ...request.privateFolders.map((folder) => [folder, "deny"] as const),
    ...(writes ? request.writableRoots : []).map((folder) => [folder, "write"] as const),
  ]);
  const files = [...rules].map(([path, rule]) => `${tomlString(path)}=${tomlString(rule)}`);
  const parent = writes ? ":workspace" : ":read-only";
  return [
    // Where profiles are defined, codex starts only with one of them chosen; each thread names its own all the same.
    `default_permissions=${tomlString(profile)}`,
    `permissions.${profile}={extends=${tomlString(parent)},filesystem={${files.join(",")}},network={enabled=${writes && network}}}`,
  ];
}

/** Keeps the folders' own `.codex` configuration without effect, and their trust out of the user's. */
export function projectsOverride(untrustedFolders: readonly string[]): string {
  const trust = untrustedFolders.map((folder) => `${tomlString(folder)}={trust_level="untrusted"}`);
  return `projects={${trust.join(",")}}`;
}

/** The part of the owner's argv that is the program itself: what stands before `app-server`. */
export function programOf(command: readonly string[]): readonly string[] {
  const at = command.indexOf("app-server");
  return at > 0 ? command.slice(0, at) : command;
}

/** A TOML basic string. Throws on a text that Unicode cannot hold, because a wrong path would guard nothing. */
export function tomlString(text: string): string {
  if (/\p{Surrogate}/u.test(text)) throw new Error("the path is not valid Unicode");
  return JSON.stringify(text).replaceAll("\u007f", "\\u007f");
}
