import { KeyedQueue } from "../base/keyedQueue";
import type { Configuration, Configurations } from "./ports/configurations";

/** The same worker of the same account; names and what may change over its life are not compared. */
export function isSameWorker(a: Configuration, b: Configuration): boolean {
  return (
    a.origin === b.origin &&
    a.clientId === b.clientId &&
    a.userId === b.userId &&
    a.workspaceId === b.workspaceId &&
    a.agentId === b.agentId &&
    a.workerId === b.workerId
  );
}

/** The worker's configuration as it is stored now; undefined when the folder has another worker, or none, by now. */
export async function storedOf(
  configurations: Configurations,
  configuration: Configuration,
): Promise<Configuration | undefined> {
  const stored = await configurations.get(configuration.folder, configuration.origin);
  return stored !== undefined && isSameWorker(stored, configuration) ? stored : undefined;
}

/** What control by a person or the platform changes of the stored worker. */
export type ControlChange = Partial<Pick<Configuration, "stoppedByPerson" | "paused" | "handledSignal">>;

/** One change after the other, so that none writes back what another has just replaced. */
const changes = new WeakMap<Configurations, KeyedQueue>();

/** Changes what is stored of this worker; another worker's configuration is left alone. */
export async function changeStored(
  configurations: Configurations,
  configuration: Configuration,
  change: ControlChange & Partial<Pick<Configuration, "registrationHash">>,
): Promise<void> {
  const queue = changes.get(configurations) ?? new KeyedQueue();
  changes.set(configurations, queue);
  await queue.run(JSON.stringify([configuration.folder, configuration.origin]), async () => {
    const stored = await storedOf(configurations, configuration);
    if (stored !== undefined) await configurations.set({ ...stored, ...change });
  });
}
