import { realpath } from "node:fs/promises";
import type { Clock } from "../../base/clock";
import type { Log } from "../../base/log";
import type { Random } from "../../base/random";
import type { TextRedactor } from "../../base/redaction/redactor";
import type { RunPolicy } from "../../core/policy";
import type { RunRequest } from "../../core/ports/runtime";
import type { KeeperProgram } from "../keeper/keeperLink";
import { markerName, runtimeEnvironment, type Environment, type WorkerFacts } from "../environment";
import { appServerArguments, type ArgumentsRequest } from "./arguments";
import { projectFolders } from "./projectFolders";

/** What this adapter gets from outside. */
export interface CodexRuntimeOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** What the tool says passes it before anything of it is cut. */
  readonly redactor: TextRedactor;
  /** The host's own environment, from which the allow-list is taken. */
  readonly environment: Environment;
  /** This extension's version, told to Codex. */
  readonly clientVersion: string;
  readonly keeper: KeeperProgram;
  /** Absolute path below which each run gets a folder for its temporary files. Others use it too. */
  readonly scratchFolder: string;
  /** Absolute paths of folders that no command in a sandbox may read. */
  readonly privateFolders: readonly string[];
}

export interface Launch {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** argv and environment of one run's app-server. */
export async function launchOf(
  options: CodexRuntimeOptions,
  request: RunRequest,
  scratch: string,
): Promise<Launch> {
  const worker = { name: request.workerName, artifactsDirectory: request.artifactsDirectory };
  const environment = environmentOf(options, request, { marker: request.marker, worker });
  const sandbox = await sandboxOf(options, request, environment, scratch);
  return { command: appServerArguments(sandbox), environment };
}

/** The environment of any process of the owner's command, with the run's marker or one of its own. */
export function environmentOf(
  options: CodexRuntimeOptions,
  request: { readonly command: readonly string[]; readonly environmentNames: readonly string[] },
  run?: { readonly marker: string; readonly worker: WorkerFacts },
): Record<string, string> {
  return runtimeEnvironment({
    parent: options.environment,
    platform: process.platform,
    names: request.environmentNames,
    marker: run?.marker ?? options.random.uuid(),
    worker: run?.worker,
    runsHostProgram: request.command[0] === process.execPath,
  });
}

/** The sandbox that commands of the model and hooks get: what they may read and write and which variables they see. */
export async function sandboxOf(
  options: Pick<CodexRuntimeOptions, "privateFolders">,
  request: {
    readonly command: readonly string[];
    readonly policy: RunPolicy;
    readonly workingDirectory: string;
    readonly artifactsDirectory: string | undefined;
  },
  environment: Readonly<Record<string, string>>,
  scratch: string,
): Promise<ArgumentsRequest> {
  const { command, policy, workingDirectory, artifactsDirectory } = request;
  const written = artifactsDirectory === undefined ? [scratch] : [artifactsDirectory, scratch];
  return {
    command,
    policy,
    untrustedFolders: await projectFolders(workingDirectory),
    writableRoots: await realPaths(written),
    privateFolders: await realPaths(options.privateFolders),
    shellEnvironment: { ...ownVariables(environment), TMPDIR: scratch },
  };
}

/** A rule holds for the real path, whatever links lead there. What does not exist is left out. */
export async function realPaths(folders: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(folders.map((folder) => realpath(folder).catch(() => undefined)));
  return found.filter((folder) => folder !== undefined);
}

/** Repeated for each command of the model, because a user's own configuration may filter what commands inherit. */
function ownVariables(environment: Readonly<Record<string, string>>): Record<string, string> {
  const names = [markerName, "ONE_WORKER_NAME", "ONE_WORKER_ARTIFACTS_DIR"];
  return Object.fromEntries(Object.entries(environment).filter(([name]) => names.includes(name)));
}
