import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { endpointFor } from "../../../src/machine/endpoint";
import { temporaryMachine, type Machine } from "../../unit/machine/support";

/**
 * A temporary machine in whose state folder these names are ports of their own that no program listens on: where names
 * are ports there are only 12,000 of them, and other programs run here too.
 */
export async function machineWithFree(platform: NodeJS.Platform, names: readonly string[]): Promise<Machine> {
  for (;;) {
    const machine = await temporaryMachine();
    const endpoints = names.map((name) => endpointFor(platform, join(machine.home, "state"), name));
    const ports = endpoints.flatMap(({ address }) => ("port" in address ? [address.port] : []));
    const free = await Promise.all(ports.map((port) => isFree(port)));
    if (free.every(Boolean) && new Set(ports).size === ports.length) return machine;
    await machine.remove();
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen({ host: "127.0.0.1", port, exclusive: true });
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
