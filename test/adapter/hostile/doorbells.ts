import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer, type Server } from "node:net";
import { join } from "node:path";

/** Who listens on this machine for what must not get out: on TCP, UDP and both kinds of local sockets. */
export class Doorbells {
  /** Who was rung, once for each time. */
  readonly rung: string[] = [];
  readonly path: string;
  readonly abstract: string;
  readonly #servers: Server[] = [];
  /** A remote of git that asks for a password; to come here is no harm. */
  readonly #locked = createHttpServer((_request, response) => {
    response.writeHead(401, { "www-authenticate": "Basic realm=git", connection: "close" }).end();
  });
  readonly #udp: Socket = createSocket("udp4");

  private constructor(folder: string) {
    this.path = join(folder, "doorbell.sock");
    this.abstract = `doorbell-${process.pid}-${folder.replace(/\W/g, "-")}`;
  }

  static async open(folder: string): Promise<Doorbells> {
    const bells = new Doorbells(folder);
    await bells.#listen("tcp", { host: "127.0.0.1", port: 0 });
    await bells.#listen("path socket", { path: bells.path });
    if (process.platform === "linux") await bells.#listen("abstract socket", { path: `\0${bells.abstract}` });
    bells.#locked.listen(0, "127.0.0.1");
    await once(bells.#locked, "listening");
    bells.#udp.on("message", () => bells.rung.push("udp"));
    bells.#udp.bind(0, "127.0.0.1");
    await once(bells.#udp, "listening");
    return bells;
  }

  get tcp(): number {
    return portOf(this.#servers[0]);
  }

  get locked(): number {
    return portOf(this.#locked);
  }

  get udp(): number {
    return this.#udp.address().port;
  }

  async close(): Promise<void> {
    this.#udp.close();
    this.#locked.closeAllConnections();
    for (const server of [this.#locked, ...this.#servers]) {
      server.close();
      await once(server, "close");
    }
  }

  async #listen(name: string, where: { host: string; port: number } | { path: string }): Promise<void> {
    const server = createServer((socket) => {
      this.rung.push(name);
      socket.on("error", () => undefined); // who rang has ended
      socket.destroy();
    });
    this.#servers.push(server);
    server.listen(where);
    await once(server, "listening");
  }
}

function portOf(server: Server | undefined): number {
  const address = server?.address();
  if (address === null || typeof address !== "object") throw new Error("nobody listens");
  return address.port;
}
