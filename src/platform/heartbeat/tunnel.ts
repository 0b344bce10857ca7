import { Agent as HttpAgent, request as httpRequest, type ClientRequestArgs } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest, type AgentOptions } from "node:https";
import { PassThrough, type Duplex } from "node:stream";
import { connect as tlsConnect, rootCertificates } from "node:tls";
import { asWritten } from "../../base/words";
import { proxyFor, type NetworkFacts } from "./network";

const connectTimeoutMs = 10_000;

/** An agent that keeps one connection open to the platform, through the proxy and with the certificates given. */
export function agentFor(url: URL, network: NetworkFacts): HttpAgent {
  const keep = { keepAlive: true, maxSockets: 2 };
  if (url.protocol === "http:") return new HttpAgent(keep);
  const ca = network.ca === undefined ? {} : { ca: [...rootCertificates, ...network.ca] };
  const proxy = proxyFor(url, network);
  return proxy === undefined
    ? new HttpsAgent({ ...keep, ...ca })
    : new TunnelAgent(proxy, { ...keep, ...ca });
}

type Created = (error: Error | null, stream: Duplex) => void;

/** HTTPS through a proxy: CONNECT, then TLS to the platform itself, so that the proxy sees neither token nor body. */
class TunnelAgent extends HttpsAgent {
  readonly #proxy: URL;
  readonly #tls: AgentOptions;

  constructor(proxy: URL, options: AgentOptions) {
    super(options);
    this.#proxy = proxy;
    this.#tls = options;
  }

  override createConnection(options: ClientRequestArgs, created?: Created): undefined {
    const host = options.host ?? options.hostname ?? "";
    const port = String(options.port ?? 443);
    const fail = (error: Error): void => {
      // The typings want a stream beside the error; nobody looks at it.
      created?.(error, new PassThrough());
    };
    this.#connect(host, port, fail, (socket) => {
      const ca = this.#tls.ca === undefined ? {} : { ca: this.#tls.ca };
      const secured = tlsConnect({ socket, servername: host, ...ca });
      secured.once("error", fail);
      secured.once("secureConnect", () => {
        secured.off("error", fail);
        created?.(null, secured);
      });
    });
  }

  #connect(host: string, port: string, fail: (error: Error) => void, done: (socket: Duplex) => void): void {
    const proxy = this.#proxy;
    const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
    const send = proxy.protocol === "https:" ? httpsRequest : httpRequest;
    const ca = this.#tls.ca === undefined ? {} : { ca: this.#tls.ca };
    const request = send({
      ...ca,
      agent: false,
      method: "CONNECT",
      host: proxy.hostname.replace(/^\[|\]$/gu, ""),
      port: proxy.port === "" ? (proxy.protocol === "https:" ? 443 : 80) : Number(proxy.port),
      path: authority,
      headers: { host: authority, ...credentials(proxy) },
      timeout: connectTimeoutMs,
    });
    request.once("connect", (response, socket) => {
      if (response.statusCode === 200) {
        done(socket);
        return;
      }
      socket.destroy();
      fail(new Error(asWritten("the proxy answered {0}", response.statusCode ?? 0)));
    });
    request.once("timeout", () => request.destroy(new Error(asWritten("the proxy did not answer"))));
    request.once("error", fail);
    request.end();
  }
}

function credentials(proxy: URL): { readonly "proxy-authorization"?: string } {
  if (proxy.username === "") return {};
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(pair).toString("base64")}` };
}
