/** Which worker this machine runs for a folder: machine-local, never synced, never sent. */
export interface Configuration {
  /** Origin of the platform. */
  readonly origin: string;
  readonly clientId: string;
  readonly userId: string;
  readonly workspaceId: string;
  readonly workspaceName: string;
  readonly agentId: string;
  readonly agentName: string;
  readonly workerId: string;
  /** At least 16 characters; the same for every registration of this worker. */
  readonly idempotencyKey: string;
  /** Path of the folder the worker is for. */
  readonly folder: string;
  /** A person stopped the worker: it stays stopped over reloads until a person starts it. */
  readonly stoppedByPerson: boolean;
  /** The worker was paused: a reload does not make it claim again. */
  readonly paused?: boolean | undefined;
  /** The control signal that was carried out last: an acknowledgement that is missing is all that is left to do for it. */
  readonly handledSignal?: string | undefined;
  /** The facts last registered, to see when they changed. */
  readonly registrationHash?: string | undefined;
}

export interface Configurations {
  get(folder: string, origin: string): Promise<Configuration | undefined>;
  /** Resolves when it is on disk. */
  set(configuration: Configuration): Promise<void>;
  delete(folder: string, origin: string): Promise<void>;
}
