import { fullJitterMs } from "../base/backoff";
import type { Clock } from "../base/clock";
import { messageOf, type Log } from "../base/log";
import type { Random } from "../base/random";
import { say } from "../base/words";
import { UserError } from "./actions";
import { PlatformError, refusesContent } from "./platformError";
import { troubleWith } from "./platformWords";
import type { Configuration, Configurations } from "./ports/configurations";
import type { Connection } from "./ports/connection";
import type { Registration, RuntimeFacts } from "./ports/platform";
import { otherWorkerAnswered } from "./registrar";
import { registrationFingerprint } from "./registration";
import type { Store } from "./store";
import { changeStored } from "./storedConfiguration";
import type { WorkerExit } from "./workerExit";

/** How long failed tries are apart at most, milliseconds. */
const longestWaitMs = 30_000;

/** What is told of the coding tool while the workflow that names it must not be used. */
const unknownRuntime: RuntimeFacts = { provider: "codex", version: undefined };

export interface PreparationDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly store: Store;
  readonly configurations: Configurations;
  readonly connection: Connection;
  /** The facts to register now; throws UserError when the workflow is broken or waits for consent. */
  readonly registration: (idempotencyKey: string, signal: AbortSignal) => Promise<Registration>;
}

/** Why a worker cannot run at all. */
export type Unprepared =
  Extract<WorkerExit, { kind: "signedOut" | "rejected" }> | { readonly kind: "otherAccount" };

export interface Prepared {
  readonly configuration: Configuration;
  readonly runtime: RuntimeFacts;
}

/** Checks the account and sends changed facts; waits out a platform that cannot be reached. */
export async function prepareWorker(
  deps: PreparationDeps,
  configuration: Configuration,
  signal: AbortSignal,
): Promise<Prepared | Unprepared> {
  const { clock, random, log, store } = deps;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const user = await deps.connection.platform.getCurrentUser(signal);
      if (user.userId !== configuration.userId) return { kind: "otherAccount" };
      return await register(deps, configuration, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (PlatformError.is(error, "signedOut", "unauthorized")) {
        return { kind: "signedOut", message: error.message };
      }
      if (PlatformError.is(error, "forbidden", "notFound")) {
        return { kind: "rejected", message: troubleWith(error, say) };
      }
      if (!PlatformError.is(error, "network", "timeout", "server", "rateLimited", "badAnswer")) throw error;
      log.warn("the platform cannot be reached yet", { message: messageOf(error) });
      store.dispatch({ kind: "pollFailed", at: clock.now(), message: troubleWith(error, say) });
      const backoffMs = 1000 + fullJitterMs(attempt, { baseMs: 2000, maxMs: longestWaitMs - 1000 }, random);
      await clock.sleep(Math.max(error.retryAfterMs ?? 0, backoffMs), signal);
    }
  }
}

async function register(
  deps: PreparationDeps,
  configuration: Configuration,
  signal: AbortSignal,
): Promise<Prepared | Unprepared> {
  const registration = await presentFacts(deps, configuration, signal);
  if (registration === undefined) return { configuration, runtime: unknownRuntime };
  const registrationHash = registrationFingerprint(registration);
  const { runtime, name } = registration;
  const { agentName, workspaceName } = configuration;
  deps.store.dispatch({ kind: "identified", agentName, workspaceName, workerName: name });
  if (registrationHash === configuration.registrationHash) return { configuration, runtime };
  const answered = await send(deps, configuration, registration, signal);
  if (answered !== configuration.workerId) return { kind: "rejected", message: otherWorkerAnswered };
  await changeStored(deps.configurations, configuration, { registrationHash });
  return { configuration: { ...configuration, registrationHash }, runtime };
}

/** Undefined when the workflow must not be used now: the worker itself says so, and registers once it may be. */
async function presentFacts(
  deps: PreparationDeps,
  configuration: Configuration,
  signal: AbortSignal,
): Promise<Registration | undefined> {
  try {
    return await deps.registration(configuration.idempotencyKey, signal);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    deps.log.warn("the worker starts with the facts it had", { message: error.message });
    return undefined;
  }
}

async function send(
  deps: PreparationDeps,
  { workspaceId, agentId }: Configuration,
  registration: Registration,
  signal: AbortSignal,
): Promise<string> {
  const { platform } = deps.connection;
  try {
    return (await platform.registerWorker({ workspaceId, agentId }, registration, signal)).workerId;
  } catch (error) {
    if (!refusesContent(error)) throw error;
    throw new UserError(
      say(
        "The platform refused this worker's facts ({0}). Check the oneHorizon.worker settings: name, instructions, group.",
        messageOf(error),
      ),
      { cause: error },
    );
  }
}
