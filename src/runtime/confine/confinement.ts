import { realpath } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import type { Clock } from "../../base/clock";
import { messageOf, type Log } from "../../base/log";
import type { Random } from "../../base/random";
import type { TextRedactor } from "../../base/redaction/redactor";
import { ownPlacesOf } from "../../core/providers";
import type { RunRequest } from "../../core/ports/runtime";
import { runCommand } from "../commandRunner";
import { runtimeEnvironment, type Environment } from "../environment";
import type { KeeperProgram } from "../keeper/keeperLink";
import { programPath } from "../programPath";
import { bubblewrapArguments } from "./bubblewrap";
import { gitPlaces } from "./gitPlaces";
import { placeRules, type PlaceRule } from "./places";
import { seatbeltProfile } from "./seatbelt";

/** A sandbox of the system that holds a whole agent with all it starts. */
export type ConfinementKind = "bubblewrap" | "seatbelt";

export interface ConfinementOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly redactor: TextRedactor;
  /** The host's own environment, from which the allow-list is taken. */
  readonly environment: Environment;
  readonly keeper: KeeperProgram;
  /** Absolute paths of folders that nothing inside may read. */
  readonly privateFolders: readonly string[];
  /** Absolute paths of files of this extension that an agent starts. */
  readonly ownPrograms?: readonly string[];
  readonly platform?: NodeJS.Platform;
}

interface Held extends Pick<
  RunRequest,
  "policy" | "workingDirectory" | "provider" | "command" | "environmentNames"
> {
  readonly artifactsDirectory: string | undefined;
}

/** How the processes of one run are started. */
export interface Confined {
  /** The argv with which the agent itself is started: it has to reach its model. */
  readonly agent: (command: readonly string[]) => Promise<readonly string[]>;
  /** The same for a command that the agent runs through us: with a network only where the policy gives one. */
  readonly command: (command: readonly string[], workingDirectory: string) => Promise<readonly string[]>;
}

const bare: Confined = {
  agent: (command) => Promise.resolve(command),
  command: (command) => Promise.resolve(command),
};

const probeMs = 15_000;

/** The sandbox of this system for tools that have none of their own, as far as the system has one. */
export class Confinement {
  readonly #options: ConfinementOptions;
  /** What worked once is never done without: a sandbox that is gone since ends a run, and leaves none without it. */
  #found: { readonly kind: ConfinementKind; readonly program: string } | undefined;

  constructor(options: ConfinementOptions) {
    this.#options = options;
  }

  /** The one that really works here; undefined where a person has to be asked whether an agent may run without. */
  async kind(signal: AbortSignal): Promise<ConfinementKind | undefined> {
    return (await this.#find(signal))?.kind;
  }

  /** @throws when what a rule is about cannot be looked at. */
  async hold(request: Held, scratch: string, signal: AbortSignal): Promise<Confined> {
    if (request.policy.sandbox === "danger-full-access") return bare;
    const found = await this.#find(signal);
    if (found === undefined) return bare;
    const rules = await this.#rules(request, scratch);
    const environment = this.#environment(request.environmentNames);
    const wrap = async (
      command: readonly string[],
      workingDirectory: string,
      network: boolean,
    ): Promise<readonly string[]> => {
      const [program = "", ...args] = command;
      const path = await programPath(program, environment);
      // Left as it is, starting it says what is wrong with it.
      if (path === undefined) return command;
      return this.#argv(found, { rules, workingDirectory, network }, [path, ...args]);
    };
    return {
      agent: (command) => wrap(command, request.workingDirectory, true),
      command: (command, workingDirectory) => wrap(command, workingDirectory, request.policy.network),
    };
  }

  #argv(
    { kind, program }: { readonly kind: ConfinementKind; readonly program: string },
    place: {
      readonly rules: readonly PlaceRule[];
      readonly workingDirectory: string;
      readonly network: boolean;
    },
    inner: readonly string[],
  ): readonly string[] {
    if (kind === "seatbelt") {
      return [program, "-p", seatbeltProfile(place.rules, place.network), ...inner];
    }
    return bubblewrapArguments({ ...place, program, root: process.getuid?.() === 0 }, inner);
  }

  async #rules(request: Held, scratch: string): Promise<readonly PlaceRule[]> {
    const { workingDirectory, artifactsDirectory, provider, command, policy } = request;
    const real = async (path: string): Promise<string> => await realpath(path);
    const present = async (paths: readonly string[]): Promise<readonly string[]> => {
      const found = await Promise.all(paths.map((path) => realpath(path).catch(() => undefined)));
      return found.filter((path) => path !== undefined);
    };
    const folder = await real(workingDirectory);
    const named = command.filter((one) => isAbsolute(one));
    return placeRules({
      policy,
      workingDirectory: folder,
      artifactsDirectory: artifactsDirectory === undefined ? folder : await real(artifactsDirectory),
      scratch: await real(scratch),
      ownPlaces: await present(this.#ownPlaces(provider, command)),
      // Beside the artifacts lie the texts that were too long for the prompt.
      shown: await present([
        ...(await gitPlaces(folder)),
        ...named,
        ...(this.#options.ownPrograms ?? []),
        ...(artifactsDirectory === undefined ? [] : [dirname(artifactsDirectory)]),
      ]),
      privateFolders: await present(this.#options.privateFolders),
    });
  }

  /** Codex' own folder may be named by a variable. */
  #ownPlaces(provider: string, command: readonly string[]): readonly string[] {
    const { HOME: home, CODEX_HOME: codexHome } = this.#options.environment;
    if (home === undefined || !isAbsolute(home)) return [];
    return ownPlacesOf(provider, command).map((place) =>
      place === ".codex" && codexHome !== undefined && isAbsolute(codexHome) ? codexHome : join(home, place),
    );
  }

  async #find(
    signal: AbortSignal,
  ): Promise<{ readonly kind: ConfinementKind; readonly program: string } | undefined> {
    if (this.#found !== undefined) return this.#found;
    const platform = this.#options.platform ?? process.platform;
    const kind = platform === "linux" ? "bubblewrap" : platform === "darwin" ? "seatbelt" : undefined;
    if (kind === undefined) return undefined;
    const name = kind === "bubblewrap" ? "bwrap" : "/usr/bin/sandbox-exec";
    const program = await programPath(name, this.#environment([]));
    if (program === undefined) return undefined;
    if (!(await this.#works({ kind, program }, signal))) return undefined;
    return (this.#found = { kind, program });
  }

  /** Namespaces may be forbidden where the program is there. */
  async #works(
    found: { readonly kind: ConfinementKind; readonly program: string },
    signal: AbortSignal,
  ): Promise<boolean> {
    const { log } = this.#options;
    const place = { rules: [], workingDirectory: "/", network: true };
    try {
      const environment = this.#environment([]);
      const inner = await programPath("true", environment);
      if (inner === undefined) return false;
      const { ok, ended, stderr } = await runCommand({
        ...this.#options,
        command: this.#argv(found, place, [inner]),
        workingDirectory: "/",
        environment,
        limitMs: probeMs,
        signal,
      });
      if (!ok) log.warn("the system's sandbox does not work", { ended, stderr: stderr.slice(-500) });
      return ok;
    } catch (error) {
      signal.throwIfAborted();
      log.warn("the system's sandbox could not be tried", { error: messageOf(error) });
      return false;
    }
  }

  #environment(names: readonly string[]): Record<string, string> {
    const { environment, random } = this.#options;
    return runtimeEnvironment({
      parent: environment,
      platform: process.platform,
      names,
      marker: random.uuid(),
    });
  }
}
