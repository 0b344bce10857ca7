import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../../src/base/log";
import { extraCertificates } from "../../../src/platform/heartbeat/extraCertificates";
import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer, type Server as HttpsServer } from "node:https";
import { connect, type Socket } from "node:net";
import type { Agent } from "node:http";
import { sendBeat, type TryResult } from "../../../src/platform/heartbeat/sendBeat";
import { agentFor } from "../../../src/platform/heartbeat/tunnel";
import type { NetworkFacts } from "../../../src/platform/heartbeat/network";
import { makeCertificate } from "./certificates";

const portOf = (server: Server | HttpsServer): number => {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
};
const listen = (server: Server | HttpsServer): Promise<void> =>
  new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

describe("beats through a proxy", () => {
  const { key, cert } = makeCertificate();
  let platform: HttpsServer;
  let proxy: Server;
  let asked: { readonly authority: string; readonly credentials: string | undefined }[];
  let beats: (string | undefined)[];
  let sockets: Set<Socket>;
  let agents: Agent[];
  let refuse: boolean;

  beforeEach(async () => {
    asked = [];
    beats = [];
    sockets = new Set();
    agents = [];
    refuse = false;
    platform = createHttpsServer({ key, cert }, (request, response) => {
      request.resume();
      beats.push(request.headers.authorization);
      response.writeHead(200, { "content-type": "application/json" });
      response.end('{"serverTime":"2030-01-01T00:00:00Z"}');
    });
    await listen(platform);
    proxy = createHttpServer();
    proxy.on("connect", (request, client: Socket) => {
      asked.push({ authority: request.url ?? "", credentials: request.headers["proxy-authorization"] });
      sockets.add(client);
      client.on("error", () => undefined);
      if (refuse) {
        client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
        return;
      }
      // Only the proxy knows where platform.test is.
      const upstream = connect(portOf(platform), "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        upstream.pipe(client).pipe(upstream);
      });
      sockets.add(upstream);
      upstream.on("error", () => client.destroy());
    });
    await listen(proxy);
  });
  afterEach(async () => {
    for (const agent of agents) agent.destroy();
    for (const socket of sockets) socket.destroy();
    platform.closeAllConnections();
    proxy.closeAllConnections();
    await Promise.all([platform, proxy].map((server) => new Promise((resolve) => server.close(resolve))));
  });

  const beat = (network: NetworkFacts, agent?: Agent): Promise<TryResult> => {
    const url = new URL("https://platform.test/api/beat");
    const used = agent ?? agentFor(url, network);
    agents.push(used);
    return sendBeat({ url, agent: used, token: "t", body: { state: "idle" }, cutOffMs: 3000 });
  };
  const proxyAddress = (credentials = ""): string => `http://${credentials}127.0.0.1:${portOf(proxy)}`;

  it("asks the proxy for the platform, with its credentials, and keeps the connection", async () => {
    const network = { proxy: proxyAddress("me:p%40ss@"), ca: [cert] };
    const agent = agentFor(new URL("https://platform.test/"), network);
    assert.deepEqual(await beat(network, agent), { kind: "accepted" });
    assert.deepEqual(await beat(network, agent), { kind: "accepted" });
    assert.deepEqual(beats, ["Bearer t", "Bearer t"]);
    const credentials = `Basic ${Buffer.from("me:p@ss").toString("base64")}`;
    assert.deepEqual(asked, [{ authority: "platform.test:443", credentials }]);
  });

  it("does not trust a certificate that it was not given", async () => {
    const result = await beat({ proxy: proxyAddress() });
    assert.equal(result.kind, "failed");
    assert.deepEqual(beats, []);
  });

  it("fails in time when the proxy refuses or is gone", async () => {
    refuse = true;
    const refused = await beat({ proxy: proxyAddress(), ca: [cert] });
    assert.ok(refused.kind === "failed" && refused.message.includes("407"), JSON.stringify(refused));
    const gone = await beat({ proxy: "http://127.0.0.1:9", ca: [cert] });
    assert.equal(gone.kind, "failed");
    assert.deepEqual(beats, []);
  });

  it("goes past the proxy where NO_PROXY says so", async () => {
    const result = await beat({ proxy: proxyAddress(), noProxy: "platform.test", ca: [cert] });
    assert.equal(result.kind, "failed", "platform.test has no address here");
    assert.deepEqual(asked, []);
  });

  it("is cut off when nobody answers", async () => {
    const silent = createHttpServer(() => undefined);
    await listen(silent);
    const url = new URL(`http://127.0.0.1:${portOf(silent)}/`);
    const agent = agentFor(url, {});
    agents.push(agent);
    const before = performance.now();
    const result = await sendBeat({ url, agent, token: "t", body: {}, cutOffMs: 100 });
    assert.ok(performance.now() - before < 2000);
    assert.ok(result.kind === "failed" && result.retry && result.message.includes("no answer within 100 ms"));
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
  });

  it("trusts the certificates of the files that the environment names", async () => {
    const folder = await mkdtemp(join(tmpdir(), "extra-"));
    try {
      const path = join(folder, "ca.pem");
      await writeFile(path, `comment\n${cert}\n${cert}`);
      const missing = { NODE_EXTRA_CA_CERTS: join(folder, "missing.pem"), SSL_CERT_FILE: path };
      const ca = await extraCertificates(missing, silentLog);
      assert.equal(ca.length, 1);
      assert.deepEqual(await beat({ proxy: proxyAddress(), ca: [...ca] }), { kind: "accepted" });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
