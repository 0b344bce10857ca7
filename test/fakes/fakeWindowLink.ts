import type { Disposable } from "../../src/base/disposable";
import { UserError } from "../../src/core/actions";
import type {
  OwnerConnection,
  WindowCommand,
  WindowLink,
  WindowService,
} from "../../src/core/ports/windowLink";
import type { WorkerState } from "../../src/core/state";

interface Served {
  readonly service: WindowService;
  readonly connections: Set<Disposable>;
}

/** The channel between the windows of one machine, in memory. */
export class FakeWindowLink implements WindowLink {
  readonly served = new Map<string, Served>();
  /** Commands that went from one window to another. */
  readonly commands: WindowCommand[] = [];
  /** While set, nobody can connect. */
  failure: Error | undefined;

  async serve(name: string, service: WindowService): Promise<Disposable> {
    await Promise.resolve();
    if (this.served.has(name)) throw new Error("another window serves this name");
    const served: Served = { service, connections: new Set() };
    this.served.set(name, served);
    return {
      dispose: () => {
        if (this.served.get(name) === served) this.served.delete(name);
        for (const one of served.connections) one.dispose();
      },
    };
  }

  async connect(name: string, onState: (state: WorkerState) => void): Promise<OwnerConnection | undefined> {
    await Promise.resolve();
    if (this.failure !== undefined) throw this.failure;
    const served = this.served.get(name);
    if (served === undefined) return undefined;
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const listening = served.service.onDidChange(onState);
    const connection: OwnerConnection = {
      ended,
      run: async (command) => {
        if (!served.connections.has(connection)) throw new UserError("The window closed.");
        this.commands.push(command);
        return await served.service.run(command);
      },
      dispose: () => {
        served.connections.delete(connection);
        listening.dispose();
        end();
      },
    };
    served.connections.add(connection);
    onState(served.service.state);
    return connection;
  }
}
