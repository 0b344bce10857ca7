// A platform that only a proxy can find: its name is in no DNS, and its certificate is of our own making.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer, request as httpRequest, type Server } from "node:http";
import { createServer as createHttpsServer, type Server as HttpsServer } from "node:https";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificate } from "../../adapter/platform/certificates";

export interface ProxiedPlatform {
  readonly origin: string;
  /** Address of the proxy. */
  readonly proxy: string;
  /** PEM file of the certificate. */
  readonly certificate: string;
  /** What the proxy was asked for, `host:port`, one entry for each tunnel. */
  readonly tunnels: readonly string[];
  /** Method and path of each request that came through. */
  readonly requests: readonly string[];
  /** Where requests are handed on to, an `http:` origin. */
  target: string;
  close(): Promise<void>;
}

export async function startProxiedPlatform(): Promise<ProxiedPlatform> {
  const { key, cert } = makeCertificate();
  const folder = await mkdtemp(join(tmpdir(), "oh-proxy-"));
  const certificate = join(folder, "platform.pem");
  await writeFile(certificate, cert);
  const tunnels: string[] = [];
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    return socket.once("close", () => sockets.delete(socket));
  };

  const platform = createHttpsServer({ key, cert }, (request, response) => {
    const { method = "GET", url = "/" } = request;
    requests.push(`${method} ${url.split("?", 1)[0] ?? ""}`);
    const { host, hostname, port } = new URL(state.target);
    const headers = { ...request.headers, host };
    const onward = httpRequest({ hostname, port, method, path: url, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });
  platform.on("connection", keep);
  const proxy = createHttpServer((_request, response) => response.writeHead(405).end());
  proxy.on("connection", keep);
  proxy.on("connect", (request, client: Socket) => {
    const wanted = request.url ?? "";
    tunnels.push(wanted);
    keep(client);
    if (wanted !== "platform.test:443") {
      client.end("HTTP/1.1 403 Forbidden\r\n\r\n"); // the editor's own gallery and telemetry
      return;
    }
    // Only the proxy knows where the platform is.
    const onward = keep(connect(portOf(platform), "127.0.0.1"));
    onward.once("connect", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      onward.pipe(client).pipe(onward);
    });
    onward.once("close", () => client.destroy());
    client.once("close", () => onward.destroy());
  });
  for (const server of [platform, proxy]) {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  }
  const state = {
    origin: "https://platform.test",
    proxy: `http://127.0.0.1:${portOf(proxy)}`,
    certificate,
    tunnels,
    requests,
    target: "",
    close: async () => {
      for (const socket of sockets) socket.destroy();
      for (const server of [platform, proxy]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
  return state;
}

function portOf(server: Server | HttpsServer): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
