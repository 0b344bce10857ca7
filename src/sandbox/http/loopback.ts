import { createServer } from "node:net";

/** The addresses of this machine itself, the usual one first. */
export const loopbackHosts: readonly string[] = ["127.0.0.1", "::1"];

/** The first of these addresses that the machine has. Rejects with the system's own error where it has none of them. */
export async function firstAvailable(hosts: readonly string[]): Promise<string> {
  let last: unknown = new Error("No address was named.");
  for (const host of hosts) {
    try {
      await listenOnce(host);
      return host;
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

function listenOnce(host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ host, port: 0, exclusive: true }, () => server.close(() => resolve()));
  });
}
