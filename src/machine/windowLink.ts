import type { WindowLink } from "../core/ports/windowLink";
import type { ExclusiveNames } from "./exclusive";
import type { StateContext } from "./jsonFile";
import { OwnerClient } from "./ownerClient";
import { serveViewer } from "./viewerServer";

/** The channel between the window that runs a worker and those that show it. */
export function createWindowLink(names: ExclusiveNames, context: StateContext): WindowLink {
  const nameOf = (name: string): string => `window ${name}`;
  return {
    serve: async (name, service) => {
      const held = await names.hold(nameOf(name), (connection) => {
        serveViewer(connection, service, context);
      });
      if (held === undefined) throw new Error("another window serves this name");
      return held;
    },
    connect: async (name, onState, signal) => {
      const connection = await names.connect(nameOf(name), signal);
      return connection === undefined ? undefined : new OwnerClient(connection, onState, context);
    },
  };
}
