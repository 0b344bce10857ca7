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

/** Changes what is stored of this worker; another worker's configuration is left alone. */
export async function changeStored(
  configurations: Configurations,
  configuration: Configuration,
  change: Partial<Pick<Configuration, "stoppedByPerson" | "paused" | "registrationHash">>,
): Promise<void> {
  const stored = await storedOf(configurations, configuration);
  if (stored !== undefined) await configurations.set({ ...stored, ...change });
}
